//go:build !linux

package intake

import "syscall"

// deviceErrors are those that only this system has: none that we know of.
func deviceErrors() []syscall.Errno { return nil }
