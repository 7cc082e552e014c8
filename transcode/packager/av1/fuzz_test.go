package av1

import (
	"bytes"
	"testing"
)

// The configuration and the samples of a film are a stranger's.
func FuzzSample(f *testing.F) {
	record := []byte("\x81\x04\x0c\x00\x0a\x0b\x00\x00\x00\x24\xcf\x7f\x0d\xbf\xff\x30\x08")
	f.Add(record, []byte{}, []byte("\x12\x00\x0a\x0b\x00\x00\x00\x24\xcf\x7f\x0d\xbf\xff\x30\x08\x32\x03\x10\x00\x00"))
	f.Add(record, []byte("nclx\x00\x09\x00\x10\x00\x09\x00"), []byte("\x12\x00"))
	f.Add(record[:4], []byte("nclx"), []byte("\x32\xff\xff\xff\xff\xff\xff\xff\xff\x7f"))
	f.Fuzz(func(t *testing.T, record, colour, sample []byte) {
		if name, err := Codec(record, colour); err == nil && (name == "" || len(name) > 80) {
			t.Errorf("%q", name)
		}
		if rest := WithoutDelimiters(sample); !bytes.HasSuffix(sample, rest) {
			t.Errorf("%x became %x", sample, rest)
		}
		_, err := Begins(len(sample), func(p []byte, at int) error {
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
