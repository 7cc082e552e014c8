package packager_test

import (
	"bytes"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"streambox.local/transcode/packager"
)

// attemptModern opens a file and makes all of it; it must not panic, and says
// what is wrong in words that a caller can sort.
func attemptModern(t *testing.T, data []byte) uint64 {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	title, err := packager.Open(t.Context(), bytes.NewReader(data), int64(len(data)), packager.Choice{Modern: true})
	known(t, err)
	if err == nil {
		if title.Init() == nil || title.Codecs() == "" {
			t.Error("a title without an init segment, or that does not say what it takes")
		}
		for n := range min(title.Segments(), 12) {
			segment, broken := title.Segment(t.Context(), bytes.NewReader(data), n)
			known(t, broken)
			if broken == nil && !bytes.Equal(segment[4:8], []byte("moof")) {
				t.Errorf("segment %d begins with %q", n, segment[:8])
			}
		}
	}
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestModernFilesThatAreBroken(t *testing.T) {
	s := (&synthetic{seconds: 13, picture: 30, sound: 9, modern: true}).build()
	data := s.bytes()
	attemptModern(t, data)
	for i := range 64 {
		attemptModern(t, data[:len(data)*i/64])
	}
	for seed := range uint64(1000) {
		random := rand.New(rand.NewPCG(seed, 1))
		broken := slices.Clone(data)
		for range 1 + random.IntN(20) {
			at := random.IntN(len(broken))
			if random.IntN(4) > 0 {
				at = int(s.moovAt) + random.IntN(len(s.moov))
			}
			broken[at] ^= 1 << random.IntN(8)
		}
		if got := attemptModern(t, broken); got > 64<<20 {
			t.Errorf("seed %d: %d bytes", seed, got)
		}
	}
}
