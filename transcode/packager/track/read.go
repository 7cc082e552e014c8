package track

import (
	"errors"
	"fmt"
	"io"
)

// ReadFull reads all of p at an offset. A file that ends before is ErrDamaged;
// any other failure is the device's.
func ReadFull(in io.ReaderAt, p []byte, offset int64) error {
	n, err := in.ReadAt(p, offset)
	switch {
	case n == len(p):
		return nil
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: it ends at byte %d, within what it says it has", ErrDamaged, offset+int64(n))
	}
	return fmt.Errorf("read %d bytes at %d: %w", len(p), offset, err)
}
