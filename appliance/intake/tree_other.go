//go:build !linux

package intake

import "streambox.local/appliance/usb"

// treeOpener is how sticks are opened on this kernel.
func treeOpener() func(usb.Stick) (tree, error) { return openRootTree }
