package intake

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/publish"
)

// segments are what most jobs make: a rendition of its own on the box's disk.
type segments struct {
	r       *run
	by      string // how it is made, if it can be gone on with after a break; "": it cannot
	workDir string // the title's own: what is left there the library removes at its next start

	mutex   sync.Mutex // for what follows: who gives a hanging job up does not wait for it
	out     *publish.Publisher
	spoiled bool // what there is is of no use
	let     bool // somebody else may go on with it
}

// begin implements product: it goes on with what there is, or begins anew.
func (s *segments) begin(context.Context) error {
	r, lib := s.r, s.r.in.cfg.Library
	rec, _ := lib.Record(r.f.id)
	for _, one := range rec.Renditions {
		if one.Complete || one.By == "" {
			continue
		}
		if one.By == s.by {
			dir := lib.Folder(r.f.id, one.Name)
			out, err := publish.Reopen(dir)
			if err == nil {
				r.in.log.Info("Conversion is gone on with", "title", r.f.id, "segments", out.Next())
				s.take(one.Name, dir, out)
				return nil
			}
			r.in.log.Warn("Conversion cannot be gone on with", "title", r.f.id, "error", err)
		}
		if err := lib.Drop(r.f.id, one.Name); err != nil {
			r.in.log.Warn("Unfinished conversion not removed", "title", r.f.id, "error", err)
		}
	}
	name, dir, err := lib.NewRendition(r.f.id, renditionName)
	if err != nil {
		return err
	}
	out, err := publish.Create(dir)
	if err != nil {
		r.rendition = name // to be dropped
		return err
	}
	if s.by != "" {
		out.Keep()
	}
	s.take(name, dir, out)
	return nil
}

func (s *segments) take(name, dir string, out *publish.Publisher) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.r.rendition, s.workDir, s.out = name, filepath.Dir(dir), out
}

// work implements product.
func (s *segments) work(ctx context.Context) error {
	r := s.r
	rec, _ := r.in.cfg.Library.Record(r.f.id)
	err := r.in.cfg.Tools.Do(ctx, transcode.Job{
		Input: r.source, Media: r.media, Plan: r.plan, Out: s.out,
		WorkDir: s.workDir, ByFFmpeg: slices.Contains(rec.Failed, notPackaged),
		OnProgress: func(p transcode.Progress) { r.progress.Store(&p) },
		OnWarning:  r.warned,
		Yield:      r.yields,
		Watched:    func() bool { return r.in.opened(r.f.id) > 0 },
	})
	if spoils(err) || errors.Is(err, errChanged) || errors.Is(err, transcode.ErrElsewhere) {
		s.spoil()
	}
	return err
}

func (s *segments) spoil() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.spoiled = true
}

// made implements product.
func (s *segments) made() (bytes int64, seconds float64) {
	if s.out == nil {
		return 0, 0
	}
	m := s.out.Manifest()
	return m.TotalBytes, m.DurationSeconds
}

// attach implements product: the library finds it on the disk.
func (s *segments) attach() {}

// noteEvery is how many segments come before the record notes how many there are: a
// piece's. What is gone on with is known by the folder; the record's is for people.
const noteEvery = 75

// show implements product.
func (s *segments) show(rec *library.Record) {
	m := s.out.Manifest()
	if len(m.SegmentBytes) == 0 {
		return
	}
	one := library.Rendition{Name: s.r.rendition, SegmentBytes: m.SegmentBytes}
	if s.by != "" {
		one.By, one.TotalBytes, one.DurationSeconds = s.by, m.TotalBytes, m.DurationSeconds
	}
	at := slices.IndexFunc(rec.Renditions, func(o library.Rendition) bool { return o.Name == one.Name })
	switch {
	case at < 0:
		rec.Renditions = append(rec.Renditions, one)
	case s.by != "" && len(m.SegmentBytes) >= len(rec.Renditions[at].SegmentBytes)+noteEvery:
		rec.Renditions[at] = one
	}
}

// lasts tells whether what show puts into the record is to survive a power cut.
func (s *segments) lasts() bool { return s.by != "" && len(s.out.Manifest().SegmentBytes) > 0 }

// finish implements product.
func (s *segments) finish() error {
	m := s.out.Manifest()
	err := s.r.in.cfg.Library.Finished(s.r.f.id, library.Rendition{
		Name: s.r.rendition, Complete: true,
		SegmentBytes: m.SegmentBytes, TotalBytes: m.TotalBytes, DurationSeconds: m.DurationSeconds,
	})
	if err != nil {
		if !isNoSpace(err) { // then only the record is missing
			s.spoil()
		}
		return fmt.Errorf("finish job: %w", err)
	}
	return nil
}

// discard implements product: what was published of a conversion stays, to be gone
// on with, unless it is the film that was at fault. That the disk is full is none:
// it goes on when there is room, or makes room for a film that a phone waits for.
func (s *segments) discard() error {
	if s.out == nil {
		return nil
	}
	if s.letGo() {
		s.r.rendition = "" // it is not to be dropped
		return nil
	}
	return s.out.Discard()
}

// letGo leaves what was published for another job to go on with, once. False:
// there is nothing worth it. It may be called beside work, which fails then: a job
// that hangs in a dead stick writes nothing any more, however late it wakes.
func (s *segments) letGo() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	in, r := s.r.in, s.r
	if s.let {
		return true
	}
	if s.out == nil || s.by == "" || s.spoiled {
		return false
	}
	err := s.out.Suspend()
	m := s.out.Manifest()
	if _, known := in.cfg.Library.Record(r.f.id); err != nil || !known || len(m.SegmentBytes) == 0 {
		if err != nil {
			in.log.Warn("Unfinished conversion not kept", "title", r.f.id, "error", err)
		}
		return false
	}
	s.let = true
	one := library.Rendition{
		Name: r.rendition, By: s.by,
		SegmentBytes: m.SegmentBytes, TotalBytes: m.TotalBytes, DurationSeconds: m.DurationSeconds,
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.amend(r.f, func(rec *library.Record) {
		rec.Renditions = append(slices.DeleteFunc(rec.Renditions, func(o library.Rendition) bool { return o.Name == one.Name }), one)
	})
	return true
}
