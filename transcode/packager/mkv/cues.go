package mkv

import (
	"errors"
	"fmt"
	"io"
	"math"

	"streambox.local/transcode/packager/track"
)

// KeyFrame is where a picture is that the file calls a key frame.
type KeyFrame struct {
	Place
	Time int64 // in the file's units
	PTS  int64 // the same in ticks
}

const cueWindow = 64 << 10

// Cues calls take for each key frame of a track that the file's index names, in
// the index's order. It reports whether there is an index.
func (f *File) Cues(in io.ReaderAt, t *Track, take func(KeyFrame) error) (bool, error) {
	if f.cues == 0 {
		return false, nil
	}
	e := newElements(in, cueWindow)
	cues, err := e.next(f.cues, f.end)
	switch {
	case errors.Is(err, track.ErrDamaged) || err == nil && (cues.id != idCues || cues.unknown):
		return false, nil // an index that is not where it should be is none
	case err != nil:
		return false, err
	}
	found := false
	err = e.children(cues, func(point element) error {
		if point.id != idCuePoint {
			return nil
		}
		key, ok, broken := f.cuePoint(e, t, point)
		if !ok || broken != nil {
			return broken
		}
		found = true
		return take(key)
	})
	return found, err
}

func (f *File) cuePoint(e *elements, t *Track, point element) (key KeyFrame, ok bool, err error) {
	var time uint64
	err = e.children(point, func(one element) (err error) {
		switch one.id {
		case idCueTime:
			time, err = e.number(one)
		case idCuePositions:
			var place Place
			var ours bool
			if place, ours, err = f.cuePositions(e, t, one); ours && !ok {
				key.Place, ok = place, true
			}
		}
		return err
	})
	if err == nil && time > f.latest() {
		err = fmt.Errorf("%w: times beyond all measure", track.ErrDamaged)
	}
	key.Time = int64(time)
	key.PTS = f.Ticks(t, key.Time)
	return key, ok, err
}

func (f *File) cuePositions(e *elements, t *Track, positions element) (place Place, ours bool, err error) {
	var number, cluster, relative uint64
	hasRelative := false
	err = e.children(positions, func(one element) (err error) {
		switch one.id {
		case idCueTrack:
			number, err = e.number(one)
		case idCueCluster:
			cluster, err = e.number(one)
		case idCueRelative:
			hasRelative = true
			relative, err = e.number(one)
		}
		return err
	})
	room := uint64(f.end - f.body) //nolint:gosec // not negative
	if err != nil || number != t.Number || cluster >= room || relative >= room {
		return Place{}, false, err
	}
	place.Cluster = f.body + int64(cluster)
	place.Relative = -1
	if hasRelative && relative <= math.MaxInt32 {
		place.Relative = int64(relative)
	}
	return place, true, nil
}

// FirstPictures calls take for each cluster whose first picture of a track is a
// key frame, without reading the rest of it. It is for files without Cues.
func (f *File) FirstPictures(in io.ReaderAt, t *Track, take func(KeyFrame) error) error {
	s, err := f.Scan(in, Place{}, PlaceWindow)
	if err != nil {
		return err
	}
	for {
		b, err := s.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if b.Track != t.Number {
			continue
		}
		if b.Key {
			if err := take(KeyFrame{Place: b.Place, Time: b.Time, PTS: f.Ticks(t, b.Time)}); err != nil {
				return err
			}
		}
		if !s.open { // one whose size is unknown must be gone through
			s.at = s.end
		}
	}
}
