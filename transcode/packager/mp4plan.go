package packager

import (
	"errors"
	"fmt"
	"io"
	"math"

	"streambox.local/transcode/packager/mp4"
	"streambox.local/transcode/packager/track"
)

// mp4Plan walks through the tables once and decides the cuts.
type mp4Plan struct {
	film   *mp4Film
	in     io.ReaderAt
	size   int64
	begins func(size int, read func(p []byte, at int) error) (bool, error)
	strict bool

	cutter
	rows    []mp4Row
	marks   []mp4Mark
	keys    []mp4.Sample // the first picture of each segment
	packed  []int64      // bytes of each segment
	end     int64        // ticks at which the film ends
	reads   int          // of key frames
	short   bool         // samples lie beyond the end of the file
	soundAt int64        // where the first frame of sound lies
	lead    int64        // ticks of pictures that are only there to be decoded
}

// mostReads of key frames when flags are not believed: minutes of a slow stick.
const mostReads = 50_000

// pictures decides the cuts.
func (p *mp4Plan) pictures() error {
	t := p.film.picture
	r := p.film.file.Read(p.in, t, mp4.Mark{}, mp4.WholeWindow)
	var hidden, due bool  // pictures came before the first IDR: that are not to be shown, that are
	var before mp4.Sample // the last key frame of those that are not to be shown
	var beforeMark mp4.Mark
	from := t.From
	var firstDue, frame int64
	var number uint32 // behind the last picture that is shown
	for {
		mark := r.Mark()
		s, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if s.Size == 0 {
			continue
		}
		if s.Offset+int64(s.Size) > p.size {
			p.short = true
			break
		}
		pts := t.Time(s.PTS)
		if len(p.starts) == 0 {
			if s.PTS+s.Duration <= from && t.From > 0 {
				hidden = true
				if s.Key {
					before, beforeMark = s, mark
				}
				continue
			}
			if hidden && !due && before.Size > 0 && !s.Key && s.Duration > 0 {
				// It begins within a group of pictures, as copies of a part do: the
				// group's beginning is needed to decode it.
				idr, broken := p.idr(before)
				if broken != nil {
					return broken
				}
				if idr {
					p.lead = t.Time(t.From) - t.Time(before.PTS)
					r, from, hidden = p.film.file.Read(p.in, t, beforeMark, mp4.WholeWindow), math.MinInt64, false
					before.Size = 0
					continue
				}
			}
			if !due {
				due, firstDue = true, pts
			} else if pts-firstDue > maxTicks {
				return fmt.Errorf("%w: no IDR in the first %d s", ErrNotSegmentable, MaxSeconds)
			}
		}
		if s.PTS >= t.Until && s.Key {
			break
		}
		p.film.shift = max(p.film.shift, track.Scale(s.DTS, t.Timescale)-track.Scale(s.PTS, t.Timescale))
		begins := s.Key && p.wanted(pts, frame)
		if begins && (p.strict || len(p.starts) == 0) {
			if begins, err = p.idr(s); err != nil {
				return err
			}
		}
		if begins {
			if len(p.starts) == 0 && hidden && pts > firstDue {
				return fmt.Errorf("%w: it begins within a group of pictures", ErrNotSegmentable)
			}
			if err := p.begin(pts, s, mark); err != nil {
				return err
			}
		}
		frame = track.Scale(s.Duration, t.Timescale)
		if len(p.starts) == 0 {
			continue
		}
		if err := p.add(pts, s.Size); err != nil {
			return err
		}
		p.packed[len(p.packed)-1] = p.bytes
		if s.PTS < t.Until {
			number = s.Number + 1
			p.end = max(p.end, pts+frame)
		}
	}
	if number == 0 {
		return fmt.Errorf("%w: not a single IDR", ErrNotSegmentable)
	}
	if last := p.starts[len(p.starts)-1]; p.end <= last { // a single picture whose length nobody tells
		p.end = last + track.TicksPerSecond/25
	}
	p.rows = append(p.rows, mp4Row{picture: number})
	return nil
}

