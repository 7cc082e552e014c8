package mp4

import (
	"encoding/binary"
	"io"
	"math"

	"streambox.local/transcode/packager/track"
)

// Span is when a track begins and ends, in ticks of the film's timeline, without
// going through its samples. known is false where the tables do not say it: of
// fragmented files, and of tracks that cannot be read.
func (f *File) Span(in io.ReaderAt, t *Track) (from, to int64, known bool, err error) {
	if readable := t.Err == nil; !readable || f.fragmented || t.timeToSample.rows == 0 {
		return 0, 0, false, nil
	}
	end := int64(0)
	w := window{in: in, bytes: WholeWindow}
	for i := range t.timeToSample.rows {
		row, err := w.row(t.timeToSample, i)
		if err != nil {
			return 0, 0, false, err
		}
		count, delta := int64(binary.BigEndian.Uint32(row)), binary.BigEndian.Uint32(row[4:])
		if delta > math.MaxInt32 { // negative: see Reader
			delta = 1
		}
		if end += count * int64(delta); end > track.MaxTime || end < 0 {
			return 0, 0, false, nil
		}
	}
	if end = min(end, t.Until); end <= t.From {
		return 0, 0, false, nil
	}
	return t.Time(max(0, t.From)), t.Time(end), true, nil
}
