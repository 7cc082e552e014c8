package intake

import (
	"os"

	"golang.org/x/sys/unix"
)

// uncache makes the kernel forget a page of a file, so that the device is asked.
func uncache(f *os.File, at, length int64) {
	_ = unix.Fadvise(int(f.Fd()), at, length, unix.FADV_DONTNEED) // advice: nothing is lost when it is not taken
}
