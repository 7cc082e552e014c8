package packager_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"streambox.local/transcode/packager"
)

// fragmentedFilm is a small film in fragments, the index of which lies in front of each.
func fragmentedFilm() []byte {
	s := (&synthetic{seconds: 13, picture: 30, sound: 9}).build()
	data := s.bytes()[:s.moovAt]
	all := fragmented()
	moof := bytes.Index(all, []byte("moof")) - 4
	data = append(data, all[:moof]...)
	for n := range 40 { // of 3 pictures each, an IDR every 13 × 3 × 0.04 s
		one := bytes.Clone(all[moof:])
		at := bytes.Index(one, []byte("mfhd"))
		binary.BigEndian.PutUint32(one[at+8:], uint32(n+1))
		at = bytes.Index(one, []byte("tfdt"))
		binary.BigEndian.PutUint64(one[at+8:], uint64(n*3*512*8)) // 8 times as slow
		data = append(data, one...)
	}
	return data
}

func TestFragmentsThatEndAnywhere(t *testing.T) {
	data := fragmentedFilm()
	if title := open(t, bytes.NewReader(data), int64(len(data)), packager.Choice{Sound: packager.NoSound}); title.Segments() < 5 {
		t.Fatalf("%d segments", title.Segments())
	}
	for i := range 64 {
		attempt(t, data[:len(data)*i/64], packager.Choice{Sound: packager.NoSound})
	}
}

func TestFragmentsWithFlippedBits(t *testing.T) {
	data := fragmentedFilm()
	index := bytes.Index(data, []byte("moov"))
	for seed := range uint64(1000) {
		random := rand.New(rand.NewPCG(seed, 3))
		broken := slices.Clone(data)
		for range 1 + random.IntN(20) {
			broken[index+random.IntN(len(data)-index)] ^= 1 << random.IntN(8)
		}
		if got := attempt(t, broken, packager.Choice{Sound: packager.NoSound, Strict: seed%2 == 0}); got > 64<<20 {
			t.Errorf("seed %d: %d bytes", seed, got)
		}
	}
}

func TestFragmentsThatContradictThemselves(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   string
		offset int
		value  uint32
	}{
		{"4 billion samples in a fragment", "trun", 4, 0xffffffff},
		{"a fragment of no samples", "trun", 4, 0},
		{"samples of 4 GB", "trun", 12, 0xffffffff},
		{"data far behind the end", "tfhd", 8, 0x7fffffff},
		{"data in the fragment's own box", "tfhd", 12, 0x400},
		{"of a track that is none", "tfhd", 4, 99},
		{"a time beyond all measure", "tfdt", 4, 0x7fffffff},
		{"a fragment of 3 bytes", "moof", -4, 3},
		{"a fragment without an end", "moof", -4, 0},
		{"a fragment in itself", "traf", 0, 0x6d6f6f66},
		{"defaults of 4 billion bytes", "trex", 16, 0xffffffff},
		{"a movie without tracks", "trak", 0, 0x66726565},
	} {
		for occurrence := range 3 {
			data := replaceWord(fragmentedFilm(), c.kind, 0, c.offset, c.value)
			if occurrence > 0 && c.kind != "trex" && c.kind != "trak" {
				data = replaceWord(fragmentedFilm(), c.kind, occurrence*13, c.offset, c.value)
			}
			if got := attempt(t, data, packager.Choice{Sound: packager.NoSound}); got > 64<<20 {
				t.Errorf("%s: %d bytes", c.name, got)
			}
		}
	}
}

// A film that can nowhere be cut is found out without going through all of it.
func TestTwoHoursWithOneKeyFrame(t *testing.T) {
	mp4 := (&synthetic{seconds: 7200, gopFrames: 1 << 30, picture: 20_000}).build()
	indexed := (&matroska{clusters: 2813, picture: 20_000, oneKey: true}).build()
	bare := (&matroska{clusters: 2813, picture: 20_000, oneKey: true, noCues: true}).build()
	for name, c := range map[string]struct {
		in     io.ReaderAt
		size   int64
		loaded func() int64
	}{
		"MP4":                    {mp4, mp4.size(), mp4.loaded.Load},
		"Matroska":               {indexed, indexed.size(), indexed.loaded.Load},
		"Matroska without Cues":  {bare, bare.size(), bare.loaded.Load},
		"of which all are asked": {bare, bare.size(), bare.loaded.Load},
	} {
		before := c.loaded()
		_, err := packager.Open(t.Context(), c.in, c.size, packager.Choice{Strict: name == "of which all are asked"})
		if read := c.loaded() - before; !errors.Is(err, packager.ErrNotSegmentable) || read > c.size/50 {
			t.Errorf("%s: %v, after %d bytes of %d", name, err, read, c.size)
		}
	}
}

func TestMatroskaOfAThousandTracks(t *testing.T) {
	m := (&matroska{clusters: 4, picture: 20, sound: 8, moreTracks: 1000}).build()
	title := open(t, m, m.size(), packager.Choice{Sound: 1000})
	if title.Segments() != 2 {
		t.Errorf("%d segments", title.Segments())
	}
	m = (&matroska{clusters: 4, picture: 20, sound: 8, moreTracks: 5000}).build()
	if _, err := packager.Open(t.Context(), m, m.size(), packager.Choice{}); !errors.Is(err, packager.ErrDamaged) {
		t.Error(err)
	}
}

// Elements that lead back to themselves end.
func TestMatroskaThatLeadsInCircles(t *testing.T) {
	plain := smallMatroska(&matroska{})
	want := segments(t, open(t, bytes.NewReader(plain), int64(len(plain)), packager.Choice{}), bytes.NewReader(plain))
	at := bytes.Index(plain, elementID(0x53ac)) + 2 + 4 // where the index is said to be
	cues := bytes.LastIndex(plain, elementID(0x1c53bb6b))
	body := bytes.Index(plain, elementID(0x18538067)) + 12
	for name, place := range map[string]uint64{
		"the index is the list of places":  0,
		"the index is the segment itself":  1<<64 - 12,
		"the index is a cluster":           uint64(bytes.Index(plain, elementID(0x1f43b675)) - body),
		"the index is in its own middle":   uint64(cues-body) + 20,
		"the index is behind the end":      uint64(len(plain)),
		"the index is 2 to the 63 further": 1 << 63,
	} {
		data := bytes.Clone(plain)
		binary.BigEndian.PutUint64(data[at:], place)
		if got := attempt(t, data, packager.Choice{}); got > 64<<20 {
			t.Errorf("%s: %d bytes", name, got)
		}
		in := bytes.NewReader(data)
		title, err := packager.Open(t.Context(), in, in.Size(), packager.Choice{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := segments(t, title, in); !slices.EqualFunc(got, want, bytes.Equal) {
			t.Errorf("%s: other bytes", name)
		}
	}
	// A cue that leads to the cues, and all of them to one cluster.
	for name, to := range map[string]uint64{"to themselves": uint64(cues - body), "to the first cluster": uint64(bytes.Index(plain, elementID(0x1f43b675)) - body)} {
		data := bytes.Clone(plain)
		for from := cues; ; {
			next := bytes.Index(data[from:], []byte{0xf1, 0x10, 0, 0, 8})
			if next < 0 {
				break
			}
			binary.BigEndian.PutUint64(data[from+next+5:], to)
			from += next + 13
		}
		if got := attempt(t, data, packager.Choice{}); got > 64<<20 {
			t.Errorf("cues lead %s: %d bytes", name, got)
		}
	}
}
