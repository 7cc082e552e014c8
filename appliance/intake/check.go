package intake

import (
	"context"
	"errors"
	"slices"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
)

// Bounds of probing.
const (
	shortClipSeconds = 3               // below, a video is a clip and not listed
	retryAfter       = 3 * time.Second // when a file could not be read: the stick may just be going
	readTries        = 3
)

// probeNext probes the first film of the queue. False: there was none.
func (in *Intake) probeNext(ctx context.Context) bool { return in.probe(ctx, false) }

// probe is probeNext; onlyOpened: of a film that somebody has opened.
func (in *Intake) probe(ctx context.Context, onlyOpened bool) bool {
	f, r, probeCtx := in.startProbe(ctx, onlyOpened)
	if f == nil {
		return false
	}
	defer in.recovered(f, r.turn)

	type probe struct {
		media transcode.Media
		err   error
		whose fault
	}
	p, err := attend(probeCtx, in, r.work, func() (p probe) {
		p.err = guarded(func() (err error) { p.media, err = in.cfg.Tools.Probe(probeCtx, r.source); return err })
		p.whose = in.judge(probeCtx, r.p, f.id, p.err)
		return p
	}, nil)

	in.mu.Lock()
	defer in.mu.Unlock()
	in.endWork(r.work)
	switch {
	case !in.current(f, r.turn) || ctx.Err() != nil: // pulled meanwhile, or begun anew
	case isLeft(err):
		in.workLeft(f, r.turn)
	case (err != nil || p.err != nil) && gaveWay(probeCtx):
		f.stage = stageProbe
		in.probes = slices.Insert(in.probes, 0, f)
	case err != nil:
		in.probed(f, r.p, p.media, err, faultOurs)
	default:
		in.probed(f, r.p, p.media, p.err, p.whose)
	}
	in.wakeWorkers()
	return true
}

// reading is what a worker reads from a place.
type reading struct {
	p      *place
	turn   int // of the film
	source transcode.Input
	entry  entry           // checks
	media  transcode.Media // pictures
	work   *work
}

// startProbe takes the first film of the queue; nil: there was none.
func (in *Intake) startProbe(ctx context.Context, onlyOpened bool) (*film, *reading, context.Context) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.probes) == 0 || in.cfg.Tools == nil {
		return nil, nil, nil
	}
	opened := in.yield.waited()
	at := nextUp(in.probes, mayProbe(opened, !onlyOpened && in.calm()), opened)
	if at < 0 {
		return nil, nil, nil
	}
	f := in.probes[at]
	in.probes = slices.Delete(in.probes, at, at+1)
	f.stage = stageProbing
	r := &reading{p: f.places[0], turn: f.turn, source: in.input(f.places[0], f.id)}
	ctx, r.work = startWork(ctx, r.p)
	in.yield.givesWay(r.work, f.id)
	return f, r, ctx
}

// current is true while a film is the one that some work was begun for. Holds mu.
func (in *Intake) current(f *film, turn int) bool { return in.films[f.id] == f && f.turn == turn }

// fault is whose fault a failure is.
type fault int

const (
	faultNone   fault = iota
	faultFilm         // the content cannot be played
	faultOurs         // a tool failed
	faultStick        // the file cannot be read now
	faultChange       // the file is another one than it was
	faultPulled       // the work was called off: its stick has gone
)

// judge finds out whose fault err is. A stick being pulled looks like a damaged
// film to ffmpeg, a second before anybody knows: so the file is looked at again
// before a film is condemned.
func (in *Intake) judge(ctx context.Context, p *place, id string, err error) fault {
	var refusal *transcode.Refusal
	switch {
	case err == nil:
		return faultNone
	case errors.Is(context.Cause(ctx), errPulled):
		return faultPulled
	case errors.Is(err, errChanged):
		return faultChange
	case ctx.Err() != nil:
		return faultOurs
	}
	health := in.health(ctx, p, id)
	switch {
	case errors.Is(context.Cause(ctx), errPulled):
		return faultPulled
	case errors.Is(health, errChanged):
		return faultChange
	case health != nil:
		return faultStick
	case errors.As(err, &refusal):
		return faultFilm
	default:
		return faultOurs
	}
}

