package mp4

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"streambox.local/transcode/packager/track"
)

// Bounds on what a file may claim. A film has some hundred boxes and a dozen tracks.
const (
	mostBoxes     = 200_000 // fragments included: 27 hours of 1-second fragments
	mostTracks    = 4096
	mostSamples   = 8 << 20 // of a track: 38 hours at 60 pictures a second
	mostEdits     = 32
	mostConfig    = 64 << 10
	mostFragment  = 4 << 20 // bytes of a moof
	mostTableRows = mostSamples
)

const (
	boxHeader     = 8
	boxLongHeader = 16
)

// box is one box: its body lies from body to end.
type box struct {
	kind      string
	at        int64
	body, end int64
}

// boxes reads box headers.
type boxes struct {
	in   io.ReaderAt
	left int // boxes that may still be read
}

// next reads the header at an offset; end is that of what the box lies in.
func (b *boxes) next(at, end int64) (box, error) {
	if b.left--; b.left < 0 {
		return box{}, fmt.Errorf("%w: too many boxes", track.ErrDamaged)
	}
	var head [boxLongHeader]byte
	n := min(int64(len(head)), end-at)
	if n < boxHeader {
		return box{}, fmt.Errorf("%w: %d bytes where a box should be", track.ErrDamaged, n)
	}
	if err := track.ReadFull(b.in, head[:n], at); err != nil {
		return box{}, err
	}
	size, header := int64(binary.BigEndian.Uint32(head[:])), int64(boxHeader)
	switch {
	case size == 0:
		size = end - at
	case size == 1 && n == boxLongHeader:
		long := binary.BigEndian.Uint64(head[boxHeader:])
		if long > math.MaxInt64 {
			return box{}, fmt.Errorf("%w: a box of %d bytes", track.ErrDamaged, long)
		}
		size, header = int64(long), boxLongHeader
	}
	one := box{kind: string(head[4:8]), at: at, body: at + header, end: end}
	if size < header {
		return box{}, fmt.Errorf("%w: box %q of %d bytes", track.ErrDamaged, one.kind, size)
	}
	if size <= end-at {
		one.end = at + size
	} else {
		return one, fmt.Errorf("%w: box %q of %d bytes where %d are left", errTooLong, one.kind, size, end-at)
	}
	return one, nil
}

// errTooLong is a box that goes beyond what it lies in: of the file, it is cut off.
var errTooLong = fmt.Errorf("%w: cut off", track.ErrDamaged)

// children calls take for each box between two offsets. A rest that is no box,
// as QuickTime leaves behind some lists (four zeros), is passed over.
func (b *boxes) children(at, end int64, take func(box) error) error {
	for end-at >= boxHeader {
		one, err := b.next(at, end)
		if err != nil {
			return err
		}
		if err := take(one); err != nil {
			return err
		}
		at = one.end
	}
	return nil
}

// read returns the first n bytes of a box's body; fewer when it is shorter. n is small.
func (b *boxes) read(one box, n int) ([]byte, error) {
	data := make([]byte, min(int64(n), one.end-one.body))
	if err := track.ReadFull(b.in, data, one.body); err != nil {
		return nil, fmt.Errorf("box %q: %w", one.kind, err)
	}
	return data, nil
}

// full returns exactly n bytes.
func (b *boxes) full(one box, n int) ([]byte, error) {
	if one.end-one.body < int64(n) {
		return nil, fmt.Errorf("%w: box %q has %d bytes, needs %d", track.ErrDamaged, one.kind, one.end-one.body, n)
	}
	return b.read(one, n)
}
