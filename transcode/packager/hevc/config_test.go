package hevc

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"streambox.local/transcode/packager/track"
)

// record is an hvcC record without parameter sets.
func record(profile byte, compatible uint32, constraints [6]byte, level byte) []byte {
	r := []byte{1, profile}
	r = binary.BigEndian.AppendUint32(r, compatible)
	r = append(append(r, constraints[:]...), level)
	return append(r, make([]byte, 23-len(r))...)
}

// Names as ISO/IEC 14496-15 (E.3) makes them.
func TestNames(t *testing.T) {
	for _, c := range []struct {
		name   string
		record []byte
		want   string
	}{
		{"Main, level 3.1", record(1, 0x60000000, [6]byte{0xb0}, 93), "hev1.1.6.L93.B0"},
		{"Main 10, level 5, high tier", record(0x22, 0x20000000, [6]byte{0x90}, 150), "hev1.2.4.H150.90"},
		{"no constraints", record(1, 0x60000000, [6]byte{}, 93), "hev1.1.6.L93"},
		{"a profile space", record(0x81, 0x60000000, [6]byte{0xb0}, 93), "hev1.B1.6.L93.B0"},
		{"range extensions", record(4, 0x08000000, [6]byte{0xbd, 8}, 93), "hev1.4.10.L93.BD.8"},
	} {
		got, err := ParseConfig(c.record)
		if err != nil || got.Codec != c.want {
			t.Errorf("%s: %q, %v; want %q", c.name, got.Codec, err, c.want)
		}
	}
}

func TestRecordsThatAreNone(t *testing.T) {
	whole := record(1, 0x60000000, [6]byte{0xb0}, 93)
	whole[22] = 1
	for name, record := range map[string][]byte{
		"nothing":                 nil,
		"too short":               whole[:22],
		"another version":         append([]byte{9}, whole[1:]...),
		"a list that is missing":  whole,
		"a set that is missing":   append(slices.Clone(whole), 0x20, 0, 1),
		"a set beyond the record": append(slices.Clone(whole), 0x20, 0, 1, 0xff, 0xff, 0),
	} {
		if _, err := ParseConfig(record); !errors.Is(err, track.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhereDecodingMayBegin(t *testing.T) {
	c := Config{LengthBytes: 4}
	unit := func(kind byte, size int) []byte {
		return append([]byte{0, 0, byte(size >> 8), byte(size), kind << 1, 1}, make([]byte, size-2)...)
	}
	for _, x := range []struct {
		name  string
		units [][]byte
		want  bool
	}{
		{"IDR", [][]byte{unit(19, 50)}, true},
		{"IDR without leading pictures", [][]byte{unit(20, 50)}, true},
		{"CRA behind a delimiter, parameter sets and a long message", [][]byte{unit(35, 3), unit(32, 20), unit(33, 40), unit(34, 8), unit(39, 5000), unit(21, 50)}, true},
		{"BLA", [][]byte{unit(16, 50)}, true},
		{"a trailing picture", [][]byte{unit(1, 50)}, false},
		{"a leading picture", [][]byte{unit(9, 50)}, false},
		{"a reserved kind", [][]byte{unit(22, 50)}, false},
		{"no picture at all", [][]byte{unit(39, 50)}, false},
		{"nothing", nil, false},
	} {
		var sample []byte
		for _, u := range x.units {
			sample = append(sample, u...)
		}
		got, err := c.Begins(len(sample), func(p []byte, at int) error {
			copy(p, sample[at:])
			return nil
		})
		if err != nil || got != x.want {
			t.Errorf("%s: %v, %v", x.name, got, err)
		}
	}
}