// probed applies a probe's result. Holds mu.
func (in *Intake) probed(f *film, p *place, m transcode.Media, err error, whose fault) {
	switch whose {
	case faultNone:
		in.describe(f, m)
	case faultFilm:
		in.refuse(f, err)
	case faultOurs:
		in.ourFailure(f, "probe", reason(CodeExamineFailed, "The box could not examine this film just now; it tries again by itself"), err)
	default:
		in.readFailed(f, p, err, whose)
	}
}

// describe takes the probe of a film. Holds mu.
func (in *Intake) describe(f *film, m transcode.Media) {
	f.attempts = 0
	switch {
	case m.Video == nil && len(m.Audio) > 0:
		in.hide(f, kindAudio)
		return
	case m.DurationSeconds > 0 && m.DurationSeconds < shortClipSeconds:
		in.hide(f, kindShortClip)
		return
	}
	rec, _ := in.cfg.Library.Record(f.id)
	in.planned(f, m, &rec)
}

// refuse makes a film unplayable for the reason of a refusal. Holds mu.
func (in *Intake) refuse(f *film, err error) {
	var refusal *transcode.Refusal
	if !errors.As(err, &refusal) {
		return
	}
	if refusal.Reason.Code == transcode.CodeAudioOnly {
		in.hide(f, kindAudio)
		return
	}
	in.logRefusal(f.id, refusal)
	f.stage = stageRefused
	in.showStage(f, reasonOf(refusal.Reason), notPlayable)
}

// refusalsKept is more films than a box is likely to see that it cannot play.
const refusalsKept = 10_000

// logRefusal notes why a film cannot be played, once: the same stick may come
// every morning. Holds mu.
func (in *Intake) logRefusal(id string, refusal *transcode.Refusal) {
	known := in.refusals[id] == refusal.Reason.Code
	if len(in.refusals) >= refusalsKept {
		clear(in.refusals)
	}
	in.refusals[id] = refusal.Reason.Code
	log := in.log.With("title", id, "code", refusal.Reason.Code)
	if refusal.Err != nil {
		log = log.With("error", refusal.Err)
	}
	if known {
		log.Debug("Film cannot be played")
		return
	}
	log.Info("Film cannot be played")
}

// hide counts a film instead of listing it. Holds mu.
func (in *Intake) hide(f *film, k kind) {
	f.stage, f.hidden = stageHidden, k
	for _, p := range f.places {
		in.rememberVerdict(p, k)
	}
	in.forget(f.id)
}

// block holds a film up for a reason; retryAt zero: until a rescan. Holds mu.
func (in *Intake) block(f *film, why *library.Reason, retryAt time.Time, edits ...edit) {
	f.stage, f.retryAt = stageBlocked, retryAt
	in.showStage(f, why, edits...)
}

// readFailed is a place that could not be read or has changed. Holds mu.
func (in *Intake) readFailed(f *film, p *place, err error, whose fault) {
	in.log.Info("Film's file could not be read", "title", f.id, "stick", p.stick.ID, "error", err)
	switch whose {
	case faultPulled:
		in.begin(f) // another stick has it: from there
	case faultChange:
		in.changed(f, p)
	default:
		f.attempts++
		if len(f.places) > 1 { // try another copy next
			f.putLast(p)
		}
		var again time.Time
		if f.attempts <= readTries {
			again = in.now().Add(retryAfter)
		}
		in.block(f, reason(CodeFileUnreadable, "The stick cannot be read where this film lies"), again)
	}
}

// changed is a place whose content is not what was remembered: the stick is
// looked at again, without the wrong memory. Holds mu.
func (in *Intake) changed(f *film, p *place) {
	err := in.cfg.Memory.RememberFile(p.stick.Volume, p.memoryPath(), p.size, p.modified, verdictUnknown)
	if err != nil {
		in.log.Warn("Identity not corrected", "title", f.id, "error", err)
	}
	p.stick.want, p.stick.quiet = true, true
	in.removePlace(p)
	if in.films[f.id] == f {
		in.begin(f)
	}
	signal(in.wakeLoop)
}
