// Package vp9 reads of VP9 what it takes to pass it on in MP4: the header of a
// key frame, from which comes what the vpcC box says, as Matroska does not hold
// one. Samples are passed on byte by byte; hidden frames lie with a shown one in
// a superframe, which is one sample.
//
// Syntax: VP9 Bitstream & Decoding Process Specification, 6.2 and annex A; the box
// and the name: VP Codec ISO Media File Format Binding.
package vp9

import (
	"fmt"

	"streambox.local/transcode/packager/bits"
	"streambox.local/transcode/packager/track"
)

// Header is of a key frame.
type Header struct {
	Profile, Depth, Space uint32
	Full                  bool // the whole range of values
	SubX, SubY            bool // chroma is halved
	Width, Height         uint32
}

// HeaderBytes is how much of a sample is read at most.
const HeaderBytes = 16

const colourRGB = 7

// ParseKey reads the header of the frame with which a sample begins; false when
// it is no key frame that is shown.
func ParseKey(data []byte) (h Header, ok bool) {
	r := bits.Reader{Data: data}
	marker := r.Bits(2)
	h.Profile = r.Bit() | r.Bit()<<1
	if h.Profile == 3 {
		r.Skip(1)
	}
	existing, inter, shown := r.Bit(), r.Bit(), r.Bit()
	r.Skip(1) // error resilience
	const sync = 0x498342
	if marker != 2 || existing == 1 || inter == 1 || shown == 0 || r.Bits(24) != sync {
		return Header{}, false
	}
	h.Depth = 8
	if h.Profile >= 2 {
		h.Depth = 10 + 2*r.Bit()
	}
	h.Space = r.Bits(3)
	h.SubX, h.SubY = true, true
	odd := h.Profile&1 == 1
	if h.Space == colourRGB {
		h.Full, h.SubX, h.SubY = true, false, false
		if odd {
			r.Skip(1)
		}
	} else {
		h.Full = r.Bit() == 1
		if odd {
			h.SubX, h.SubY = r.Bit() == 1, r.Bit() == 1
			r.Skip(1)
		}
	}
	h.Width, h.Height = r.Bits(16)+1, r.Bits(16)+1
	return h, !r.Bad
}

// Begins tells whether decoding may begin with a sample.
func Begins(size int, read func(p []byte, at int) error) (bool, error) {
	var head [HeaderBytes]byte
	n := min(size, len(head))
	if n <= 0 {
		return false, nil
	}
	if err := read(head[:n], 0); err != nil {
		return false, err
	}
	_, ok := ParseKey(head[:n])
	return ok, nil
}

// levels are pictures of so many pixels at most, and so many pixels a second (annex A).
var levels = []struct {
	level          byte
	perSecond, all uint64
}{
	{10, 829440, 36864},
	{11, 2764800, 73728},
	{20, 4608000, 122880},
	{21, 9216000, 245760},
	{30, 20736000, 552960},
	{31, 36864000, 983040},
	{40, 83558400, 2228224},
	{41, 160432128, 2228224},
	{50, 311951360, 8912896},
	{51, 588251136, 8912896},
	{52, 1176502272, 8912896},
	{60, 1176502272, 35651584},
	{61, 2353004544, 35651584},
	{62, 4706009088, 35651584},
}

// Box makes the body of a vpcC box: of what a key frame says, the pictures a
// second, and what the container says of colours (the body of a colr box, or nil).
func (h Header) Box(perSecond float64, colour []byte) []byte {
	level := levels[len(levels)-1].level
	pixels := uint64(h.Width) * uint64(h.Height)
	for _, one := range levels {
		if pixels <= one.all && float64(pixels)*perSecond <= float64(one.perSecond) {
			level = one.level
			break
		}
	}
	chroma := byte(1) // 4:2:0, in the place that is taken where nobody says another
	switch {
	case !h.SubX:
		chroma = 3
	case !h.SubY:
		chroma = 2
	}
	primaries, transfer, matrix := h.colours()
	if len(colour) >= 10 {
		primaries, transfer, matrix = colour[5], colour[7], colour[9]
	}
	last := byte(h.Depth&0x0f)<<4 | chroma<<1
	if h.Full {
		last |= 1
	}
	return []byte{1, 0, 0, 0, byte(h.Profile & 3), level, last, primaries, transfer, matrix, 0, 0}
}

// colours are color_space in the numbers of ISO/IEC 23091-2: primaries, transfer, matrix.
func (h Header) colours() (primaries, transfer, matrix byte) {
	const unspecified = 2
	switch h.Space {
	case 1: // BT.601
		return 6, 6, 6
	case 2:
		return 1, 1, 1
	case 3: // SMPTE 170
		return 6, 6, 6
	case 4: // SMPTE 240
		return 7, 7, 7
	case 5: // BT.2020
		return 9, unspecified, 9
	case colourRGB:
		return 1, 13, 0
	}
	return unspecified, unspecified, unspecified
}

// Codec is the stream's name in the codecs parameter, from the body of its vpcC box.
func Codec(box []byte) (string, error) {
	if len(box) < 12 || box[0] != 1 {
		return "", fmt.Errorf("%w: no vpcC record", track.ErrDamaged)
	}
	name := fmt.Sprintf("vp09.%02d.%02d.%02d", box[4], box[5], box[6]>>4)
	chroma, full := box[6]>>1&7, box[6]&1
	primaries, transfer, matrix := box[7], box[8], box[9]
	const bt709, unspecified = 1, 2
	usual := func(n byte) bool { return n == bt709 || n == unspecified }
	if chroma <= 1 && full == 0 && usual(primaries) && usual(transfer) && usual(matrix) {
		return name, nil // what the short form means
	}
	return name + fmt.Sprintf(".%02d.%02d.%02d.%02d.%02d", chroma, primaries, transfer, matrix, full), nil
}
