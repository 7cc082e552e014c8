package packager_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"streambox.local/transcode/packager"
	"streambox.local/transcode/segmenter"
)

// times are those of a stream's access units in a segment, in ticks.
func times(data []byte, pid int) (all []int64) {
	for ; len(data) > 0; data = data[188:] {
		if int(data[1]&0x1f)<<8|int(data[2]) != pid || data[1]&0x40 == 0 {
			continue
		}
		pes := data[4:]
		if data[3]&0x20 != 0 {
			pes = data[5+int(data[4]):]
		}
		b := pes[9:14]
		all = append(all, int64(b[0]&0x0e)<<29|int64(b[1])<<22|int64(b[2]&0xfe)<<14|int64(b[3])<<7|int64(b[4])>>1)
	}
	return all
}

const picturePID, soundPID = 0x100, 0x101

func TestMatroskaIsTheSameHoweverItIsWritten(t *testing.T) {
	plain := (&matroska{clusters: 9}).build()
	want := segments(t, open(t, plain, plain.size(), packager.Choice{}), plain)
	if len(want) != 5 {
		t.Errorf("%d segments", len(want))
	}
	if err := segmenter.Check(want...); err != nil {
		t.Error(err)
	}
	checkCounts(t, want)
	sum := sha256.Sum256(bytes.Join(want, nil))
	if got := hex.EncodeToString(sum[:8]); got != "855df697188389fc" {
		t.Errorf("SHA-256 %s…: has Version grown?", got)
	}
	for name, m := range map[string]*matroska{
		"headers stripped":       {clusters: 9, strip: true},
		"no index":               {clusters: 9, noCues: true},
		"no places in the index": {clusters: 9, noPlaces: true},
		"sizes not told":         {clusters: 9, endless: true},
		"neither":                {clusters: 9, endless: true, noCues: true},
	} {
		m.build()
		got := segments(t, open(t, m, m.size(), packager.Choice{}), m)
		if !slices.EqualFunc(got, want, bytes.Equal) {
			t.Errorf("%s: other bytes", name)
		}
	}
}

func TestLacedSound(t *testing.T) {
	for lacing := 1; lacing <= 3; lacing++ {
		m := (&matroska{clusters: 9, lacing: lacing, sound: 300}).build()
		title := open(t, m, m.size(), packager.Choice{})
		var all []int64
		for _, data := range segments(t, title, m) {
			all = append(all, times(data, soundPID)...)
		}
		if len(all) != 9*soundsInCluster {
			t.Errorf("lacing %d: %d frames of sound", lacing, len(all))
		}
		for i := range all {
			if off := all[i] - all[0] - int64(i)*1920; off < -90 || off > 90 {
				t.Fatalf("lacing %d: frame %d is off by %d ticks", lacing, i, off)
			}
		}
	}
}

// Sound that stands behind a segment's first picture, but is earlier, is the
// segment's before.
func TestSoundIsInOneSegment(t *testing.T) {
	for _, lead := range []int{0, 1, 7, 60, 100} {
		m := (&matroska{clusters: 9, lead: lead}).build()
		title := open(t, m, m.size(), packager.Choice{})
		total := 0
		for n, data := range segments(t, title, m) {
			sounds, pictures := times(data, soundPID), times(data, picturePID)
			total += len(sounds)
			if n > 0 && sounds[0] < pictures[0] {
				t.Errorf("lead of %d: segment %d has sound of %d before %d", lead, n, sounds[0], pictures[0])
			}
			if !slices.IsSorted(sounds) {
				t.Errorf("lead of %d: sound of segment %d is not in order", lead, n)
			}
		}
		if total != 9*soundsInCluster {
			t.Errorf("lead of %d: %d frames of sound, want %d", lead, total, 9*soundsInCluster)
		}
		only := open(t, m, m.size(), packager.Choice{SoundOnly: true})
		for _, data := range segments(t, only, m) {
			total -= len(times(data, picturePID)) // sound has the first PID there
		}
		if total != 0 {
			t.Errorf("lead of %d: %d frames are missing when sound is alone", lead, total)
		}
	}
}

func TestOnlyAPartOfAMatroskaFileIsRead(t *testing.T) {
	m := (&matroska{clusters: 2813, picture: 20_000}).build() // two hours, 3.7 GB
	title := open(t, m, m.size(), packager.Choice{})
	if title.Segments() != 1407 || m.loaded.Load() > m.size()/100 {
		t.Errorf("%d segments; %d bytes of %d were read to open the title", title.Segments(), m.loaded.Load(), m.size())
	}
	m.reads.Store(0)
	m.loaded.Store(0)
	data, err := title.Segment(t.Context(), m, 700)
	if err != nil || m.loaded.Load() > int64(len(data))*5/4 || m.reads.Load() > 3 {
		t.Errorf("%d reads, %d bytes for a segment of %d: %v", m.reads.Load(), m.loaded.Load(), len(data), err)
	}
	bare := (&matroska{clusters: 2813, picture: 20_000, noCues: true}).build()
	title = open(t, bare, bare.size(), packager.Choice{})
	if title.Segments() != 1407 || bare.loaded.Load() > bare.size()/100 {
		t.Errorf("without an index: %d segments; %d bytes of %d", title.Segments(), bare.loaded.Load(), bare.size())
	}
}

