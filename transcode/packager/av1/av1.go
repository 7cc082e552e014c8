// Package av1 reads of AV1 what it takes to pass it on in MP4: its name, where
// decoding may begin, and the temporal delimiters, which have no place there.
//
// Syntax: AV1 Bitstream & Decoding Process Specification, 5.3 to 5.9; the record
// and the name: AV1 Codec ISO Media File Format Binding, 2.3 and 5.
package av1

import (
	"fmt"

	"streambox.local/transcode/packager/bits"
	"streambox.local/transcode/packager/track"
)

// Types of OBUs.
const (
	obuDelimiter = 2
	obuHeader    = 3
	obuFrame     = 6
)

// Codec is the stream's name in the codecs parameter, from an av1C record and
// what the container says of colours (the body of a colr box, or nil).
func Codec(record, colour []byte) (string, error) {
	if len(record) < 4 || record[0] != 0x81 {
		return "", fmt.Errorf("%w: no av1C record", track.ErrDamaged)
	}
	profile, level := record[1]>>5, record[1]&0x1f
	flags := record[2]
	tier := "MH"[flags>>7]
	depth := 8
	switch {
	case flags>>6&1 == 1 && profile == 2 && flags>>5&1 == 1:
		depth = 12
	case flags>>6&1 == 1:
		depth = 10
	}
	mono, subX, subY, place := flags>>4&1, flags>>3&1, flags>>2&1, flags&3
	name := fmt.Sprintf("av01.%d.%02d%c.%02d", profile, level, tier, depth)
	if subX == 0 || subY == 0 {
		place = 0 // it is told of 4:2:0 only
	}
	primaries, transfer, matrix, full := byte(1), byte(1), byte(1), byte(0)
	if len(colour) >= 10 {
		primaries, transfer, matrix = colour[5], colour[7], colour[9]
		if len(colour) >= 11 {
			full = colour[10] >> 7
		}
	}
	const bt709, unspecified = 1, 2
	usual := func(n byte) bool { return n == bt709 || n == unspecified }
	if mono == 0 && subX == 1 && subY == 1 && full == 0 && usual(primaries) && usual(transfer) && usual(matrix) {
		return name, nil // what the short form means
	}
	return name + fmt.Sprintf(".%d.%d%d%d.%02d.%02d.%02d.%d", mono, subX, subY, place, primaries, transfer, matrix, full), nil
}

// obu reads the header of an OBU: where its payload begins, and where the next
// one does, which may lie behind data.
func obu(data []byte) (kind byte, payload, next int, ok bool) {
	if len(data) == 0 || data[0]&0x80 != 0 {
		return 0, 0, 0, false
	}
	kind, payload = data[0]>>3&0x0f, 1
	if data[0]&4 != 0 { // extension
		payload++
	}
	if data[0]&2 == 0 { // without a size it is the last one
		return kind, payload, len(data), payload <= len(data)
	}
	size := 0
	for i := range 4 { // no OBU of a film has 2^28 bytes
		if payload >= len(data) {
			return 0, 0, 0, false
		}
		b := data[payload]
		payload++
		size |= int(b&0x7f) << (7 * i)
		if b&0x80 == 0 {
			return kind, payload, payload + size, true
		}
	}
	return 0, 0, 0, false
}

// WithoutDelimiters leaves out the temporal delimiters with which a sample begins.
func WithoutDelimiters(sample []byte) []byte {
	for {
		kind, _, next, ok := obu(sample)
		if !ok || kind != obuDelimiter || next >= len(sample) {
			return sample
		}
		sample = sample[next:]
	}
}

// firstLook is enough for a sequence header, metadata and the beginning of a frame.
const firstLook = 1024

// Begins tells whether decoding may begin with a sample: whether its first frame
// is a key frame that is shown.
func Begins(size int, read func(p []byte, at int) error) (bool, error) {
	var buf [firstLook]byte
	const most = 32 // OBUs before the first frame
	at := 0
	for range most {
		n := min(len(buf), size-at)
		if n <= 0 {
			break
		}
		if err := read(buf[:n], at); err != nil {
			return false, err
		}
		inside := 0
		for inside < n {
			kind, payload, next, ok := obu(buf[inside:n])
			if !ok {
				if inside == 0 {
					return false, nil
				}
				break // cut off by the window
			}
			if kind == obuHeader || kind == obuFrame {
				if inside+payload >= n && inside > 0 {
					break
				}
				return shownKey(buf[min(n, inside+payload):n]), nil
			}
			inside += next
		}
		at += inside
	}
	return false, nil
}

// shownKey reads the beginning of a frame header: show_existing_frame,
// frame_type, show_frame. Still pictures, which have none of these, are no films.
func shownKey(payload []byte) bool {
	r := bits.Reader{Data: payload}
	existing, kind, shown := r.Bit(), r.Bits(2), r.Bit()
	return !r.Bad && existing == 0 && kind == 0 && shown == 1
}
