package intake

import (
	"context"
	"fmt"
	"sync"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
)

// do runs the tool and shows its progress meanwhile.
func (r *run) do(ctx context.Context) error {
	if err := r.out.begin(ctx); err != nil {
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
	err := r.out.work(ctx)
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
		made, seconds := r.out.made()
		if !shown && seconds > 0 {
			shown = true
			look.Reset(progressLook)
		}
		r.show()
		if now := r.in.now(); now.Sub(lastRoom) >= roomLook {
			lastRoom = now
			if !r.roomLeft(made) {
				callOff(errNoSpace)
				return
			}
		}
	}
}

// show puts progress into the record, and the rendition as soon as it has a
// segment: from then on the title is playable, and not before.
func (r *run) show() {
	progress := r.progress.Load()
	in := r.in
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.current(r.f, r.turn) || r.f.stage != stageRun {
		return
	}
	r.out.attach()
	lasts := false
	if one, ok := r.out.(interface{ lasts() bool }); ok && !r.lasting {
		lasts = one.lasts()
		r.lasting = lasts
	}
	err := in.cfg.Library.Update(r.f.id, lasts, func(rec *library.Record) {
		if progress != nil {
			rec.Progress, rec.SecondsLeft = progress.Fraction, progress.SecondsLeft
		}
		r.out.show(rec)
	})
	if err != nil {
		in.log.Warn("Title not kept", "title", r.f.id, "error", err)
	}
}

// yields tells between two pieces whether another film of the lane goes first: one
// that more phones wait for.
func (r *run) yields() bool {
	mine := r.in.opened(r.f.id)
	for _, other := range r.in.waitingIn(r.lane) {
		if r.in.opened(other.id) > mine {
			return true
		}
	}
	return false
}

// begun is what an unfinished conversion of a title takes on the disk by now.
func (in *Intake) begun(id string) (bytes int64) {
	rec, _ := in.cfg.Library.Record(id)
	for _, one := range rec.Renditions {
		if !one.Complete && one.By != "" {
			bytes += one.Bytes()
		}
	}
	return bytes
}

// roomLeft is false when the job has come to the reserve and no room can be made.
func (r *run) roomLeft(made int64) bool {
	s := r.in.cfg.Library.Storage()
	if s.TotalBytes <= 0 || s.FreeBytes >= s.ReserveBytes {
		return true
	}
	_, err := r.in.makeRoom(r.f.id, max(0, r.need-made), r.in.opened(r.f.id) > 0)
	return err == nil
}

// whole is false when what was made is much shorter than the film says it is.
func (r *run) whole() bool {
	_, seconds := r.out.made()
	return seconds >= 0.97*r.media.DurationSeconds-1
}

// expected is what the job would have written, judged by how far it came.
func (r *run) expected() int64 {
	written, _ := r.out.made()
	if p := r.progress.Load(); p != nil && p.Fraction > 0.01 {
		return int64(1.1 * float64(written) / p.Fraction)
	}
	return 2 * written
}

// discard removes what was made.
func (r *run) discard() {
	if err := r.out.discard(); err != nil {
		r.in.log.Warn("Unfinished rendition not removed", "title", r.f.id, "error", err)
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
	if err := r.out.finish(); err != nil {
		return err
	}
	// Kept at once: whatever becomes of the film in this moment, what is played
	// later comes with what is wrong with it.
	in.mu.Lock()
	defer in.mu.Unlock()
	in.amend(r.f, func(rec *library.Record) { rec.Reason = r.why() })
	return nil
}
