package vp9

import (
	"encoding/hex"
	"errors"
	"testing"

	"streambox.local/transcode/packager/track"
)

// key is the beginning of a key frame: profile 0, 4:2:0 of BT.709, 640 × 360.
const key = "82498342" + "4" + "027f" + "0167" + "0000000"

func TestHeaders(t *testing.T) {
	data, err := hex.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	h, ok := ParseKey(data)
	if want := (Header{Depth: 8, Space: 2, SubX: true, SubY: true, Width: 640, Height: 360}); !ok || h != want {
		t.Errorf("%+v, %v; want %+v", h, ok, want)
	}
	for name, first := range map[string]byte{"no frame": 0x02, "a frame between": 0x86, "one shown again": 0x8a, "a hidden one": 0x80} {
		other := append([]byte{first}, data[1:]...)
		if _, ok := ParseKey(other); ok {
			t.Errorf("%s is a key frame", name)
		}
	}
	for n := range 9 {
		if _, ok := ParseKey(data[:n]); ok {
			t.Errorf("%d bytes are a key frame", n)
		}
	}
}

func TestNames(t *testing.T) {
	sdr := Header{Depth: 8, Space: 2, SubX: true, SubY: true, Width: 1920, Height: 1080}
	hdr := Header{Profile: 2, Depth: 10, Space: 5, SubX: true, SubY: true, Width: 3840, Height: 2160}
	for _, c := range []struct {
		name      string
		header    Header
		perSecond float64
		colour    []byte
		want      string
	}{
		{"1080p25", sdr, 25, nil, "vp09.00.40.08"},
		{"1080p60", sdr, 60, nil, "vp09.00.41.08"},
		{"4K in HDR, as the container says", hdr, 30, []byte{'n', 'c', 'l', 'x', 0, 9, 0, 16, 0, 9, 0}, "vp09.02.50.10.01.09.16.09.00"},
		{"4K of which only the stream tells", hdr, 60, nil, "vp09.02.51.10.01.09.02.09.00"},
		{"larger than all levels", Header{Depth: 8, SubX: true, SubY: true, Width: 65536, Height: 65536}, 60, nil, "vp09.00.62.08"},
	} {
		if got, err := Codec(c.header.Box(c.perSecond, c.colour)); err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
	}
	if _, err := Codec([]byte{1, 0, 0}); !errors.Is(err, track.ErrDamaged) {
		t.Error(err)
	}
}
