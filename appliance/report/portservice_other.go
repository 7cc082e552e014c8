//go:build !linux

package report

func serviceAt(int) string { return "" }
