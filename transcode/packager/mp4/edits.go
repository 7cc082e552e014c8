package mp4

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"streambox.local/transcode/packager/track"
)

// edit is a row of an edit list.
type edit struct {
	length int64 // in the movie's units
	from   int64 // in the track's; -1: nothing is shown
	rate   uint32
}

func (t *Track) editList(b *boxes, one box) error {
	if one.kind != "elst" {
		return nil
	}
	data, err := b.full(one, 8)
	if err != nil {
		return err
	}
	width := 12
	if data[0] == 1 {
		width = 20
	}
	n := binary.BigEndian.Uint32(data[4:])
	if int64(n)*int64(width) > one.end-one.body-8 {
		return fmt.Errorf("%w: an edit list claims %d rows", track.ErrDamaged, n)
	}
	if n > mostEdits {
		t.Err = fmt.Errorf("%w: %d edits", track.ErrUnsupported, n)
		return nil
	}
	if data, err = b.full(one, 8+int(n)*width); err != nil {
		return err
	}
	t.edits = nil
	for row := data[8:]; len(row) >= width; row = row[width:] {
		e := edit{rate: binary.BigEndian.Uint32(row[width-4:])}
		if width == 20 {
			e.length = int64(binary.BigEndian.Uint64(row))   //nolint:gosec // checked by settle
			e.from = int64(binary.BigEndian.Uint64(row[8:])) //nolint:gosec // signed by the standard
		} else {
			e.length = int64(binary.BigEndian.Uint32(row))
			e.from = int64(int32(binary.BigEndian.Uint32(row[4:]))) //nolint:gosec // signed by the standard
		}
		t.edits = append(t.edits, e)
	}
	return nil
}

// settle makes offset and limits of the edits. It is called when the whole
// index is known.
func (t *Track) settle(f *File) {
	t.Until = track.MaxTime
	if t.Timescale == 0 || t.Err != nil {
		t.Timescale = max(t.Timescale, 1)
		return
	}
	const normalRate = 1 << 16
	shown := false
	for _, e := range t.edits {
		switch {
		case e.length < 0 || e.length > track.MaxTime/1000 || e.from < -1 || e.from > track.MaxTime:
			t.Err = fmt.Errorf("%w: an edit from %d of length %d", track.ErrDamaged, e.from, e.length)
			return
		case e.from == -1 && !shown:
			t.delay += track.Scale(e.length, f.timescale)
		case e.from == -1 && shown && e.length == 0:
		case shown || e.rate != normalRate:
			t.Err = fmt.Errorf("%w: an edit list that is a montage", track.ErrUnsupported)
			return
		default:
			shown = true
			t.From = e.from
			if e.length > 0 && !f.fragmented {
				// A movie's unit more: lengths are rounded.
				t.Until = e.from + rescale(e.length+1, t.Timescale, f.timescale)
			}
		}
	}
}

// Time converts a time of the track to ticks of the film's timeline.
func (t *Track) Time(own int64) int64 { return track.Scale(own-t.From, t.Timescale) + t.delay }

// rescale is n×to÷from, at most track.MaxTime; n is not negative, from is not 0.
func rescale(n int64, to, from uint32) int64 {
	hi, lo := bits.Mul64(uint64(n), uint64(to)) //nolint:gosec // not negative
	if hi >= uint64(from) {
		return track.MaxTime
	}
	q, _ := bits.Div64(hi, lo, uint64(from))
	return int64(min(q, track.MaxTime))
}
