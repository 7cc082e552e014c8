package packager

import (
	"errors"
	"fmt"
	"io"
)

// preloaded is a stretch of the file that was read at once. Where samples must
// be found by going from one header to the next, a stick would else be asked for
// a few bytes some hundred times.
type preloaded struct {
	io.ReaderAt
	data []byte
	at   int64
}

// preload reads from one offset to another, or to the end of the file.
func preload(in io.ReaderAt, from, to int64) (*preloaded, error) {
	data := make([]byte, to-from)
	n, err := in.ReadAt(data, from)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %d bytes at %d: %w", len(data), from, err)
	}
	return &preloaded{ReaderAt: in, data: data[:n], at: from}, nil
}

// ahead reads a segment's stretch of the file, if it has one that is not too long.
func ahead(in io.ReaderAt, f film, n int) (io.ReaderAt, error) {
	from, to := f.stretch(n)
	if to <= from || to-from > mostLoaded {
		return in, nil
	}
	return preload(in, from, to)
}

// piece returns bytes that are in memory; nil when they are not.
func (p *preloaded) piece(at int64, size int) []byte {
	from := at - p.at
	if from < 0 || from+int64(size) > int64(len(p.data)) {
		return nil
	}
	return p.data[from : from+int64(size) : from+int64(size)]
}

// ReadAt implements io.ReaderAt.
func (p *preloaded) ReadAt(b []byte, at int64) (int, error) {
	if data := p.piece(at, len(b)); data != nil {
		return copy(b, data), nil
	}
	return p.ReaderAt.ReadAt(b, at)
}
