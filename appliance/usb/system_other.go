//go:build !linux

package usb

import "golang.org/x/sys/unix"

// readOnlyFlag is the bit of statfs(2) for a file system mounted read-only.
const readOnlyFlag = unix.MNT_RDONLY

// mountNumber: not known here.
func mountNumber(int) (number uint64, unique bool) { return 0, false }
