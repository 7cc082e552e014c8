package mkv

import (
	"fmt"

	"streambox.local/transcode/packager/track"
)

// Kinds of lacing (RFC 9559, 10.3).
const (
	xiphLacing  = 1
	fixedLacing = 2
)

// mostLaceHeader bounds the sizes in front of laced frames: 255 frames of 8 KB.
const mostLaceHeader = 10 << 10

// Samples appends the frames of a block.
func (s *Scanner) Samples(list []track.Sample, t *Track, b Block) ([]track.Sample, error) {
	at := s.f.Ticks(t, b.Time)
	sample := track.Sample{Offset: b.Offset, Size: int(b.Size), PTS: at, DTS: at, Key: b.Key}
	if b.lacing == 0 {
		return append(list, sample), nil
	}
	head, err := s.e.view(b.Offset, int(min(b.Size, mostLaceHeader)))
	if err != nil {
		return nil, err
	}
	if len(head) == 0 {
		return nil, fmt.Errorf("%w: an empty lace", track.ErrDamaged)
	}
	count := int64(head[0]) + 1
	sizes, used, ok := laceSizes(b.lacing, head[1:], count, b.Size-1)
	if !ok {
		return nil, fmt.Errorf("%w: a lace whose sizes are wrong", track.ErrDamaged)
	}
	frame := t.Frame
	if frame == 0 {
		frame = b.length * s.f.scale / count
	}
	sample.Offset += 1 + int64(used)
	for i, size := range sizes {
		if size == 0 { // the last one is what the others leave
			return nil, fmt.Errorf("%w: a lace with an empty frame", track.ErrDamaged)
		}
		sample.Size = int(size)
		sample.PTS = scaleNanoseconds(b.Time*s.f.scale - t.delay + int64(i)*frame)
		sample.DTS = sample.PTS
		list = append(list, sample)
		sample.Offset += size
	}
	return list, nil
}

// laceSizes reads the sizes of count frames, which with the sizes themselves have
// total bytes; used is how many those sizes take.
func laceSizes(kind byte, head []byte, count, total int64) (sizes []int64, used int, ok bool) {
	sizes = make([]int64, 0, count)
	if kind == fixedLacing {
		for range count {
			sizes = append(sizes, total/count)
		}
		return sizes, 0, total%count == 0
	}
	left := total
	for i := range count - 1 {
		size, n := int64(0), 0
		switch {
		case kind == xiphLacing:
			size, n = xiphSize(head[used:])
		case i == 0:
			v, m := vint(head[used:], false)
			size, n = int64(v&(1<<40-1)), m
		default: // the difference to the one before
			v, m := vint(head[used:], false)
			if m > 0 && m <= 5 {
				size, n = sizes[i-1]+int64(v)-(1<<(7*m-1)-1), m //nolint:gosec // bounded
			}
		}
		left -= size + int64(n)
		if n == 0 || size < 0 || left < 0 {
			return nil, 0, false
		}
		used += n
		sizes = append(sizes, size)
	}
	return append(sizes, left), used, true
}

// xiphSize reads a size of the form 255 … 255, last byte.
func xiphSize(data []byte) (size int64, n int) {
	for n < len(data) {
		b := data[n]
		size += int64(b)
		n++
		if b != 255 {
			return size, n
		}
	}
	return 0, 0
}
