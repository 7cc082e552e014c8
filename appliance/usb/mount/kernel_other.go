//go:build !linux

package mount

import (
	"context"
	"errors"

	"streambox.local/appliance/usb/note"
)

// realKernel: sticks are mounted by Linux only; elsewhere the desktop does it.
type realKernel struct{}

func (realKernel) Mount(context.Context, string, string, FileSystem, Owner) error {
	return errors.ErrUnsupported
}

func (realKernel) Unmount(string) error { return nil }

func reasonOf(error) note.Reason { return note.Damaged }
