package aac

import (
	"errors"
	"testing"

	"streambox.local/transcode/packager/track"
)

// An AudioSpecificConfig is a stranger's; a header of ours says how long its frame is.
func FuzzConfig(f *testing.F) {
	for _, c := range []struct {
		config string
		frame  int
	}{{"\x12\x10", 300}, {"\x2b\x92\x08\x00", 1}, {"\xeb\x09\x88", 8184}, {"\x17\x80\x00\x00\x10", -1}, {"\xff\xff", 1 << 40}, {"", 0}} {
		f.Add([]byte(c.config), c.frame)
	}
	f.Fuzz(func(t *testing.T, config []byte, frame int) {
		c, err := ParseConfig(config)
		if err != nil {
			if !errors.Is(err, track.ErrDamaged) && !errors.Is(err, track.ErrUnsupported) {
				t.Fatal(err)
			}
			return
		}
		if c.FrameTicks() <= 0 || len(c.Silence()) > 64 {
			t.Errorf("a frame of %d ticks, silence of %d bytes", c.FrameTicks(), len(c.Silence()))
		}
		if h, err := c.Header(frame); err == nil {
			if size := int(h[3]&3)<<11 | int(h[4])<<3 | int(h[5])>>5; size != frame+HeaderBytes || h[0] != 0xff || h[1]&0xf0 != 0xf0 {
				t.Errorf("a frame of %d bytes has the header %x", frame, h)
			}
		}
	})
}
