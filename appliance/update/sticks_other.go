//go:build !linux

package update

import "streambox.local/appliance/usb"

// Plugged finds nothing: no card runs anything but Linux.
func Plugged(string, string) ([]Candidate, error) { return nil, nil }

func hasBundle(usb.Stick) (bool, error) { return false, nil }
