package mp4

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"streambox.local/transcode/packager/track"
)

// File is what is kept of a file's index. It can be used by several at once.
type File struct {
	Tracks []*Track // in the order of the file, all kinds

	size       int64
	timescale  uint32 // of the movie: for edits
	fragmented bool
	fragments  int64 // where the first may be
	defaults   map[uint32]fragmentDefaults
}

// Size is that of the file.
func (f *File) Size() int64 { return f.size }

// fragmentDefaults is a trex box.
type fragmentDefaults struct{ duration, size, flags uint32 }

// Open reads the index. in is not kept. Errors: track.ErrDamaged,
// track.ErrUnsupported, or what the device says.
func Open(in io.ReaderAt, size int64) (*File, error) {
	f := &File{size: size, timescale: 1000, defaults: map[uint32]fragmentDefaults{}}
	b := &boxes{in: in, left: mostBoxes}
	found := false
	for at := int64(0); size-at >= boxHeader && !found; {
		one, err := b.next(at, size)
		switch {
		case errors.Is(err, errTooLong) && one.kind != "moov":
			return nil, fmt.Errorf("%w: it has no index; its end is missing", track.ErrDamaged)
		case err != nil:
			return nil, err
		case one.kind == "moov":
			if err := f.movie(b, one); err != nil {
				return nil, err
			}
			found = true
		case one.kind == "moof":
			return nil, fmt.Errorf("%w: a fragment without an index before it", track.ErrDamaged)
		}
		at = one.end
		f.fragments = at
	}
	if !found {
		return nil, fmt.Errorf("%w: it has none", track.ErrDamaged)
	}
	return f, nil
}

func (f *File) movie(b *boxes, moov box) error {
	err := b.children(moov.body, moov.end, func(one box) error {
		switch one.kind {
		case "mvhd":
			return f.movieHeader(b, one)
		case "cmov":
			return fmt.Errorf("%w: a compressed index", track.ErrUnsupported)
		case "mvex":
			f.fragmented = true
			return b.children(one.body, one.end, func(one box) error { return f.trackExtends(b, one) })
		case "trak":
			if len(f.Tracks) >= mostTracks {
				return fmt.Errorf("%w: more than %d tracks", track.ErrDamaged, mostTracks)
			}
			t := &Track{}
			f.Tracks = append(f.Tracks, t)
			return t.parse(b, one)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, t := range f.Tracks {
		t.settle(f)
	}
	return nil
}

func (f *File) movieHeader(b *boxes, one box) error {
	data, err := b.full(one, 20)
	if err != nil {
		return err
	}
	at := 12
	if data[0] == 1 {
		if data, err = b.full(one, 32); err != nil {
			return err
		}
		at = 20
	}
	if f.timescale = binary.BigEndian.Uint32(data[at:]); f.timescale == 0 {
		return fmt.Errorf("%w: no movie timescale", track.ErrDamaged)
	}
	return nil
}

func (f *File) trackExtends(b *boxes, one box) error {
	if one.kind != "trex" || len(f.defaults) >= mostTracks {
		return nil
	}
	data, err := b.full(one, 24)
	if err != nil {
		return err
	}
	word := func(i int) uint32 { return binary.BigEndian.Uint32(data[4*i:]) }
	f.defaults[word(1)] = fragmentDefaults{duration: word(3), size: word(4), flags: word(5)}
	return nil
}
