package packager_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"streambox.local/transcode/packager"
)

// hang is what no file may take: reads end then, and that is no error of a file's.
const hang = 5 * time.Second

// attempt opens a file and makes segments of it; it must not panic, and what is
// made is whole packets. It returns how many bytes were allocated.
func attempt(tb testing.TB, data []byte, choice packager.Choice) uint64 {
	tb.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	in := bytes.NewReader(data)
	ctx, cancel := context.WithTimeout(tb.Context(), hang)
	defer cancel()
	title, err := packager.Open(ctx, in, int64(len(data)), choice)
	if err == nil {
		if len(title.Playlist()) == 0 || title.Segments() == 0 {
			tb.Error("a title without segments")
		}
		for n := range min(title.Segments(), 12) {
			segment, broken := title.Segment(ctx, in, n)
			if broken == nil && (len(segment) == 0 || len(segment)%188 != 0) {
				tb.Errorf("segment %d has %d bytes", n, len(segment))
			}
			known(tb, broken)
		}
	}
	known(tb, err)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// known fails for errors that a caller could not sort.
func known(tb testing.TB, err error) {
	tb.Helper()
	for _, one := range []error{packager.ErrDamaged, packager.ErrUnsupported, packager.ErrNotSegmentable, packager.ErrKeyFlags} {
		if errors.Is(err, one) {
			return
		}
	}
	if err != nil {
		tb.Errorf("an error of no known kind: %v", err)
	}
}

// small is a film of 20 KB in which flipped bits hit the index often.
func small() []byte {
	return (&synthetic{seconds: 13, picture: 30, sound: 9}).build().bytes()
}

func TestFilesThatEndAnywhere(t *testing.T) {
	data := small()
	for i := range 64 {
		attempt(t, data[:len(data)*i/64], packager.Choice{})
	}
}

func TestFilesWithFlippedBits(t *testing.T) {
	data := small()
	s := (&synthetic{seconds: 13, picture: 30, sound: 9}).build()
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
		if got := attempt(t, broken, packager.Choice{}); got > 64<<20 {
			t.Errorf("seed %d: %d bytes", seed, got)
		}
	}
}

// replaceWord sets the 32-bit word so far behind the first box of that kind.
func replaceWord(data []byte, kind string, occurrence, offset int, value uint32) []byte {
	at := 0
	for range occurrence + 1 {
		at += bytes.Index(data[at:], []byte(kind)) + 4
	}
	binary.BigEndian.PutUint32(data[at+offset:], value)
	return data
}

func TestTablesThatContradictThemselves(t *testing.T) {
	for _, c := range []struct {
		name       string
		kind       string
		occurrence int
		offset     int // behind the kind
		value      uint32
		fine       bool // nothing to be seen before the samples are read
	}{
		{name: "4 billion samples", kind: "stsz", offset: 8, value: 0xffffffff},
		{name: "4 billion samples of sound of one size", kind: "stsz", occurrence: 1, offset: 8, value: 0xffffffff},
		{name: "more samples than sizes", kind: "stsz", offset: 8, value: 400},
		{name: "more samples than times", kind: "stts", offset: 8, value: 10},
		{name: "4 billion rows of times", kind: "stts", offset: 4, value: 0xffffffff},
		{name: "no times", kind: "stts", offset: 4, value: 0},
		{name: "no chunks", kind: "co64", offset: 4, value: 0},
		{name: "a chunk far behind the end", kind: "co64", offset: 8, value: 0x7fffffff},
		{name: "no samples in a chunk", kind: "stsc", offset: 12, value: 0},
		{name: "4 billion samples in a chunk", kind: "stsc", offset: 12, value: 0xffffffff, fine: true},
		{name: "the first chunk is the second", kind: "stsc", offset: 8, value: 2},
		{name: "another description", kind: "stsc", offset: 16, value: 2},
		{name: "4 billion key frames", kind: "stss", offset: 4, value: 0xffffffff},
		{name: "no key frames", kind: "stss", offset: 4, value: 0},
		{name: "4 billion edits", kind: "elst", offset: 4, value: 0xffffffff},
		{name: "an edit beyond the end", kind: "elst", offset: 12, value: 0x7fffffff},
		{name: "a timescale of 0", kind: "mdhd", offset: 12, value: 0},
		{name: "a movie timescale of 0", kind: "mvhd", offset: 12, value: 0},
		{name: "4 GB of configuration", kind: "avcC", offset: -8, value: 0xfffffff0},
		{name: "a box of 3 bytes", kind: "stbl", offset: -8, value: 3},
		{name: "a box larger than its parent", kind: "minf", offset: -8, value: 0x10000},
		{name: "an enormous movie", kind: "moov", offset: -8, value: 0x7fffffff},
		{name: "samples of 2 GB", kind: "stsz", offset: 12, value: 0x7fffffff},
		{name: "all times are one", kind: "stts", offset: 12, value: 0},
		{name: "composition beyond measure", kind: "ctts", offset: 12, value: 0x7fffffff},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := replaceWord(small(), c.kind, c.occurrence, c.offset, c.value)
			if got := attempt(t, data, packager.Choice{}); got > 64<<20 {
				t.Errorf("%d bytes", got)
			}
			if _, err := packager.Open(t.Context(), bytes.NewReader(data), int64(len(data)), packager.Choice{}); (err == nil) != c.fine {
				t.Error(err)
			}
		})
	}
}