func (p *mp4Plan) begin(pts int64, s mp4.Sample, mark mp4.Mark) error {
	if err := p.cut(pts); err != nil {
		return err
	}
	p.rows = append(p.rows, mp4Row{picture: s.Number})
	p.marks = append(p.marks, mp4Mark{picture: mark})
	p.keys = append(p.keys, s)
	p.packed = append(p.packed, 0)
	return nil
}

// idr reads whether a picture is an IDR.
func (p *mp4Plan) idr(s mp4.Sample) (bool, error) {
	if p.reads++; p.reads > mostReads {
		return false, fmt.Errorf("%w: too many key frames that are none", ErrNotSegmentable)
	}
	return p.begins(int(s.Size), func(b []byte, at int) error {
		return track.ReadFull(p.in, b, s.Offset+int64(at))
	})
}

// places are how many segments' beginnings are looked at before flags are believed.
const places = 16

// flagsLie looks at some segments' first pictures, spread over the film.
func (p *mp4Plan) flagsLie() (bool, error) {
	step := max(1, (len(p.keys)-1)/places)
	for n := step; n < len(p.keys); n += step { // the first one is known
		idr, err := p.idr(p.keys[n])
		if err != nil || !idr {
			return err == nil, err
		}
	}
	return false, nil
}

// sounds assigns each frame of sound to the segment in whose time it begins.
func (p *mp4Plan) sounds() error {
	t := p.film.sound
	r := p.film.file.Read(p.in, t, mp4.Mark{}, mp4.WholeWindow)
	n := -1 // the segment that frames are assigned to
	last := max(p.end, p.starts[len(p.starts)-1]+maxTicks)
	number := uint32(0)
	for {
		mark := r.Mark()
		s, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		// One frame before the beginning is kept: a decoder needs it to begin with.
		// Beside pictures that are only there to be decoded, so may their sound be.
		hidden := s.PTS+2*s.Duration <= t.From && t.From > 0
		if p.lead > 0 {
			hidden = t.Time(s.PTS+2*s.Duration) <= p.starts[0]
		}
		if s.Size == 0 || hidden {
			continue
		}
		pts := t.Time(s.PTS)
		if s.PTS >= t.Until || pts >= last {
			break
		}
		if s.Offset+int64(s.Size) > p.size {
			p.short = true
			break
		}
		if n < 0 {
			p.soundAt = s.Offset
			switch early := p.starts[0] - pts; {
			case early > maxTicks:
				return fmt.Errorf("%w: sound for more than %d s before the picture", ErrNotSegmentable, MaxSeconds)
			case early > maxTolerance:
				p.starts[0] = pts // sound alone to begin with: it belongs to the first segment
			}
		}
		for n < 0 || n+1 < len(p.starts) && pts >= p.starts[n+1] {
			n++
			p.rows[n].sound, p.marks[n].sound = s.Number, mark
		}
		if p.packed[n] += packed(s.Size); p.packed[n] > MaxBytes {
			return fmt.Errorf("%w: segment %d has more than %d bytes", ErrNotSegmentable, n, MaxBytes)
		}
		number = s.Number + 1
		p.end = max(p.end, pts+track.Scale(s.Duration, t.Timescale))
	}
	for n++; n < len(p.rows); n++ { // what has no sound, and the end
		p.rows[n].sound = number
		if n < len(p.marks) {
			p.marks[n].sound = r.Mark()
		}
	}
	return nil
}

// span is sounds of a track that is converted: only where it begins and ends
// counts, as far as the tables say so at once. Each sample of uncompressed sound
// has a number: to go through them would take seconds.
func (p *mp4Plan) span() error {
	from, to, known, err := p.film.file.Span(p.in, p.film.sound)
	if err != nil || !known {
		return err
	}
	switch early := p.starts[0] - from; {
	case early > maxTicks:
		return fmt.Errorf("%w: sound for more than %d s before the picture", ErrNotSegmentable, MaxSeconds)
	case early > maxTolerance:
		p.starts[0] = from
	}
	p.end = max(p.end, min(to, p.starts[len(p.starts)-1]+maxTicks))
	return nil
}
