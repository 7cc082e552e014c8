package publish

import (
	"os"

	"golang.org/x/sys/unix"
)

// startSync has the kernel begin to write a file's content now, not when it
// has gathered seconds of it: the final sync then finds little left to do.
func startSync(f *os.File) {
	// A hint: where it fails the sync does the work, and tells of errors.
	_ = unix.SyncFileRange(int(f.Fd()), 0, 0, unix.SYNC_FILE_RANGE_WRITE)
}
