//go:build !linux

package main

import "errors"

func openTTY() (keyboard, error) {
	return nil, errors.New("drawing the panel in a terminal works on Linux only")
}
