package h264

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"

	"streambox.local/transcode/packager/track"
)

var (
	sps640 = []byte{0x67, 0x64, 0x00, 0x1e, 0xac, 0xd9, 0x40, 0xa0, 0x2f, 0xf9, 0x70, 0x11, 0, 0, 3, 0, 1, 0, 0, 3, 0, 0x32, 0x0f, 0x16, 0x2d, 0x96}
	pps    = []byte{0x68, 0xef, 0x8f, 0xcb}
)

func record(sps ...[]byte) []byte {
	out := []byte{1, 0x64, 0, 0x1e, 0xff, 0xe0 | byte(len(sps))}
	for _, one := range sps {
		out = append(binary.BigEndian.AppendUint16(out, uint16(len(one))), one...)
	}
	return append(append(out, 1, 0, byte(len(pps))), pps...)
}

func config(t *testing.T, aspect [2]uint32) *Config {
	t.Helper()
	c, err := ParseConfig(record(slices.Clone(sps640)), aspect)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func sample(nals ...[]byte) (out []byte) {
	for _, nal := range nals {
		out = append(binary.BigEndian.AppendUint32(out, uint32(len(nal))), nal...)
	}
	return out
}

func annexB(nals ...[]byte) (out []byte) {
	for _, nal := range nals {
		out = append(append(out, 0, 0, 0, 1), nal...)
	}
	return out
}

func TestUnitsBecomeAnnexB(t *testing.T) {
	c := config(t, [2]uint32{})
	aud, idr, other := []byte{9, 0xf0}, []byte{0x65, 1, 2}, []byte{0x41, 3}
	point, text := []byte{6, 6, 1, 0xc4, 0x80}, []byte{6, 4, 2, 7, 7, 0x80}
	both := []byte{6, 6, 1, 0xc4, 4, 2, 7, 7, 0x80}
	spsB, ppsB := []byte{0x67, 1}, []byte{0x68, 1}
	for _, x := range []struct {
		name string
		in   [][]byte
		out  [][]byte
	}{
		{"an IDR gets parameter sets", [][]byte{idr}, [][]byte{aud, sps640, pps, idr}},
		{"another picture does not", [][]byte{other, other}, [][]byte{aud, other, other}},
		{"its own ones are kept", [][]byte{spsB, ppsB, idr}, [][]byte{aud, spsB, ppsB, idr}},
		{"what it lacks of them is added", [][]byte{spsB, idr}, [][]byte{aud, spsB, pps, idr}},
		{"and in front", [][]byte{ppsB, idr}, [][]byte{aud, sps640, ppsB, idr}},
		{"delimiters, filler and ends go", [][]byte{{9, 0x10}, {10}, {}, other, {12, 0xff}, {11}}, [][]byte{aud, other}},
		{"a recovery point goes", [][]byte{point, other}, [][]byte{aud, other}},
		{"other messages stay", [][]byte{text, other}, [][]byte{aud, text, other}},
		{"also beside a recovery point", [][]byte{both, other}, [][]byte{aud, text, other}},
		{"what is no message stays as it is", [][]byte{{6, 6, 200, 1}, other}, [][]byte{aud, {6, 6, 200, 1}, other}},
	} {
		u, err := c.AppendUnit(nil, sample(x.in...))
		if got := bytes.Join(u.Parts, nil); err != nil || !bytes.Equal(got, annexB(x.out...)) || u.Size != len(got) {
			t.Errorf("%s: % x, %v", x.name, got, err)
		}
	}
}

func TestUnitsThatAreDamaged(t *testing.T) {
	c := config(t, [2]uint32{})
	for name, in := range map[string][]byte{
		"nothing":                  {},
		"no picture":               sample(pps),
		"a length beyond the end":  {0, 0, 1, 0, 0x65},
		"half a length":            append(sample([]byte{0x41, 1}), 0, 0),
		"thousands of empty units": append(bytes.Repeat([]byte{0, 0, 0, 0}, 5000), sample([]byte{0x41, 1})...),
	} {
		if _, err := c.AppendUnit(nil, in); !errors.Is(err, track.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	bare := &Config{LengthBytes: 4}
	if _, err := bare.AppendUnit(nil, sample([]byte{0x65, 1})); !errors.Is(err, track.ErrDamaged) {
		t.Errorf("an IDR without parameter sets: %v", err)
	}
}

func TestPixelsThatAreNotSquareAreWrittenIntoTheSPS(t *testing.T) {
	first, err := parseSPS(sps640)
	if err != nil || first.aspect != [2]uint32{1, 1} || first.reorder != 2 {
		t.Fatalf("%+v, %v", first, err)
	}
	if c := config(t, [2]uint32{5, 5}); !bytes.Equal(c.SPS[0], sps640) {
		t.Error("square ones are written anew")
	}
	for _, aspect := range [][2]uint32{{4, 3}, {64, 45}, {1 << 20, 3 << 18}, {0xffff, 1}} {
		c := config(t, aspect)
		s, err := parseSPS(c.SPS[0])
		if err != nil || s.aspect[0]*aspect[1] != s.aspect[1]*aspect[0] || s.reorder != 2 {
			t.Errorf("%v became %v, reordering %d: %v", aspect, s.aspect, s.reorder, err)
		}
	}
}

func TestRecordsThatAreDamaged(t *testing.T) {
	whole := record(sps640)
	for n := range whole {
		if _, err := ParseConfig(slices.Clone(whole[:n]), [2]uint32{}); !errors.Is(err, track.ErrDamaged) {
			t.Errorf("%d bytes of it: %v", n, err)
		}
	}
	if _, err := ParseConfig(record([]byte{0x67, 0x64, 0, 30}), [2]uint32{}); !errors.Is(err, track.ErrDamaged) {
		t.Error(err)
	}
}

func TestFirstSlice(t *testing.T) {
	long := slices.Concat([]byte{6, 5}, bytes.Repeat([]byte{0xff}, 3000))
	for _, x := range []struct {
		name string
		data []byte
		idr  bool
	}{
		{"an IDR", sample([]byte{0x65, 1}), true},
		{"behind a long message", sample([]byte{9, 0xf0}, long, []byte{0x65, 1}), true},
		{"another picture", sample(sps640, pps, []byte{6, 6, 1, 0xc4}, []byte{0x41, 1}), false},
		{"nothing", nil, false},
		{"a length beyond the end", []byte{0xff, 0xff, 0xff, 0xff, 9}, false},
		{"endless small units", bytes.Repeat(sample([]byte{6}), 10_000), false},
	} {
		reads := 0
		idr, err := FirstSlice(len(x.data), 4, func(p []byte, at int) error {
			reads++
			_, err := io.ReadFull(bytes.NewReader(x.data[at:]), p)
			return err
		})
		if idr != x.idr || err != nil || reads > 3 {
			t.Errorf("%s: %v, %v after %d reads", x.name, idr, err, reads)
		}
	}
}
