package aac

import (
	"errors"
	"testing"

	"streambox.local/transcode/packager/track"
)

func TestHeaders(t *testing.T) {
	for _, x := range []struct {
		name   string
		config []byte
		want   [3]byte // bytes 1 to 3 of the header of a frame of 100 bytes
	}{
		{"LC, 44.1 kHz, stereo", []byte{0x12, 0x10}, [3]byte{0xf1, 0x50, 0x80}},
		{"LC, 48 kHz, 5.1", []byte{0x11, 0xb0}, [3]byte{0xf1, 0x4d, 0x80}},
		{"HE by name: SBR of 48 kHz on 24 kHz", []byte{0x2b, 0x11, 0x88, 0x00}, [3]byte{0xf1, 0x58, 0x80}},
		{"HE version 2 by name", []byte{0xeb, 0x09, 0x88, 0x00}, [3]byte{0xf1, 0x58, 0x40}},
		{"HE by an extension behind", []byte{0x13, 0x10, 0x56, 0xe5, 0x98}, [3]byte{0xf1, 0x58, 0x80}},
		{"a rate in full", []byte{0x17, 0x80, 0x56, 0x22, 0x10}, [3]byte{0xf1, 0x50, 0x80}},
	} {
		c, err := ParseConfig(x.config)
		if err != nil {
			t.Errorf("%s: %v", x.name, err)
			continue
		}
		h, err := c.Header(100)
		if err != nil || h[0] != 0xff || [3]byte(h[1:4]) != x.want || h[4] != 107>>3 || h[5] != 107&7<<5|0x1f || h[6] != 0xfc {
			t.Errorf("%s: % x, %v", x.name, h, err)
		}
	}
}

func TestWhatADTSCannotSay(t *testing.T) {
	for name, x := range map[string]struct {
		config []byte
		want   error
	}{
		"nothing":             {nil, track.ErrDamaged},
		"half a config":       {[]byte{0x12}, track.ErrDamaged},
		"xHE":                 {[]byte{0xf9, 0x48, 0x80, 0, 0}, track.ErrUnsupported},
		"channels of its own": {[]byte{0x12, 0x00}, track.ErrUnsupported},
		"frames of 960":       {[]byte{0x12, 0x14}, track.ErrUnsupported},
		"an odd rate":         {[]byte{0x17, 0x80, 0x56, 0x00, 0x10}, track.ErrUnsupported},
	} {
		if _, err := ParseConfig(x.config); !errors.Is(err, x.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c, err := ParseConfig([]byte{0x12, 0x10})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, -1, 8185, 1 << 30} {
		if _, err := c.Header(n); !errors.Is(err, track.ErrDamaged) {
			t.Errorf("a frame of %d bytes: %v", n, err)
		}
	}
}

func TestSilenceOfEveryLayout(t *testing.T) {
	for channels, want := range map[byte]int{1: 4, 2: 7, 3: 11, 6: 21, 7: 28} {
		c, err := ParseConfig([]byte{0x12, channels << 3})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Silence(); len(got) != want {
			t.Errorf("%d channels: %d bytes, want %d", channels, len(got), want)
		}
		if c.FrameTicks() != 2090 {
			t.Errorf("a frame lasts %d ticks", c.FrameTicks())
		}
	}
}
