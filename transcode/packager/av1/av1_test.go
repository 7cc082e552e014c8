package av1

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"streambox.local/transcode/packager/track"
)

func TestNames(t *testing.T) {
	bt2020 := []byte{'n', 'c', 'l', 'x', 0, 9, 0, 16, 0, 9, 0}
	for _, c := range []struct {
		name           string
		record, colour []byte
		want           string
	}{
		{"Main, level 3.0", []byte{0x81, 0x04, 0x0c, 0}, nil, "av01.0.04M.08"},
		{"10 bits, high tier, level 5.1", []byte{0x81, 0x0d, 0xcc, 0}, nil, "av01.0.13H.10"},
		{"12 bits", []byte{0x81, 0x44, 0x6c, 0}, nil, "av01.2.04M.12"},
		{"HDR", []byte{0x81, 0x0d, 0x4e, 0}, bt2020, "av01.0.13M.10.0.112.09.16.09.0"},
		{"colours that are meant without a word", []byte{0x81, 0x04, 0x0c, 0}, []byte{'n', 'c', 'l', 'x', 0, 1, 0, 1, 0, 1, 0}, "av01.0.04M.08"},
		{"grey", []byte{0x81, 0x04, 0x1c, 0}, nil, "av01.0.04M.08.1.110.01.01.01.0"},
	} {
		if got, err := Codec(c.record, c.colour); err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
	}
	if _, err := Codec([]byte{1, 2, 3}, nil); !errors.Is(err, track.ErrDamaged) {
		t.Error(err)
	}
}

func TestSamples(t *testing.T) {
	delimiter := []byte{0x12, 0}
	sequence := append([]byte{0x0a, 10}, make([]byte, 10)...)
	metadata := append([]byte{0x2a, 0xf0, 0x2e}, make([]byte, 0xf0-0x80+0x2e<<7)...)
	frame := func(first byte) []byte { return []byte{0x32, 3, first, 0, 0} }
	for _, c := range []struct {
		name  string
		parts [][]byte
		want  bool
	}{
		{"a key frame", [][]byte{sequence, frame(0x10)}, true},
		{"one behind a delimiter and 6 KB of metadata", [][]byte{delimiter, sequence, metadata, frame(0x10)}, true},
		{"a key frame that is hidden", [][]byte{sequence, frame(0x00)}, false},
		{"another frame", [][]byte{frame(0x30)}, false},
		{"one shown again", [][]byte{frame(0x90)}, false},
		{"one without a size, at the end", [][]byte{sequence, {0x30, 0x10, 0}}, true},
		{"no frame", [][]byte{sequence}, false},
		{"no OBU", [][]byte{{0xff, 0xff}}, false},
		{"nothing", nil, false},
	} {
		sample := slices.Concat(c.parts...)
		got, err := Begins(len(sample), func(p []byte, at int) error {
			copy(p, sample[at:])
			return nil
		})
		if err != nil || got != c.want {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
		if without := WithoutDelimiters(sample); !bytes.Equal(without, slices.Concat(slices.DeleteFunc(c.parts, func(part []byte) bool { return bytes.Equal(part, delimiter) })...)) {
			t.Errorf("%s: % x is left", c.name, without[:min(8, len(without))])
		}
	}
}
