package vp9

import "testing"

// The samples of a film, and what its container says of colours, are a stranger's.
func FuzzSample(f *testing.F) {
	f.Add([]byte("\x82\x49\x83\x42\x00\x13\xf0\x0b\x36\x38\x24\x1c\x18"), []byte{}, 25.0)
	f.Add([]byte("\xa2\x49\x83\x42\x40\x04\xf0\x02\xd0\x00\x00"), []byte("nclx\x00\x09\x00\x10\x00\x09\x80"), 1e300)
	f.Add([]byte("\x82"), []byte("nclx"), -1.0)
	f.Fuzz(func(t *testing.T, sample, colour []byte, perSecond float64) {
		begins, err := Begins(len(sample), func(p []byte, at int) error {
			if at < 0 || len(p) == 0 || at+len(p) > len(sample) {
				t.Fatalf("%d bytes are read at %d of %d", len(p), at, len(sample))
			}
			copy(p, sample[at:])
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		h, ok := ParseKey(sample[:min(len(sample), HeaderBytes)])
		if ok != begins {
			t.Errorf("a key frame: %t, decoding begins: %t", ok, begins)
		}
		if !ok {
			return
		}
		box := h.Box(perSecond, colour)
		if name, err := Codec(box); err != nil || len(name) > 80 {
			t.Errorf("our own box %x is refused: %q, %v", box, name, err)
		}
	})
}
