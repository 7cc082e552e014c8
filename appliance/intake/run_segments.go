package intake

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/publish"
)

// segments are what most jobs make: a rendition of its own on the box's disk.
type segments struct {
	r       *run
	out     *publish.Publisher
	workDir string // the title's own: what is left there the library removes at its next start
}

// begin implements product.
func (s *segments) begin(context.Context) error {
	name, dir, err := s.r.in.cfg.Library.NewRendition(s.r.f.id, renditionName)
	if err != nil {
		return err
	}
	s.r.rendition, s.workDir = name, filepath.Dir(dir)
	s.out, err = publish.Create(dir)
	return err
}

// work implements product.
func (s *segments) work(ctx context.Context) error {
	r := s.r
	rec, _ := r.in.cfg.Library.Record(r.f.id)
	return r.in.cfg.Tools.Do(ctx, transcode.Job{
		Input: r.source, Media: r.media, Plan: r.plan, Out: s.out,
		WorkDir: s.workDir, ByFFmpeg: slices.Contains(rec.Failed, notPackaged),
		OnProgress: func(p transcode.Progress) { r.progress.Store(&p) },
		OnWarning:  r.warned,
	})
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

// show implements product.
func (s *segments) show(rec *library.Record) {
	m := s.out.Manifest()
	if len(m.SegmentBytes) > 0 && !slices.ContainsFunc(rec.Renditions, func(o library.Rendition) bool { return o.Name == s.r.rendition }) {
		rec.Renditions = append(rec.Renditions, library.Rendition{Name: s.r.rendition, SegmentBytes: m.SegmentBytes})
	}
}

// finish implements product.
func (s *segments) finish() error {
	m := s.out.Manifest()
	err := s.r.in.cfg.Library.Finished(s.r.f.id, library.Rendition{
		Name: s.r.rendition, Complete: true,
		SegmentBytes: m.SegmentBytes, TotalBytes: m.TotalBytes, DurationSeconds: m.DurationSeconds,
	})
	if err != nil {
		return fmt.Errorf("finish job: %w", err)
	}
	return nil
}

// discard implements product.
func (s *segments) discard() error {
	if s.out == nil {
		return nil
	}
	return s.out.Discard()
}
