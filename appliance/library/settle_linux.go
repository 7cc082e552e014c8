package library

import (
	"os"

	"golang.org/x/sys/unix"
)

// settle waits until a file's content has gone to the disk, without asking the
// disk to keep it: a few milliseconds on an SD card, where a sync takes some fifty.
//
// Without it ext4 may know the name and the size of a new file before it has
// any of its content: after a power cut the file is full of zeroes, or empty. With it
// the blocks are entered in the same transaction of the journal as the name that
// the file gets next, or in one before; and a transaction counts only when the
// disk has answered a flush, which takes the content along.
func settle(f *os.File) {
	// Where it is not known, a title's file may be lost with the power, as it says in doc.go.
	_ = unix.SyncFileRange(int(f.Fd()), 0, 0, unix.SYNC_FILE_RANGE_WAIT_BEFORE|unix.SYNC_FILE_RANGE_WRITE|unix.SYNC_FILE_RANGE_WAIT_AFTER)
}