func smallMatroska(m *matroska) []byte {
	m.clusters, m.picture, m.sound = 4, 20, 8
	return m.build().bytes()
}

func TestMatroskaThatEndsAnywhere(t *testing.T) {
	data := smallMatroska(&matroska{})
	opened := 0
	for i := range 64 {
		part := data[:len(data)*i/64]
		attempt(t, part, packager.Choice{})
		title, err := packager.Open(t.Context(), bytes.NewReader(part), int64(len(part)), packager.Choice{})
		if err != nil {
			continue
		}
		opened++
		for n := range title.Segments() {
			if _, err := title.Segment(t.Context(), bytes.NewReader(part), n); err != nil {
				t.Errorf("%d/64: segment %d: %v", i, n, err)
			}
		}
	}
	if opened < 61 {
		t.Errorf("only %d of 64 parts can be played as far as they go", opened)
	}
}

func TestMatroskaWithFlippedBits(t *testing.T) {
	files := [][]byte{
		smallMatroska(&matroska{}), smallMatroska(&matroska{lacing: 1}), smallMatroska(&matroska{lacing: 3}),
		smallMatroska(&matroska{endless: true, noCues: true}), smallMatroska(&matroska{strip: true, noPlaces: true}),
	}
	for seed := range uint64(1000) {
		random := rand.New(rand.NewPCG(seed, 2))
		broken := slices.Clone(files[int(seed)%len(files)])
		for range 1 + random.IntN(20) {
			at := random.IntN(len(broken))
			switch random.IntN(3) { // headers and index more often than their share
			case 0:
				at = random.IntN(500)
			case 1:
				at = len(broken) - 1 - random.IntN(300)
			}
			broken[at] ^= 1 << random.IntN(8)
		}
		if got := attempt(t, broken, packager.Choice{}); got > 64<<20 {
			t.Errorf("seed %d: %d bytes", seed, got)
		}
	}
}

func TestMatroskaThatContradictsItself(t *testing.T) {
	for name, c := range map[string]struct {
		from, to []byte
		want     error
	}{
		"clusters far away":                           {number(0xf1, 0), number(0xf1, 1<<40), nil},
		"a scale of 0":                                {number(0x2ad7b1, 1_000_000), number(0x2ad7b1, 0), packager.ErrDamaged},
		"a scale of a century":                        {number(0x2ad7b1, 1_000_000), number(0x2ad7b1, 1<<62), packager.ErrDamaged},
		"a number of 200 bytes":                       {number(0xd7, 1)[:5], []byte{0xd7, 0x10, 0, 0, 200}, packager.ErrDamaged},
		"tracks of 256 MB":                            {[]byte{0x16, 0x54, 0xae, 0x6b, 0x10}, []byte{0x16, 0x54, 0xae, 0x6b, 0x1f}, packager.ErrDamaged},
		"a block that is encrypted":                   {elementID(0x63a2), elementID(0x63a1), packager.ErrDamaged},
		"a cluster in the far future":                 {[]byte{0xe7, 0x10, 0, 0, 8, 0}, []byte{0xe7, 0x10, 0, 0, 8, 0xff}, packager.ErrDamaged},
		"lengths of NAL units of 4 GB":                {words(20 - 4), words(0xfffffff0), nil},
		"a picture in each other's place in the file": {number(0xf0, 13), number(0xf0, 14), nil},
	} {
		data := smallMatroska(&matroska{})
		if !bytes.Contains(data, c.from) && c.want != nil {
			t.Fatalf("%s: nothing is changed", name)
		}
		data = bytes.ReplaceAll(data, c.from, c.to)
		if got := attempt(t, data, packager.Choice{}); got > 64<<20 {
			t.Errorf("%s: %d bytes", name, got)
		}
		if _, err := packager.Open(t.Context(), bytes.NewReader(data), int64(len(data)), packager.Choice{}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func FuzzMatroska(f *testing.F) {
	for _, m := range []*matroska{{}, {lacing: 1}, {lacing: 2}, {lacing: 3}, {endless: true, noCues: true}, {strip: true, noPlaces: true}} {
		data := smallMatroska(m)
		f.Add(data, uint8(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, choice uint8) {
		attempt(t, data, packager.Choice{Sound: int(choice&3) - 1, SoundOnly: choice&4 != 0, Strict: choice&8 != 0})
	})
}
