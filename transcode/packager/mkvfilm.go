package packager

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"streambox.local/transcode/packager/mkv"
	"streambox.local/transcode/packager/track"
)

// mkvFilm knows where in a Matroska file each segment begins.
type mkvFilm struct {
	file           *mkv.File
	picture, sound *mkv.Track // sound may be nil
	converted      bool       // of the sound only its times count
	rows           []mkvRow
	starts         []int64 // ticks at which they are shown
	delay          int64   // ticks that pictures are decoded before they are shown, at most
	first, last    int64   // ticks between which sound is the film's; first of alternates only, 0: any
}

// mkvRow is where a segment's first picture is.
type mkvRow struct {
	cluster  int64
	relative int32 // -1: somewhere in the cluster
}

func (r mkvRow) place() mkv.Place { return mkv.Place{Cluster: r.cluster, Relative: int64(r.relative)} }

// The lead of a segment is the sound that stands behind the segment's first
// picture in the file but comes before it in time: writers sort by decoding time,
// in which pictures run ahead. It belongs to the segment before. All other sound
// belongs where it stands. The lead ends at the first sound that is not early,
// and after this much at the latest, so that both neighbours agree on it.
const (
	mostLeadBlocks = 256
	mostLeadBytes  = 4 << 20
)

// samples implements film.
func (f *mkvFilm) samples(_ context.Context, in io.ReaderAt, n int, pictures, sounds bool) (pics, snds []track.Sample, err error) {
	from := f.rows[n].place()
	if n == 0 {
		from = mkv.Place{} // sound may stand before the first picture
	}
	scan, err := f.file.Scan(in, from, mkv.BlockWindow)
	if err != nil {
		return nil, nil, err
	}
	c := collector{film: f, scan: scan, n: n, pictures: pictures, sounds: sounds && f.sound != nil}
	if err := c.collect(); err != nil {
		return nil, nil, err
	}
	f.decodingTimes(c.pics)
	return c.pics, c.snds, nil
}

// behind a segment's last picture some of its sound may stand.
const behind = 64 << 10

// stretch implements film.
func (f *mkvFilm) stretch(n int) (from, to int64) {
	to = f.file.Size()
	if n+1 < len(f.rows) {
		to = min(to, f.rows[n+1].cluster+max(0, int64(f.rows[n+1].relative))+behind)
	}
	return f.rows[n].cluster, to
}

// collector gathers a segment's samples.
type collector struct {
	film             *mkvFilm
	scan             *mkv.Scanner
	n                int
	pictures, sounds bool

	pics, snds []track.Sample
	begun      bool // the segment's first picture has come
	ended      bool // the next segment's has
	own, next  lead // of this segment, of the next one
	bytes      int64
}

// lead counts sound that comes before a segment's start.
type lead struct {
	start  int64
	from   int64 // offset of the first picture
	blocks int
	done   bool
}

// has tells whether a block of sound belongs to the lead.
func (l *lead) has(pts, offset int64) bool {
	if l.done || pts >= l.start || l.blocks >= mostLeadBlocks || offset-l.from > mostLeadBytes {
		l.done = true
		return false
	}
	l.blocks++
	return true
}

func (c *collector) collect() error {
	f := c.film
	for {
		block, err := c.scan.Next()
		switch {
		case errors.Is(err, io.EOF) && (c.ended || c.n+1 == len(f.rows)):
			return c.whole()
		case errors.Is(err, io.EOF):
			return fmt.Errorf("%w: it has changed", ErrDamaged)
		case err != nil:
			return err
		case !c.begun && c.n > 0 && block.Cluster > f.rows[c.n].cluster,
			c.ended && block.Offset-c.next.from > mostLeadBytes: // its sound has ended before
			return c.whole()
		}
		switch {
		case block.Track == f.picture.Number:
			if err = c.picture(block); err != nil {
				return err
			}
			if c.ended && !c.sounds {
				return c.whole()
			}
		case c.sounds && block.Track == f.sound.Number:
			more, err := c.sound(block)
			if err != nil || !more {
				return errors.Join(err, c.whole())
			}
		}
	}
}

func (c *collector) whole() error {
	if !c.begun {
		return fmt.Errorf("%w: a picture is not where the index says", ErrDamaged)
	}
	return nil
}

// picture takes a block of the picture's track.
func (c *collector) picture(b mkv.Block) error {
	f := c.film
	if !c.begun && f.at(c.n, b) {
		c.begun = true
		c.own = lead{start: f.starts[c.n], from: b.Offset, done: c.n == 0}
	} else if c.begun && !c.ended && c.n+1 < len(f.rows) && f.at(c.n+1, b) {
		c.ended = true
		c.next = lead{start: f.starts[c.n+1], from: b.Offset}
	}
	if !c.begun || c.ended || !c.pictures {
		return nil
	}
	return c.add(&c.pics, f.picture, b)
}

// at tells whether a block is the first picture of segment n, or behind it.
func (f *mkvFilm) at(n int, b mkv.Block) bool {
	place := f.rows[n].place()
	if place.Relative >= 0 || b.Cluster != place.Cluster {
		return !b.Before(place)
	}
	return f.file.Ticks(f.picture, b.Time) == f.starts[n]
}

// sound takes a block of the sound's track; false: no more of it is the segment's.
func (c *collector) sound(b mkv.Block) (more bool, err error) {
	pts := c.film.file.Ticks(c.film.sound, b.Time)
	switch {
	case pts >= c.film.last:
		return false, nil
	case c.film.first != 0 && pts < c.film.first:
		return true, nil
	case !c.begun:
		// Of the first segment, what stands before its picture is not lost.
		if c.n > 0 {
			return true, nil
		}
	case c.ended:
		if !c.next.has(pts, b.Offset) {
			return false, nil
		}
	case c.own.has(pts, b.Offset):
		return true, nil
	}
	return true, c.add(&c.snds, c.film.sound, b)
}

func (c *collector) add(list *[]track.Sample, t *mkv.Track, b mkv.Block) error {
	if b.Size == 0 {
		return nil
	}
	before := len(*list)
	all, err := c.scan.Samples(*list, t, b)
	if err != nil {
		return err
	}
	for _, s := range all[before:] {
		if t == c.film.sound && c.film.converted { // none of it goes into the segment
			break
		}
		c.bytes += packed(uint32(min(int64(s.Size), math.MaxUint32))) //nolint:gosec // bounded
	}
	if c.bytes > MaxBytes {
		return fmt.Errorf("%w: segment %d has more than %d bytes", ErrNotSegmentable, c.n, MaxBytes)
	}
	*list = all
	return nil
}

// decodingTimes gives pictures times at which they are decoded, which Matroska
// does not hold: the times of showing in ascending order, moved ahead by a
// constant. As no picture is shown across an IDR, they ascend over segments
// too. None is later than its picture is shown, whatever the constant.
func (f *mkvFilm) decodingTimes(pics []track.Sample) {
	times := make([]int64, len(pics))
	for i, p := range pics {
		times[i] = p.PTS
	}
	slices.Sort(times)
	latest := int64(math.MaxInt64)
	for i := len(pics) - 1; i >= 0; i-- {
		latest = min(latest, pics[i].PTS)
		pics[i].DTS = min(times[i]-f.delay, latest)
	}
}
