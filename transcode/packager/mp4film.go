package packager

import (
	"context"
	"errors"
	"fmt"
	"io"

	"streambox.local/transcode/packager/mp4"
	"streambox.local/transcode/packager/track"
)

// mp4Film knows where in an MP4's tables each segment begins.
type mp4Film struct {
	file           *mp4.File
	picture, sound *mp4.Track // sound may be nil
	shift          int64      // ticks that pictures are decoded earlier than the table says
	rows           []mp4Row   // one more than segments: the last is the end
	marks          []mp4Mark  // of every stride-th segment
	stride         int
}

// mp4Row is a segment: the numbers of its first samples.
type mp4Row struct{ picture, sound uint32 }

type mp4Mark struct{ picture, sound mp4.Mark }

// markStride: going on from a mark some segments earlier costs a few hundred
// rows of the tables; keeping all of them would cost 400 KB for a long film.
const markStride = 4

func openMP4(_ context.Context, in io.ReaderAt, size int64, choice Choice) (*Title, error) {
	file, err := mp4.Open(in, size)
	if err != nil {
		return nil, err
	}
	film := &mp4Film{file: file, stride: markStride}
	if film.picture, film.sound, err = choose(file.Tracks, func(one *mp4.Track) track.Info { return one.Info }, choice.Modern, choice.Sound); err != nil {
		return nil, err
	}
	title := &Title{choice: choice, film: film, hole: shortestHole}
	var info *track.Info
	if film.sound != nil && !choice.Converted {
		info = &film.sound.Info
		err = film.sound.Err
	}
	if err = errors.Join(film.picture.Err, err); err != nil {
		return nil, err
	}
	if err = title.describe(film.picture.Info, info); err != nil {
		return nil, err
	}
	plan := mp4Plan{film: film, in: in, size: size, begins: title.coding.begins, strict: choice.Strict}
	err = plan.pictures()
	if err == nil && !choice.Strict {
		if plan.strict, err = plan.flagsLie(); plan.strict {
			title.choice.Strict = true
			film.shift = 0
			plan = mp4Plan{film: film, in: in, size: size, begins: title.coding.begins, strict: true}
			err = plan.pictures()
		}
	}
	if err != nil {
		return nil, err
	}
	switch {
	case film.sound == nil:
	case choice.Converted:
		if err := plan.span(); err != nil {
			return nil, err
		}
		film.sound = nil // its samples are for who converts it
	default:
		if err := plan.sounds(); err != nil {
			return nil, err
		}
		if title.sound == track.MP3 && plan.soundAt > 0 {
			if err := title.mp3(in, plan.soundAt); err != nil {
				return nil, err
			}
		}
	}
	title.ends, title.lead = plan.short, plan.lead
	plan.starts = append(plan.starts, plan.end)
	title.starts = plan.starts
	film.rows = plan.rows
	for n := 0; n < len(plan.marks); n += film.stride {
		film.marks = append(film.marks, plan.marks[n])
	}
	return title, nil
}

// samples implements film.
func (f *mp4Film) samples(_ context.Context, in io.ReaderAt, n int, pictures, sounds bool) (pics, snds []track.Sample, err error) {
	mark := f.marks[n/f.stride]
	if pictures {
		pics, err = f.part(in, f.picture, mark.picture, f.rows[n].picture, f.rows[n+1].picture, f.shift)
	}
	if err == nil && sounds && f.sound != nil {
		snds, err = f.part(in, f.sound, mark.sound, f.rows[n].sound, f.rows[n+1].sound, 0)
	}
	return pics, snds, err
}

// stretch implements film: the tables say where all samples are.
func (f *mp4Film) stretch(int) (from, to int64) { return 0, 0 }

// part lists the samples of a track from one number to another.
func (f *mp4Film) part(in io.ReaderAt, t *mp4.Track, mark mp4.Mark, from, to uint32, shift int64) ([]track.Sample, error) {
	if from == to {
		return nil, nil
	}
	list := make([]track.Sample, 0, to-from)
	for r := f.file.Read(in, t, mark, mp4.PartWindow); ; {
		s, err := r.Next()
		if errors.Is(err, io.EOF) {
			err = fmt.Errorf("%w: it has changed", ErrDamaged)
		}
		if err != nil {
			return nil, err
		}
		if s.Number < from || s.Size == 0 {
			if s.Number+1 >= to {
				return list, nil
			}
			continue
		}
		list = append(list, track.Sample{
			Offset: s.Offset, Size: int(s.Size), PTS: t.Time(s.PTS), DTS: t.Time(s.DTS) - shift, Key: s.Key,
			Length: track.Scale(s.Duration, t.Timescale),
		})
		if s.Number+1 >= to {
			return list, nil
		}
	}
}
