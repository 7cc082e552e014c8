package intake

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/publish"
)

// do runs the tool and shows its progress meanwhile.
func (r *run) do(ctx context.Context) error {
	rendition, dir, err := r.in.cfg.Library.NewRendition(r.f.id, renditionName)
	if err != nil {
		return fmt.Errorf("start job: %w", err)
	}
	r.rendition = rendition
	if r.out, err = publish.Create(dir); err != nil {
		return fmt.Errorf("start job: %w", err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var watch sync.WaitGroup
	watchCtx, stop := context.WithCancel(ctx)
	watch.Go(func() {
		if died := guarded(func() error { r.watch(watchCtx, cancel); return nil }); died != nil {
			cancel(died)
		}
	})
	err = r.in.cfg.Tools.Do(ctx, transcode.Job{
		Input: r.source, Media: r.media, Plan: r.plan, Out: r.out,
		OnProgress: func(p transcode.Progress) { r.progress.Store(&p) },
		OnWarning:  r.warned,
	})
	stop()
	watch.Wait()
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return fmt.Errorf("%w: %w", cause, err) // why it was called off, not how it died
	}
	return err
}

// warned keeps what is wrong with a title that is published all the same. That
// it ends early says more than that it has no sound.
func (r *run) warned(what transcode.Reason) {
	r.in.log.Warn("Title is published with a fault", "title", r.f.id, "code", what.Code, "what", what.Text)
	if r.warning == nil || what.Code == transcode.CodeEndsEarly {
		r.warning = reasonOf(what)
	}
}

// why is the reason of the finished title: what is wrong with it, else why it
// is on its rung.
func (r *run) why() *library.Reason {
	if r.warning != nil {
		return r.warning
	}
	return reasonOf(r.plan.Reason)
}

// watch shows progress and sees to it that the reserve of the disk is kept.
func (r *run) watch(ctx context.Context, callOff context.CancelCauseFunc) {
	look := time.NewTicker(firstLook)
	defer look.Stop()
	shown := false
	lastRoom := r.in.now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
		m := r.out.Manifest()
		if !shown && len(m.SegmentBytes) > 0 {
			shown = true
			look.Reset(progressLook)
		}
		r.show(m)
		if now := r.in.now(); now.Sub(lastRoom) >= roomLook {
			lastRoom = now
			if !r.roomLeft(m) {
				callOff(errNoSpace)
				return
			}
		}
	}
}

// show puts progress into the record, and the rendition as soon as it has a
// segment: from then on the title is playable, and not before.
func (r *run) show(m publish.Manifest) {
	progress := r.progress.Load()
	in := r.in
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.current(r.f, r.turn) || r.f.stage != stageRun {
		return
	}
	in.update(r.f.id, func(rec *library.Record) {
		if progress != nil {
			rec.Progress, rec.SecondsLeft = progress.Fraction, progress.SecondsLeft
		}
		if len(m.SegmentBytes) > 0 && !slices.ContainsFunc(rec.Renditions, func(o library.Rendition) bool { return o.Name == r.rendition }) {
			rec.Renditions = append(rec.Renditions, library.Rendition{Name: r.rendition, SegmentBytes: m.SegmentBytes})
		}
	})
}

// roomLeft is false when the job has come to the reserve and no room can be made.
func (r *run) roomLeft(m publish.Manifest) bool {
	s := r.in.cfg.Library.Storage()
	if s.TotalBytes <= 0 || s.FreeBytes >= s.ReserveBytes {
		return true
	}
	_, err := r.in.makeRoom(r.f.id, max(0, r.need-m.TotalBytes), r.in.opened(r.f.id) > 0)
	return err == nil
}

// whole is false when what was made is much shorter than the film says it is.
func (r *run) whole() bool {
	return r.out.Manifest().DurationSeconds >= 0.97*r.media.DurationSeconds-1
}

// expected is what the job would have written, judged by how far it came.
func (r *run) expected() int64 {
	if r.out == nil {
		return 0
	}
	written := r.out.Manifest().TotalBytes
	if p := r.progress.Load(); p != nil && p.Fraction > 0.01 {
		return int64(1.1 * float64(written) / p.Fraction)
	}
	return 2 * written
}

// discard removes what was made.
func (r *run) discard() {
	if r.out != nil {
		if err := r.out.Discard(); err != nil {
			r.in.log.Warn("Unfinished rendition not removed", "title", r.f.id, "error", err)
		}
	}
	if r.rendition == "" {
		return
	}
	if err := r.in.cfg.Library.Drop(r.f.id, r.rendition); err != nil {
		r.in.log.Debug("Unfinished rendition not dropped", "title", r.f.id, "error", err)
	}
}

// finish makes the rendition the one that is played.
func (in *Intake) finish(r *run) error {
	m := r.out.Manifest()
	err := in.cfg.Library.Finished(r.f.id, library.Rendition{
		Name: r.rendition, Complete: true,
		SegmentBytes: m.SegmentBytes, TotalBytes: m.TotalBytes, DurationSeconds: m.DurationSeconds,
	})
	if err != nil {
		return fmt.Errorf("finish job: %w", err)
	}
	// Kept at once: whatever becomes of the film in this moment, what is played
	// later comes with what is wrong with it.
	in.update(r.f.id, func(rec *library.Record) { rec.Reason = r.why() })
	return nil
}
