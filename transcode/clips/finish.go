package clips

import (
	"bytes"
	"encoding/binary"
	"errors"
)

var errNoTrackHeader = errors.New("the file has no video track header")

// turnRight writes a display matrix for a quarter turn to the right into the
// first track header (tkhd, version 0) of a QuickTime file. ffmpeg has had
// three ways of asking for it in as many releases; the bytes have not changed.
func turnRight(data []byte) ([]byte, error) {
	const (
		matrixAfterType = 4 + 20 + 8 + 2 + 2 + 2 + 2 // flags, times and ids, reserved, layer, group, volume, reserved
		one             = 1 << 16                    // 16.16 fixed point
		minusOne        = 1<<32 - one
		unit            = 1 << 30 // 2.30 fixed point
	)
	at := bytes.Index(data, []byte("tkhd"))
	if at < 0 || len(data) < at+4+matrixAfterType+36 || data[at+4] != 0 {
		return nil, errNoTrackHeader
	}
	matrix := data[at+4+matrixAfterType:]
	for i, value := range [9]uint32{0, one, 0, minusOne, 0, 0, 0, 0, unit} {
		binary.BigEndian.PutUint32(matrix[4*i:], value)
	}
	return data, nil
}

// half cuts a file in its middle.
func half(data []byte) ([]byte, error) { return data[:len(data)/2], nil }

// flipBits damages a bit in every 4 KiB or so, anywhere but in the first and
// last 32 KiB, where the index is. The places are the same every time.
func flipBits(data []byte) ([]byte, error) {
	const spare = 32 << 10
	place := uint32(1)
	for at := spare; at < len(data)-spare; at += 2048 + int(place>>20) {
		place = place*1664525 + 1013904223 // Knuth's linear congruential generator
		data[at] ^= 1 << (place >> 29)
	}
	return data, nil
}

// text returns a file of these bytes.
func text(s string) func([]byte) ([]byte, error) {
	return func([]byte) ([]byte, error) { return []byte(s), nil }
}

// distinct appends a box that players skip, so that the same film has other
// bytes and therefore another identity.
func distinct(mark string) func([]byte) ([]byte, error) {
	return func(data []byte) ([]byte, error) {
		box := binary.BigEndian.AppendUint32(nil, uint32(8+len(mark))) //nolint:gosec // marks are short
		box = append(append(box, "free"...), mark...)
		return append(data, box...), nil
	}
}
