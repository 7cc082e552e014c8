package packager_test

import (
	"bytes"
	"io"
	"os"
	"sync/atomic"
	"testing"

	"streambox.local/transcode/packager"
)

// meteredFile counts what is read of a film.
type meteredFile struct {
	io.ReaderAt
	reads atomic.Int64
}

func (m *meteredFile) ReadAt(p []byte, at int64) (int, error) {
	m.reads.Add(1)
	return m.ReaderAt.ReadAt(p, at)
}

// What was found out by going through a film without an index is not looked for again.
func TestAFilmWithoutAnIndexIsGoneThroughOnce(t *testing.T) {
	need(t, "ffmpeg")
	v := variant{file: "a.mkv", make: args(picture("25", 60), tone(60), closed, aac, []string{"-cluster_time_limit", "300"}), change: withoutCues}
	data, err := os.ReadFile(v.write(t))
	if err != nil {
		t.Fatal(err)
	}
	size := int64(len(data))
	first := &meteredFile{ReaderAt: bytes.NewReader(data)}
	want, err := packager.Open(t.Context(), first, size, packager.Choice{})
	if err != nil || want.Saved() == nil {
		t.Fatalf("%v, %d bytes to keep", err, len(want.Saved()))
	}
	second := &meteredFile{ReaderAt: bytes.NewReader(data)}
	got, err := packager.OpenSaved(t.Context(), second, size, packager.Choice{}, want.Saved())
	if err != nil || !bytes.Equal(got.Playlist(), want.Playlist()) || got.Choice() != want.Choice() {
		t.Fatalf("%v\n%s", err, got.Playlist())
	}
	if second.reads.Load()*5 > first.reads.Load() || second.reads.Load() > 10 {
		t.Errorf("%d reads, at first %d", second.reads.Load(), first.reads.Load())
	}
	for n := range want.Segments() {
		a, errA := want.Segment(t.Context(), first, n)
		b, errB := got.Segment(t.Context(), first, n)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("segment %d is another: %v, %v", n, errA, errB)
		}
	}
	spoilt := bytes.Clone(want.Saved())
	spoilt[60] ^= 1
	for name, c := range map[string]struct {
		choice packager.Choice
		size   int64
		saved  []byte
	}{
		"a bit that fell over": {packager.Choice{}, size, spoilt},
		"cut off":              {packager.Choice{}, size, want.Saved()[:80]},
		"nothing in it":        {packager.Choice{}, size, []byte{}},
		"another choice":       {packager.Choice{Sound: packager.NoSound}, size, want.Saved()},
	} {
		m := &meteredFile{ReaderAt: bytes.NewReader(data)}
		title, err := packager.OpenSaved(t.Context(), m, c.size, c.choice, c.saved)
		if err != nil || c.choice == want.Choice() && !bytes.Equal(title.Playlist(), want.Playlist()) || m.reads.Load() < first.reads.Load()/20 {
			t.Errorf("%s: %v, %d reads", name, err, m.reads.Load())
		}
	}
}
