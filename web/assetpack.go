package web

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
)

// packedSuffix marks files that the build has compressed: hls.js alone would
// make the program half a megabyte larger, and a small Pi takes a noticeable
// while to compress it for the first phone.
const packedSuffix = ".gz"

type packedAsset struct {
	once sync.Once
	body []byte // gzip; nil where that saves nothing
}

// has says whether the app has a file of this name.
func (c *client) has(name string) bool {
	for _, stored := range []string{name, name + packedSuffix} {
		if info, err := fs.Stat(c.files, stored); err == nil && info.Mode().IsRegular() {
			return true
		}
	}
	return false
}

// open reads a file of the app, whether it is stored plain or compressed.
func (c *client) open(name string) (*bytes.Reader, error) {
	plain, err := fs.ReadFile(c.files, name)
	if errors.Is(err, fs.ErrNotExist) {
		plain, err = c.unpack(name + packedSuffix)
	}
	if err != nil {
		return nil, err
	}
	return bytes.NewReader(plain), nil
}

func (c *client) unpack(stored string) ([]byte, error) {
	f, err := c.files.Open(stored)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // was only read
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("unpacking %s: %w", stored, err)
	}
	return io.ReadAll(z)
}

// pack returns a file's compressed form: as the build stored it, else made once,
// as well as it goes, and kept. nil where that saves nothing.
func (c *client) pack(name string) []byte {
	v, _ := c.packed.LoadOrStore(name, &packedAsset{})
	a, ok := v.(*packedAsset)
	if !ok {
		return nil
	}
	a.once.Do(func() {
		if stored, err := fs.ReadFile(c.files, name+packedSuffix); err == nil {
			a.body = stored
			return
		}
		plain, err := fs.ReadFile(c.files, name)
		if err != nil {
			return
		}
		var buf bytes.Buffer
		z, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
		if err != nil {
			return
		}
		if _, err = z.Write(plain); err != nil || z.Close() != nil {
			return
		}
		if buf.Len() < len(plain)*9/10 {
			a.body = bytes.Clone(buf.Bytes())
		}
	})
	return a.body
}
