package hevc

import (
	"errors"
	"testing"

	"streambox.local/transcode/packager/track"
)

// The configuration and the samples of a film are a stranger's.
func FuzzSample(f *testing.F) {
	record := []byte("\x01\x01\x60\x00\x00\x00\x90\x00\x00\x00\x00\x00\x3f\xf0\x00\xfc\xfd\xf8\xf8\x00\x00\x0f\x01\x21\x00\x01\x00\x08\x42\x01\x01\x01\x60\x00\x00\x03")
	f.Add(record, []byte("\x00\x00\x00\x03\x26\x01\xaf"))
	f.Add(record, []byte("\xff\xff\xff\xff\x26\x01"))
	f.Add(record[:23], []byte("\x00\x00\x00\x02\x46\x01\x00\x00\x00\x03\x02\x01\xd0"))
	f.Fuzz(func(t *testing.T, record, sample []byte) {
		c, err := ParseConfig(record)
		if err != nil {
			if !errors.Is(err, track.ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		if c.Reorder < 0 || c.Reorder > 16 || len(c.Codec) > 80 {
			t.Errorf("%+v", c)
		}
		_, err = c.Begins(len(sample), func(p []byte, at int) error {
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
