package packager_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"streambox.local/transcode/packager"
	"streambox.local/transcode/segmenter"
)

func open(tb testing.TB, in io.ReaderAt, size int64, choice packager.Choice) *packager.Title {
	tb.Helper()
	title, err := packager.Open(tb.Context(), in, size, choice)
	if err != nil {
		tb.Fatal(err)
	}
	return title
}

func segments(t *testing.T, title *packager.Title, in io.ReaderAt) (all [][]byte) {
	t.Helper()
	for n := range title.Segments() {
		data, err := title.Segment(t.Context(), in, n)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data)
	}
	return all
}

// The bytes of segments are exchanged and remembered by their hash. When this
// fails, on any machine, Version must grow.
func TestBytesAreTheSameOnEveryMachine(t *testing.T) {
	s := (&synthetic{seconds: 30}).build()
	for _, c := range []struct {
		choice packager.Choice
		want   string
	}{
		{packager.Choice{}, "2d48c22cc1c43e74"},
		{packager.Choice{Sound: packager.NoSound}, "ab601dc0d5151f98"},
		{packager.Choice{SoundOnly: true}, "f948b89437d24f36"},
	} {
		title := open(t, s, s.size(), c.choice)
		sum := sha256.Sum256(bytes.Join(segments(t, title, s), title.Playlist()))
		if got := hex.EncodeToString(sum[:8]); got != c.want {
			t.Errorf("%s has SHA-256 %s…, want %s…", c.choice.Name(), got, c.want)
		}
	}
}

func TestSegmentsJoin(t *testing.T) {
	for _, c := range []struct {
		name     string
		film     *synthetic
		segments int
	}{
		{"an IDR every 2 s", &synthetic{seconds: 30}, 8},
		{"tiny frames", &synthetic{seconds: 30, picture: 5, sound: 2}, 8},
		{"large frames", &synthetic{seconds: 30, picture: 10_000, sound: 1500}, 8},
		{"an IDR every 20 s", &synthetic{seconds: 60, gopFrames: 500, picture: 300}, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := c.film.build()
			title := open(t, s, s.size(), packager.Choice{})
			all := segments(t, title, s)
			if err := segmenter.Check(all...); err != nil {
				t.Error(err)
			}
			checkCounts(t, all)
			if len(all) != c.segments {
				t.Errorf("%d segments, want %d", len(all), c.segments)
			}
			silent := open(t, s, s.size(), packager.Choice{Sound: packager.NoSound})
			checkCounts(t, segments(t, silent, s))
			only := open(t, s, s.size(), packager.Choice{SoundOnly: true})
			checkCounts(t, segments(t, only, s))
			if !bytes.Equal(only.Playlist(), title.Playlist()) {
				t.Error("sound alone is cut elsewhere")
			}
		})
	}
}

