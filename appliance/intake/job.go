package intake

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/packager"
	"streambox.local/transcode/publish"
)

// Times of a running job.
const (
	firstLook    = 100 * time.Millisecond // until the first segment is there
	progressLook = 500 * time.Millisecond // at most two a second reach the page
	roomLook     = 2 * time.Second
)

// renditionName is that of what is made here; the library adds the generation.
const renditionName = "video"

// job makes a film's rendition.
func (in *Intake) job(ctx context.Context, f *film, need int64, wanted bool) {
	in.setBusy(f.id, 1)
	defer in.setBusy(f.id, -1)
	if missing, err := in.makeRoom(f.id, need-in.begun(f.id), wanted); err != nil {
		in.mu.Lock()
		defer in.mu.Unlock()
		if in.films[f.id] == f && f.stage == stageWait {
			in.holdForRoom(f, missing)
		}
		return
	}
	r, jobCtx := in.startJob(ctx, f, need, wanted)
	if r == nil {
		return // pulled while room was made
	}
	defer in.recovered(f, r.turn)

	in.log.Info("Job started", "title", f.id, "rung", r.plan.Rung, "stick", r.p.stick.ID, "bytesExpected", need)
	began := in.now()
	type ending struct {
		err   error
		whose fault
	}
	end, err := attend(jobCtx, in, r.work, func() (e ending) {
		e.whose, e.err = r.attempt(jobCtx)
		return e
	}, func(ending) { r.discard() })
	left := isLeft(err)
	if s, ok := r.out.(*segments); ok && left {
		s.letGo()
	}
	if err == nil {
		err = end.err
		if err == nil {
			if err = in.finish(r); err != nil {
				end.whose = faultOurs
			}
		}
		if err != nil {
			r.discard()
		}
	} else {
		end.whose = faultOurs
	}
	log := in.log.With("title", f.id, "rung", r.plan.Rung, "durationSeconds", in.now().Sub(began).Seconds())
	if err != nil {
		log = log.With("error", err)
	}
	log.Info("Job ended", "finished", err == nil)

	in.mu.Lock()
	defer in.mu.Unlock()
	in.endWork(r.work)
	if in.films[f.id] != f {
		in.finishedElsewhere(f, err)
		return
	}
	if !in.current(f, r.turn) {
		if err == nil && f.stage != stageRun {
			in.restart(f) // begun anew meanwhile; what was finished counts
		}
		return
	}
	if left {
		in.workLeft(f, r.turn)
		return
	}
	in.jobEnded(r, err, end.whose, ctx.Err() != nil)
	in.wakeWorkers()
}

// startJob takes a film out of its lane; nil when it is no longer there.
func (in *Intake) startJob(ctx context.Context, f *film, need int64, wanted bool) (*run, context.Context) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.films[f.id] != f || f.stage != stageWait {
		return nil, nil
	}
	delete(in.lanes[f.lane], f.id)
	f.stage = stageRun
	p := f.places[0]
	r := &run{
		in: in, f: f, p: p, source: in.input(p, f.id), turn: f.turn,
		media: f.media, plan: f.plan, lane: f.lane, wanted: wanted, need: need, size: p.size,
	}
	r.out = &segments{r: r, by: transcode.MadeBy(f.media, f.plan, *in.machine)}
	if f.lane == soundLane {
		rec, _ := in.cfg.Library.Record(f.id)
		r.out = &joinedSound{r: r, choice: packedChoice(f.plan, f.media, *in.machine, &rec, ""), variant: variant(&rec)}
	}
	ctx, r.work = startWork(ctx, p)
	in.showStage(f, reasonOf(f.plan.Reason))
	return r, ctx
}

// attempt does all of a job that reads from the stick.
func (r *run) attempt(ctx context.Context) (whose fault, err error) {
	err = guarded(func() error { return r.do(ctx) })
	whose = r.in.judge(ctx, r.p, r.f.id, err)
	if err == nil && !r.whole() {
		// Shorter than the film: the stick may have been pulled in the last
		// second, which looks like the end of the file.
		if health := r.in.health(ctx, r.p, r.f.id); health != nil {
			return faultStick, health
		}
	}
	return whose, err
}

