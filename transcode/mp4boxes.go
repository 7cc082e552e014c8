package transcode

import (
	"encoding/binary"
	"io"
	"math"
)

// ffprobe calls an encrypted track by the codec inside the encryption, and
// ffmpeg copies the noise. The sample description says the truth: encv, enca
// (the standard's), drmi, drms (Apple's).

const (
	boxHeader      = 8
	boxLongHeader  = 16
	mostBoxes      = 10_000 // of a damaged or hostile file; a film has some hundred
	deepestBox     = 8
	descriptorHead = 8 // version, flags and count before the entries of stsd
)

// mp4Encrypted tells whether a track of an MP4 or MOV is encrypted. What cannot
// be read is not.
func mp4Encrypted(in io.ReaderAt, size int64) bool {
	w := boxWalk{in: in, left: mostBoxes}
	return w.encrypted(0, size, 0)
}

type boxWalk struct {
	in   io.ReaderAt
	left int
}

func (w *boxWalk) encrypted(at, end int64, depth int) bool {
	for at+boxHeader <= end && depth < deepestBox && w.left > 0 {
		w.left--
		kind, body, next := w.box(at, end)
		if next <= at {
			return false
		}
		switch kind {
		case "encv", "enca", "enct", "encs", "drmi", "drms", "drmt":
			return depth > 0
		case "moov", "trak", "mdia", "minf", "stbl":
			if w.encrypted(body, next, depth+1) {
				return true
			}
		case "stsd":
			if w.encrypted(body+descriptorHead, next, depth+1) {
				return true
			}
		}
		at = next
	}
	return false
}

// box reads a header: 32 bits of size, four letters; a size of 1 stands for 64
// bits that follow, 0 for all the rest. next is 0 when it makes no sense.
func (w *boxWalk) box(at, end int64) (kind string, body, next int64) {
	var head [boxLongHeader]byte
	n, _ := w.in.ReadAt(head[:], at) // short at the end of the file
	if n < boxHeader {
		return "", 0, 0
	}
	size, length := int64(binary.BigEndian.Uint32(head[:])), int64(boxHeader)
	switch {
	case size == 0:
		size = end - at
	case size == 1 && n == boxLongHeader:
		long := binary.BigEndian.Uint64(head[boxHeader:])
		if long > math.MaxInt64 {
			return "", 0, 0
		}
		size, length = int64(long), boxLongHeader
	}
	if size < length || size > end-at {
		return "", 0, 0
	}
	return string(head[4:8]), at + length, at + size
}
