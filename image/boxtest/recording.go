package boxtest

import (
	"encoding/binary"
	"os"
	"testing"

	"streambox.local/image/blklog"
)

// Recording is the log of a disk's writes while QEMU still makes it.
type Recording struct {
	Guest *Guest
	Path  string
}

// Entries has the guest flush all that it has written, and says how many entries
// there are then: what was written until now is below that number, what comes later is not.
func (r Recording) Entries(t *testing.T) int {
	t.Helper()
	r.Guest.Sh(t, "sync")
	return r.Flushed(t)
}

// Flushed is how many entries QEMU had noted at the last flush (see package blklog).
// What the box has acknowledged as kept is below it.
func (r Recording) Flushed(t *testing.T) int {
	t.Helper()
	f, err := os.Open(r.Path)
	Must(t, err)
	defer f.Close()
	const entriesAt = 16
	var count [8]byte
	_, err = f.ReadAt(count[:], entriesAt)
	Must(t, err)
	return int(binary.LittleEndian.Uint64(count[:]))
}

// ReadLog reads a recording that is finished. The file is closed with the test.
func ReadLog(t *testing.T, path string) *blklog.Log {
	t.Helper()
	f, err := os.Open(path)
	Must(t, err)
	t.Cleanup(func() { _ = f.Close() })
	info, err := f.Stat()
	Must(t, err)
	log, err := blklog.Read(f, info.Size())
	Must(t, err)
	return log
}