// jobEnded decides how a film goes on after its job. Holds mu.
func (in *Intake) jobEnded(r *run, err error, whose fault, stopping bool) {
	f := r.f
	switch {
	case err == nil:
		f.stage, f.attempts, f.failures = stageDone, 0, 0
		in.showStage(f, r.why(), func(rec *library.Record) { rec.QueueNumber = 0 })
		in.serveAlongside(f)
	case stopping:
		f.stage = stageWait
		in.lanes[f.lane][f.id] = f
		in.showStage(f, reasonOf(r.plan.Reason))
	case errors.Is(err, transcode.ErrYielded):
		f.stage = stageWait
		in.lanes[f.lane][f.id] = f
		in.showStage(f, reasonOf(r.plan.Reason))
	case isNoSpace(err):
		f.stage = stageWait
		f.atLeast = max(f.atLeast, r.expected())
		in.lanes[f.lane][f.id] = f
		in.holdForRoom(f, in.missingFor(max(r.need, f.atLeast)))
	case whose == faultPulled, whose == faultStick, whose == faultChange:
		in.readFailed(f, r.p, err, whose)
	case errors.Is(err, transcode.ErrNotSegmentable):
		in.rungFailed(f, r.plan.Rung, err)
	case isIndexError(err):
		in.packFailed(f, r.p, err, whose)
	case whose == faultFilm:
		in.rungRefused(r, err)
	default:
		in.ourFailure(f, "job", reason(CodeConversionFailed, "The box could not prepare this film just now; it tries again by itself"), err)
	}
}

// rungFailed remembers that a rung does not work for this content, because it
// cannot be cut; what could not be copied is converted. Holds mu.
func (in *Intake) rungFailed(f *film, rung transcode.Rung, err error) {
	in.log.Warn("Rung failed", "title", f.id, "rung", rung, "error", err)
	f.attempts, f.failures = 0, 0
	var failed []string
	in.update(f.id, func(rec *library.Record) {
		if !slices.Contains(rec.Failed, string(rung)) {
			rec.Failed = append(rec.Failed, string(rung))
		}
		failed = slices.Clone(rec.Failed)
	})
	f.plan = decide(f.media, *in.machine, failed) // known: a job ran
	if f.plan.Rung == transcode.None {
		f.stage = stageRefused
		in.showStage(f, reasonOf(f.plan.Reason), notPlayable)
		return
	}
	in.enqueue(f)
}

// rungRefused is a film that turns out unplayable in its job. That it cannot be
// converted for others says nothing of the film as it is. Holds mu.
func (in *Intake) rungRefused(r *run, err error) {
	f := r.f
	in.refuse(f, err)
	refusal := verdict(err)
	if f.stage != stageRefused {
		return
	}
	in.update(f.id, func(rec *library.Record) {
		rec.QueueNumber = 0
		switch {
		case refusal == nil: // tried again after the next start
		case f.converting:
			rec.Unconvertible = reasonOf(refusal.Reason)
		case !slices.Contains(rec.Failed, string(transcode.None)):
			rec.Failed = append(rec.Failed, string(transcode.None)) // a verdict: the reason beside it holds
		}
	})
}

// verdict is a refusal that is about the film; nil: it is none, or the machine's.
func verdict(err error) *transcode.Refusal {
	refusal, ok := errors.AsType[*transcode.Refusal](err)
	if !ok || refusal.Reason.Code == transcode.CodeNoEncoder {
		return nil
	}
	return refusal
}

// finishedElsewhere is a job whose film went away, or came back as another,
// before it ended: what was finished in that very moment is kept. Holds mu.
func (in *Intake) finishedElsewhere(f *film, err error) {
	if err != nil {
		return
	}
	if again := in.films[f.id]; again != nil {
		in.restart(again)
		return
	}
	in.amend(f, func(r *library.Record) { r.Sources, r.State, r.QueueNumber = nil, library.Unplugged, 0 })
}

// isIndexError is what a film cannot be packaged for.
func isIndexError(err error) bool {
	return errors.Is(err, packager.ErrNotSegmentable) || errors.Is(err, packager.ErrUnsupported) || errors.Is(err, packager.ErrDamaged)
}

// isNoSpace tells a full disk, whoever met it.
func isNoSpace(err error) bool {
	return errors.Is(err, errNoSpace) || errors.Is(err, publish.ErrNoSpace) || errors.Is(err, library.ErrNoRoom) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// run is one running job.
type run struct {
	in        *Intake
	f         *film
	p         *place
	source    transcode.Input
	work      *work
	turn      int
	media     transcode.Media
	plan      transcode.Plan
	lane      lane
	wanted    bool
	need      int64
	size      int64           // of the film's file
	rendition string          // what is being made is called so
	lasting   bool            // the record that survives a power cut speaks of it
	warning   *library.Reason // what is wrong with a title that is published all the same
	out       product
	progress  atomic.Pointer[transcode.Progress]
}

// product is what a job makes. begin to show are called while the job runs, then
// either finish or discard; discard also when begin has failed.
type product interface {
	// begin takes a place on the disk for it, and its name into run.rendition.
	begin(ctx context.Context) error
	work(ctx context.Context) error
	// made is what is on the disk by now, and how much of the film can be played
	// with it. Any goroutine may call it.
	made() (bytes int64, seconds float64)
	// attach serves what can be played, if it must be told to the library. Holds mu.
	attach()
	// show puts what can be played by now into the title's record.
	show(rec *library.Record)
	// finish makes it the title's, for good.
	finish() error
	discard() error
}
