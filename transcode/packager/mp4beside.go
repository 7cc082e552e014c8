package packager

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"streambox.local/transcode/packager/mp4"
	"streambox.local/transcode/packager/track"
)

// beside implements film: each frame belongs to the segment in whose time it begins.
func (f *mp4Film) beside(in io.ReaderAt, starts []int64, sound int) (film, *track.Info, error) {
	t, err := chosenSound(f.file.Tracks, func(one *mp4.Track) track.Info { return one.Info }, isModern(f.picture.Info.Codec), sound)
	if err == nil {
		err = t.Err
	}
	if err != nil {
		return nil, nil, err
	}
	other := *f
	other.sound, other.rows, other.marks = t, slices.Clone(f.rows), slices.Clone(f.marks)
	r := f.file.Read(in, t, mp4.Mark{}, mp4.WholeWindow)
	segments := len(starts) - 1
	n, number, bytes := -1, uint32(0), int64(0) // the segment that frames are assigned to, the frame after the last, of the segment
	enter := func(first uint32, mark mp4.Mark) {
		n++
		bytes = 0
		other.rows[n].sound = first
		if n%f.stride == 0 && n < segments {
			other.marks[n/f.stride].sound = mark
		}
	}
	for {
		mark := r.Mark()
		s, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		pts := t.Time(s.PTS)
		if s.Size == 0 || s.PTS+2*s.Duration <= t.From && t.From > 0 || t.Time(s.PTS+2*s.Duration) <= starts[0] {
			continue
		}
		if s.PTS >= t.Until || pts >= starts[segments] || s.Offset+int64(s.Size) > f.file.Size() {
			break
		}
		for n < 0 || n+1 < segments && pts >= starts[n+1] {
			enter(s.Number, mark)
		}
		if bytes += packed(s.Size); bytes > MaxBytes {
			return nil, nil, fmt.Errorf("%w: sound of more than %d bytes in a segment", ErrUnsupported, MaxBytes)
		}
		number = s.Number + 1
	}
	for n < segments { // what has no sound, and the end
		enter(number, r.Mark())
	}
	return &other, &t.Info, nil
}