func TestFilesOfAThousandTracks(t *testing.T) {
	s := (&synthetic{seconds: 13, picture: 30, sound: 9}).build()
	body := s.moov[8:]
	at := bytes.LastIndex(body, []byte("trak")) - 4
	moov := box("moov", body, bytes.Repeat(body[at:], 1000))
	data := slices.Concat(s.bytes()[:s.moovAt], moov)
	title := open(t, bytes.NewReader(data), int64(len(data)), packager.Choice{Sound: 1000})
	if title.Segments() != 4 {
		t.Errorf("%d segments", title.Segments())
	}
	data = slices.Concat(s.bytes()[:s.moovAt], box("moov", body, bytes.Repeat(body[at:], 5000)))
	if _, err := packager.Open(t.Context(), bytes.NewReader(data), int64(len(data)), packager.Choice{}); !errors.Is(err, packager.ErrDamaged) {
		t.Error(err)
	}
}

// A device that fails is not a damaged file.
func TestADeviceThatFailsIsNotTheFilesFault(t *testing.T) {
	s := (&synthetic{seconds: 13}).build()
	title := open(t, s, s.size(), packager.Choice{})
	if _, err := title.Segment(t.Context(), broken{}, 0); !errors.Is(err, errDevice) || errors.Is(err, packager.ErrDamaged) {
		t.Error(err)
	}
	if _, err := packager.Open(t.Context(), broken{}, s.size(), packager.Choice{}); !errors.Is(err, errDevice) || errors.Is(err, packager.ErrDamaged) {
		t.Error(err)
	}
}

type broken struct{}

var errDevice = errors.New("input/output error")

func (broken) ReadAt([]byte, int64) (int, error) { return 0, errDevice }

var _ io.ReaderAt = broken{}

func FuzzMP4(f *testing.F) {
	data := small()
	s := (&synthetic{seconds: 13, picture: 30, sound: 9}).build()
	f.Add(data[s.moovAt:], uint8(0))
	f.Add(s.moov[:100], uint8(1))
	f.Add(fragmented(), uint8(0))
	f.Fuzz(func(t *testing.T, index []byte, choice uint8) {
		// The index is what is fuzzed; it lies behind media that make sense.
		file := slices.Concat(data[:s.moovAt], index)
		attempt(t, file, packager.Choice{Sound: int(choice&3) - 1, SoundOnly: choice&4 != 0, Strict: choice&8 != 0})
	})
}

// fragmented is an index without samples, and a fragment whose data lie before it.
func fragmented() []byte {
	empty := box("stbl", box("stsd", words(0, 1), box("avc1", make([]byte, 78), box("avcC", unhex(avcC)))))
	moov := box("moov", box("mvhd", words(0, 0, 0, 1000, 0), make([]byte, 80)),
		trak(1, "vide", 12800, words(0, 0), empty), box("mvex", box("trex", words(0, 1, 1, 512, 30, 0))))
	rows := words(512, 30, 0, 0, 512, 30, 0x10000, 0, 512, 30, 0x10000, 0)
	moof := box("moof", box("mfhd", words(0, 1)), box("traf",
		box("tfhd", words(0x1, 1, 0, mediaAt)), box("tfdt", words(1<<24, 0, 0)), box("trun", words(0xf00, 3), rows)))
	return slices.Concat(moov, moof)
}
