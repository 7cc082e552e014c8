package intake

import (
	"bytes"
	"testing"
)

// pattern makes n bytes that do not repeat within a sample.
func pattern(n int) []byte {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

func idOf(t *testing.T, pieces ...[]byte) string {
	t.Helper()
	var parts []part
	for _, p := range pieces {
		parts = append(parts, part{bytes.NewReader(p), int64(len(p))})
	}
	id, err := identify(parts)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// These vectors were computed by another program (Python's hashlib and base64)
// from the layout in identity.go. If one of them changes, every title of every
// stick becomes another one.
func TestIdentityVectors(t *testing.T) {
	cases := []struct {
		name string
		size int
		want string
	}{
		{"an empty file", 0, "v5kxb5nbqefxv54m"},
		{"one byte", 1, "vmvtzyy5zcvulf5j"},
		{"one byte less than sampled", 327679, "33pt3dlbfyogstdp"},
		{"the first size that is sampled", 327680, "txiqe36agjkmqvsn"},
		{"a size that four does not divide", 1000003, "mtkahwdg46pdcdv3"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := idOf(t, pattern(c.size)); got != c.want {
				t.Errorf("%d bytes: %s, want %s", c.size, got, c.want)
			}
		})
	}
}

func TestIdentityOfJoinedFiles(t *testing.T) {
	whole := pattern(1000003)
	want := idOf(t, whole)
	for _, at := range []int{0, 1, 65535, 65536, 250000, 250001, 999999, 1000003} {
		if got := idOf(t, whole[:at], whole[at:]); got != want {
			t.Errorf("cut at %d: %s, want %s", at, got, want)
		}
	}
	if got := idOf(t, whole[:300000], nil, whole[300000:600000], whole[600000:]); got != want {
		t.Errorf("four parts: %s, want %s", got, want)
	}
}

func TestIdentityTellsContentsApart(t *testing.T) {
	whole := pattern(1000003)
	want := idOf(t, whole)
	for _, at := range []int{0, 65535, 250000, 500000, 750000, 1000002} {
		other := bytes.Clone(whole)
		other[at] ^= 1
		if idOf(t, other) == want {
			t.Errorf("a bit at %d does not matter", at)
		}
	}
	if idOf(t, append(bytes.Clone(whole), 0)) == want {
		t.Error("the size does not matter")
	}
}

func TestIdentityOfAFileThatShrinks(t *testing.T) {
	_, err := identify([]part{{bytes.NewReader(pattern(1000)), 2000}})
	if err == nil {
		t.Error("no error")
	}
}
