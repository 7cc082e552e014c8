package mp4

import (
	"encoding/binary"
	"fmt"
	"io"

	"streambox.local/transcode/packager/track"
)

// window gives rows of a table, of which it holds a few at a time.
type window struct {
	in    io.ReaderAt
	bytes int // read at once
	buf   []byte
	first uint32 // row at buf[0]
	rows  uint32 // in buf
}

// row returns row i of the table; the bytes are good until the next call.
func (w *window) row(t table, i uint32) ([]byte, error) {
	if i-w.first >= w.rows || i < w.first {
		if i >= t.rows {
			return nil, fmt.Errorf("%w: a table has %d rows and needs another", track.ErrDamaged, t.rows)
		}
		n := min(t.rows-i, max(1, uint32(w.bytes)/t.width)) //nolint:gosec // some kilobytes
		if w.buf == nil {
			w.buf = make([]byte, w.bytes)
		}
		w.rows = 0
		if err := track.ReadFull(w.in, w.buf[:n*t.width], t.at+int64(i)*int64(t.width)); err != nil {
			return nil, err
		}
		w.first, w.rows = i, n
	}
	at := (i - w.first) * t.width
	return w.buf[at : at+t.width], nil
}

// number reads a row that is one number.
func (w *window) number(t table, i uint32) (uint64, error) {
	row, err := w.row(t, i)
	if err != nil {
		return 0, err
	}
	switch t.width {
	case 8:
		return binary.BigEndian.Uint64(row), nil
	case 4:
		return uint64(binary.BigEndian.Uint32(row)), nil
	case 2:
		return uint64(binary.BigEndian.Uint16(row)), nil
	}
	return uint64(row[0]), nil
}
