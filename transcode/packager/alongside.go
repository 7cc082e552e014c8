package packager

import (
	"encoding/binary"
	"fmt"
	"math"

	"streambox.local/transcode/packager/track"
)

// Alongside is the title of converted sound beside segments of MPEG-TS that
// somebody else has made of the film: an alternate of a rendition on the disk,
// cut at the same places and by the same clock. startTicks is when the film begins
// by its container's clock, and where the sound does (Title.StartTicks). first is
// the rendition's first segment, seconds are the lengths of all, as its playlist
// has them.
//
// When the film begins in those segments say their own times. resampled tells that their
// sound was encoded from the film's beginning on, as ours is: its first frame is
// the encoder's priming, and the next one begins with the film. Else the film
// begins with the first picture.
func Alongside(sound int, startTicks int64, resampled bool, first []byte, seconds []float64) (*Title, error) {
	picture, heard := firstStamps(first)
	if picture < 0 || resampled && heard < 0 || len(seconds) == 0 || len(seconds) > mostSegments {
		return nil, fmt.Errorf("sound alongside: %w: nothing to go by", ErrUnsupported)
	}
	begin := picture
	if resampled {
		begin = (heard + primingTicks) & stampMask
	}
	shift := (picture - begin) << 31 >> 31 // of 33 bits, signed
	if shift < -maxTicks || shift > maxTicks {
		return nil, fmt.Errorf("sound alongside: %w: picture and sound begin %d ticks apart", ErrUnsupported, shift)
	}
	t := &Title{
		choice: Choice{Sound: sound, SoundOnly: true, Converted: true}, first: begin,
		starts: make([]int64, 1, len(seconds)+1), hole: shortestHole,
	}
	t.starts[0] = startTicks
	at := startTicks + shift
	for _, one := range seconds {
		if !(one > 0 && one <= MaxSeconds+1) {
			return nil, fmt.Errorf("sound alongside: %w: a segment of %f s", ErrUnsupported, one)
		}
		at += int64(math.Round(one * track.TicksPerSecond))
		t.starts = append(t.starts, at)
	}
	if t.starts[1] <= startTicks {
		return nil, fmt.Errorf("sound alongside: %w: its sound begins after its first segment", ErrUnsupported)
	}
	return t, t.describeSound(convertedInfo())
}

const (
	stampMask    = 1<<33 - 1
	primingTicks = 1024 * track.TicksPerSecond / 48_000 // of what transcode makes, and of what sound keeps
)

// firstStamps are the times of the first picture and of the first sound of
// MPEG-TS; -1: there is none.
func firstStamps(data []byte) (picture, heard int64) {
	const size = 188
	picture, heard = -1, -1
	for ; len(data) >= size && data[0] == 0x47 && (picture < 0 || heard < 0); data = data[size:] {
		p := data[:size]
		if p[1]&0x40 == 0 || p[3]&0x10 == 0 { // no beginning, or no payload
			continue
		}
		at := 4
		if p[3]&0x20 != 0 {
			at += 1 + int(p[4])
		}
		if at+14 > size || p[at] != 0 || p[at+1] != 0 || p[at+2] != 1 || p[at+7]&0x80 == 0 {
			continue
		}
		stamp := int64(p[at+9]>>1&7)<<30 | int64(binary.BigEndian.Uint16(p[at+10:])>>1)<<15 | int64(binary.BigEndian.Uint16(p[at+12:])>>1)
		switch id := p[at+3]; {
		case id&0xf0 == 0xe0 && picture < 0:
			picture = stamp
		case id&0xe0 == 0xc0 && heard < 0:
			heard = stamp
		}
	}
	return picture, heard
}
