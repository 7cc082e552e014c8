// Package aac turns AAC as it lies in MP4 and Matroska (bare frames, an
// AudioSpecificConfig aside) into ADTS, which MPEG-TS holds. Syntax: ISO/IEC
// 14496-3, 1.6.2.1 (AudioSpecificConfig) and 1.A.2 (ADTS).
package aac

import (
	"fmt"

	"streambox.local/transcode/packager/track"
)

// HeaderBytes is the size of the header before each frame.
const HeaderBytes = 7

// Config is what ADTS headers say of a track.
type Config struct {
	profile, rate, channels uint32
}

// Audio object types.
const (
	typeMain = 1
	typeLC   = 2
	typeLTP  = 4
	typeSBR  = 5
	typePS   = 29
	escape   = 31
)

// explicitRate stands before a rate in Hz, for which ADTS has no field.
const explicitRate = 15

// ParseConfig reads an AudioSpecificConfig. ADTS has no word for SBR and PS:
// they are written as their core, AAC-LC, in which decoders find them.
func ParseConfig(data []byte) (Config, error) {
	r := bits{data: data}
	object := r.object()
	rate := r.read(4)
	if rate == explicitRate {
		rate = indexOf(r.read(24))
	}
	c := Config{rate: rate, channels: r.read(4)}
	if object == typeSBR || object == typePS {
		if r.read(4) == explicitRate { // of what SBR makes of it
			r.read(24)
		}
		object = r.object()
	}
	c.profile = object - 1
	switch {
	case r.bad:
		return Config{}, fmt.Errorf("%w: AAC configuration of %d bytes", track.ErrDamaged, len(data))
	case object < typeMain || object > typeLTP || c.rate > 12:
		return Config{}, fmt.Errorf("%w: AAC of object type %d at rate %d", track.ErrUnsupported, object, c.rate)
	case c.channels == 0 || c.channels > 7:
		return Config{}, fmt.Errorf("%w: AAC with channel configuration %d", track.ErrUnsupported, c.channels)
	case r.read(1) == 1:
		return Config{}, fmt.Errorf("%w: AAC frames of 960 samples", track.ErrUnsupported)
	}
	return c, nil
}

// rates are those that have an index, in Hz (table 1.18).
var rates = [...]uint32{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}

// indexOf is the index of a rate that was written in full.
func indexOf(rateHz uint32) uint32 {
	for i, known := range rates {
		if known == rateHz {
			return uint32(i)
		}
	}
	return explicitRate
}

// Header returns the ADTS header of a frame of so many bytes.
func (c Config) Header(frameBytes int) ([HeaderBytes]byte, error) {
	const most = 1<<13 - 1
	n := frameBytes + HeaderBytes
	if frameBytes <= 0 || n > most {
		return [HeaderBytes]byte{}, fmt.Errorf("%w: an AAC frame of %d bytes", track.ErrDamaged, frameBytes)
	}
	// Sync word, MPEG-4, layer 0, no CRC; buffer fullness: variable rate; one frame.
	return [HeaderBytes]byte{
		0xff, 0xf1,
		byte((c.profile<<6 | c.rate<<2 | c.channels>>2&1) & 0xff),
		byte(c.channels&3)<<6 | byte(n>>11&3),
		byte(n >> 3 & 0xff),
		byte(n&7)<<5 | 0x1f,
		0xfc,
	}, nil
}

type bits struct {
	data []byte
	at   int
	bad  bool
}

func (r *bits) read(n int) (v uint32) {
	for range n {
		v <<= 1
		if r.at >= 8*len(r.data) {
			r.bad = true
			continue
		}
		v |= uint32(r.data[r.at/8] >> (7 - r.at%8) & 1)
		r.at++
	}
	return v
}

func (r *bits) object() uint32 {
	kind := r.read(5)
	if kind == escape {
		kind = 32 + r.read(6)
	}
	return kind
}
