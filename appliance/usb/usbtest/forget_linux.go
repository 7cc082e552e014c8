package usbtest

import (
	"os"

	"golang.org/x/sys/unix"
)

// forget takes a file out of the kernel's cache: the next read asks the stick.
func forget(f *os.File) {
	_ = unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED) // a hint
}
