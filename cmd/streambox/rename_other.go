//go:build !linux

package main

func renameNew(from, to string) error { return renameChecked(from, to) }
