package packager_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"streambox.local/transcode/packager"
)

// countingReader counts what is read of a film.
type countingReader struct {
	io.ReaderAt
	reads, bytes int
}

func (c *countingReader) ReadAt(p []byte, at int64) (int, error) {
	c.reads++
	n, err := c.ReaderAt.ReadAt(p, at)
	c.bytes += n
	return n, err
}

func TestKeyFramesAreThePicturesThatSegmentsBeginWith(t *testing.T) {
	need(t, "ffmpeg")
	some := func(v variant) bool { // each way to find a segment's beginning, each codec
		return slices.Contains([]string{
			"a.mp4: B-frames and AAC, index at the end", "a.mp4: fragments of 300 ms that begin anywhere", "a.mp4: a negative start, no edit list",
			"a.mkv: B-frames and AAC, index at the end", "a.mkv: index without places in clusters", "a.mkv: no index: it was lost",
			"a.mkv: HEVC, open GOPs and pyramids of B-frames", "a.webm: VP9 and Opus", "a.mp4: AV1 and Opus",
		}, v.file+": "+v.name)
	}
	tested := 0
	test := func(v variant, modern bool) {
		if !some(v) {
			return
		}
		tested++
		t.Run(v.label(), func(t *testing.T) {
			t.Parallel()
			checkKeyFrames(t, v.write(t), packager.Choice{Sound: v.sound, Modern: modern})
		})
	}
	for _, v := range slices.Concat(mp4Variants, mkvVariants) {
		test(v, false)
	}
	for _, v := range modernVariants {
		test(v.variant, true)
	}
	if tested != 9 {
		t.Errorf("%d films tested of 9", tested)
	}
}

// checkKeyFrames lets ffmpeg decode a film's key frames, one behind the other: they
// are as many as there are segments, and pictures of the film in its order.
func checkKeyFrames(t *testing.T, source string, choice packager.Choice) {
	t.Helper()
	p := pack(t, source, choice)
	data, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	in := &countingReader{ReaderAt: bytes.NewReader(data)}
	stream := slices.Clone(p.title.Init())
	for n := range p.title.Segments() {
		one, err := p.title.KeyFrame(t.Context(), in, n)
		if err != nil {
			t.Fatalf("key frame %d: %v", n, err)
		}
		stream = append(stream, one...)
	}
	if n := p.title.Segments(); n > 1 && in.bytes > len(data)/2+n*16<<10 {
		t.Errorf("%d bytes read for %d key frames of a film of %d", in.bytes, n, len(data))
	}
	name := filepath.Join(t.TempDir(), "keyframes")
	write(t, name, stream)
	all := frames(t, "fatal", p.playlist)[0]
	got := frames(t, "fatal", name)[0]
	if len(got) != p.title.Segments() {
		t.Fatalf("%d pictures of %d segments", len(got), p.title.Segments())
	}
	for n, hash := range got {
		at := slices.Index(all, hash)
		if at < 0 {
			t.Fatalf("key frame %d is no picture of what is left of the film", n)
		}
		all = all[at+1:]
	}
	if _, err := p.title.KeyFrame(t.Context(), in, p.title.Segments()); !errors.Is(err, io.EOF) {
		t.Errorf("a key frame behind the film: %v", err)
	}
}
