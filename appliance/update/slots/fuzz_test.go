package slots

import (
	"bytes"
	"testing"
)

// FuzzLocate: people and their laptops write this file system. Whatever is found lies in it, and is one sector.
func FuzzLocate(f *testing.F) {
	head := make([]byte, 20*512)
	copy(head[11:], []byte{0, 2, 1, 1, 0, 1, 16, 0, 20, 0, 0xf8, 1, 0})
	head[510], head[511] = 0x55, 0xaa
	copy(head[1024:], "AUTOBOOTTXT\x20")
	head[1024+26], head[1024+29] = 2, 2
	if at, err := locate(bytes.NewReader(head)); err != nil || at != 1536 {
		f.Fatalf("the seed is found at %d: %v", at, err)
	}
	f.Add(head)
	f.Add(head[:1024])
	wide := bytes.Clone(head)
	wide[22], wide[36], wide[44], wide[17] = 0, 1, 2, 0
	f.Add(wide)
	f.Fuzz(func(t *testing.T, image []byte) {
		at, err := locate(bytes.NewReader(image))
		if err != nil {
			return
		}
		if at < 512 || at%512 != 0 {
			t.Fatalf("found at %d", at)
		}
	})
}
