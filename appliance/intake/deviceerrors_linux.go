package intake

import "syscall"

// deviceErrors are those that only Linux has.
func deviceErrors() []syscall.Errno {
	return []syscall.Errno{syscall.EREMOTEIO, syscall.ENOMEDIUM}
}
