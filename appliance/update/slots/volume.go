package slots

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// volume is a block device, or a file.
type volume struct{ *os.File }

// SizeBytes works for devices too, of which stat says nothing.
func (v *volume) SizeBytes() (int64, error) {
	size, err := v.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, fmt.Errorf("asking for a partition's size: %w", err)
	}
	return size, nil
}

// Forget drops the pages of memory: after a sync they are clean, so nothing holds them there.
func (v *volume) Forget() error {
	if err := v.Sync(); err != nil {
		return fmt.Errorf("writing to the card: %w", err)
	}
	if err := forget(v.File); err != nil && err != unix.EINVAL && err != unix.ENOSYS { //nolint:errorlint // the system call's own number
		return fmt.Errorf("reading from the card: %w", err)
	}
	return nil
}