func TestWhatCannotBeCut(t *testing.T) {
	for name, c := range map[string]struct {
		film *synthetic
		want error
	}{
		"an IDR every 21 s":        {&synthetic{seconds: 60, gopFrames: 525}, packager.ErrNotSegmentable},
		"a segment of 17 MB":       {&synthetic{seconds: 10, gopFrames: 100, picture: 170_000}, packager.ErrNotSegmentable},
		"open GOPs after the 2nd":  {&synthetic{seconds: 60, openFrom: 100}, packager.ErrNotSegmentable},
		"pictures that are no IDR": {&synthetic{seconds: 60, openFrom: -1}, packager.ErrNotSegmentable},
	} {
		t.Run(name, func(t *testing.T) {
			s := c.film.build()
			if c.film.openFrom < 0 {
				s.openFrom = 0
				s.gopFrames = 1 << 30
				s.moov = bytes.Replace(s.moov, []byte("stss"), []byte("skip"), 1)
			}
			if _, err := packager.Open(t.Context(), s, s.size(), packager.Choice{}); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// A lie between the places that Open looks at is found when the segment is made.
func TestAFlagThatLiesIsFoundLater(t *testing.T) {
	s := (&synthetic{seconds: 600}).build()
	title := open(t, s, s.size(), packager.Choice{})
	lie := liar{s, s.moovAt}
	for n := range title.Segments() {
		if _, err := title.Segment(t.Context(), lie, n); !errors.Is(err, packager.ErrKeyFlags) {
			t.Fatalf("segment %d: %v", n, err)
		}
	}
}

// liar has no IDR in it.
type liar struct {
	io.ReaderAt
	mediaEnd int64
}

func (l liar) ReadAt(p []byte, at int64) (int, error) {
	n, err := l.ReaderAt.ReadAt(p, at)
	for i := range p[:n] {
		if p[i] == 0x65 && at+int64(i) < l.mediaEnd {
			p[i] = 0x41
		}
	}
	return n, err
}

func TestAFileThatEndsEarly(t *testing.T) {
	s := (&synthetic{seconds: 30}).build()
	// The index comes first and the media behind it, as far as it was copied.
	const room = 32
	head := slices.Concat(box("ftyp", make([]byte, room-8)), s.moov)
	data := s.bytes()
	for at := 0; ; at++ { // move the chunks
		next := bytes.Index(head[at:], []byte("co64"))
		if next < 0 {
			break
		}
		at += next
		for i := range binary.BigEndian.Uint32(head[at+8:]) {
			row := head[at+12+int(i)*8:]
			binary.BigEndian.PutUint64(row, binary.BigEndian.Uint64(row)+uint64(len(head)))
		}
	}
	whole := slices.Concat(head, data[:s.moovAt])
	want := segments(t, open(t, bytes.NewReader(data), s.size(), packager.Choice{}), s)
	for part, count := range map[float64]int{1: 8, 0.5: 4} {
		file := whole[:int(part*float64(len(whole)))]
		title := open(t, bytes.NewReader(file), int64(len(file)), packager.Choice{})
		got := segments(t, title, bytes.NewReader(file))
		if title.EndsEarly() != (part < 1) || len(got) != count {
			t.Errorf("%g of the file: ends early %v, %d segments", part, title.EndsEarly(), len(got))
		}
		for n := range count - 1 {
			if !bytes.Equal(got[n], want[n]) {
				t.Errorf("%g of the file: segment %d is another", part, n)
			}
		}
		// What goes missing later is an error, not a crash.
		if _, err := title.Segment(t.Context(), bytes.NewReader(file[:len(head)+1000]), 1); !errors.Is(err, packager.ErrDamaged) {
			t.Error(err)
		}
	}
}

func TestOnlyAPartOfAFileIsRead(t *testing.T) {
	s := (&synthetic{seconds: 7200, picture: 20_000}).build()
	title := open(t, s, s.size(), packager.Choice{})
	if title.Segments() != 1800 || s.loaded.Load() > s.size()/100 {
		t.Errorf("%d segments; %d bytes of %d were read to open the title", title.Segments(), s.loaded.Load(), s.size())
	}
	s.reads.Store(0)
	s.loaded.Store(0)
	data, err := title.Segment(t.Context(), s, 1200)
	if err != nil || s.loaded.Load() > int64(len(data))+64<<10 || s.reads.Load() > 30 {
		t.Errorf("%d reads, %d bytes for a segment of %d: %v", s.reads.Load(), s.loaded.Load(), len(data), err)
	}
}

func TestNamesOfSegmentsAndRenditions(t *testing.T) {
	s := (&synthetic{seconds: 30}).build()
	title := open(t, s, s.size(), packager.Choice{})
	for _, name := range []string{"", "seg.ts", "seg00008.ts", "seg-0001.ts", "seg+0001.ts", "seg1.ts", "seg00001", "seg00001.ts.ts", "seg٠٠٠٠١.ts", "../seg00001.ts"} {
		if n, ok := title.SegmentNumber(name); ok {
			t.Errorf("%q is segment %d", name, n)
		}
	}
	if n, ok := title.SegmentNumber("seg00007.ts"); n != 7 || !ok {
		t.Error("the last segment has no name")
	}
	names := map[string]bool{}
	for _, c := range []packager.Choice{{}, {Sound: 1}, {Sound: packager.NoSound}, {SoundOnly: true}, {Strict: true}} {
		names[c.Name()] = true
		if strings.ContainsAny(c.Name(), "/ .") {
			t.Errorf("%q is no name for a folder", c.Name())
		}
	}
	if len(names) != 5 {
		t.Errorf("two renditions have one name: %v", names)
	}
}

func TestAContextThatIsOver(t *testing.T) {
	s := (&synthetic{seconds: 30}).build()
	title := open(t, s, s.size(), packager.Choice{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := packager.Open(ctx, s, s.size(), packager.Choice{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := title.Segment(ctx, s, 0); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := title.Segment(t.Context(), s, 8); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}
