package h264

import (
	"bytes"
	"errors"
	"testing"

	"streambox.local/transcode/packager/track"
)

// The configuration and the samples of a film are a stranger's. Nothing may be
// made larger than they are, and what is wrong must be called damaged.
func FuzzSample(f *testing.F) {
	record := []byte("\x01\x64\x00\x1f\xff\xe1\x00\x0f\x67\x64\x00\x1f\xac\xd9\x40\x50\x05\xbb\x01\x10\x00\x00\x03\x01\x00\x04\x68\xeb\xe3\xcb")
	idr := []byte("\x00\x00\x00\x02\x09\xf0\x00\x00\x00\x05\x65\x88\x84\x00\x33")
	f.Add(record, idr, uint16(1), uint16(1))
	f.Add(record, []byte("\x00\x00\x00\x05\x06\x06\x01\x80\x80\x00\x00\x00\x03\x41\x9a\x24"), uint16(4), uint16(3))
	f.Add(record, []byte("\xff\xff\xff\xff\x65"), uint16(0), uint16(0))
	f.Add([]byte("\x01\x64\x00\x1f\x03\xff"), idr, uint16(0), uint16(1))
	f.Fuzz(func(t *testing.T, record, sample []byte, wide, high uint16) {
		known := len(record)
		c, err := ParseConfig(bytes.Clone(record), [2]uint32{uint32(wide), uint32(high)})
		if err != nil {
			if !errors.Is(err, track.ErrDamaged) && !errors.Is(err, track.ErrUnsupported) {
				t.Fatal(err)
			}
			return
		}
		u, err := c.AppendUnit(nil, sample)
		if err != nil && !errors.Is(err, track.ErrDamaged) {
			t.Fatal(err)
		}
		// A start code takes the place of a length of at least one byte; an aspect adds some to a parameter set.
		if most := 8 + 5*len(sample) + 4*known + 64*(len(c.SPS)+1); err == nil && u.Size > most {
			t.Errorf("%d bytes of %d", u.Size, len(sample))
		}
		size := 0
		for _, p := range u.Parts {
			size += len(p)
		}
		if size != u.Size {
			t.Errorf("%d bytes are said to be %d", size, u.Size)
		}
		_, err = FirstSlice(len(sample), c.LengthBytes, func(p []byte, at int) error {
			if at < 0 || len(p) == 0 || at+len(p) > len(sample) {
				t.Fatalf("%d bytes are read at %d of %d", len(p), at, len(sample))
			}
			copy(p, sample[at:])
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}
