package intake

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"
)

// The workers. Two probes keep both a slow stick and a core busy; all else is
// one at a time: two hash checks would only make a stick seek. But nobody waits
// for another film's sound to be done.
const (
	probeWorkers = 2
	// Sound is converted for whoever waits for it beside what was begun before.
	soundForViewers = 2
	workerCount     = probeWorkers + 1 /* hash check */ + 1 /* pictures */ + int(laneCount) + soundForViewers + 1 /* subtitles */ + 1 /* opened films */ + 1 /* small pictures */
)

// Times of the loop.
const (
	tickEvery   = time.Second            // second looks, retries, silent sticks
	showEvery   = 500 * time.Millisecond // sticks and problems as shown
	silentAfter = 10 * time.Second       // without an answer
	stopLimit   = 10 * time.Second       // for scans that hang in a dead stick when Run ends
)

// Run works until ctx ends; running ffmpeg groups are ended before it returns.
// A scan that hangs in a system call on a dead stick is left behind after 10 s.
func (in *Intake) Run(ctx context.Context) error {
	in.locked(in.drawSession)
	var workers sync.WaitGroup
	defer workers.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop() // should the loop panic, it is begun anew without these workers
	for i, wake := range in.wakeLanes {
		step := in.worker(i)
		workers.Go(func() { in.work(ctx, wake, step) })
	}
	if in.cfg.Tools != nil && in.machine == nil { // else it is known from before a panic
		workers.Go(func() { in.learnMachine(ctx) })
	}
	in.loop(ctx)
	workers.Wait()
	done := make(chan struct{})
	go func() { in.scans.Wait(); close(done) }()
	limit := time.NewTimer(stopLimit)
	defer limit.Stop()
	select {
	case <-done:
	case <-limit.C:
		in.log.Warn("Scan still hangs in a stick that does not answer")
	}
	return nil
}

// drawSession makes names of this run other ones than those of any before. Holds mu.
func (in *Intake) drawSession() {
	n, err := in.cfg.Memory.NextNumber("session")
	if err != nil { // not the clock: without a battery it may repeat itself
		in.log.Warn("Session not counted", "error", err)
		n = rand.Uint64() //nolint:gosec // nobody gains by guessing it
	}
	in.session = strconv.FormatUint(n, 36)
}

// worker returns what worker i does: one piece of work, or false for none.
func (in *Intake) worker(i int) func(context.Context) bool {
	switch i - probeWorkers {
	case 0:
		return in.checkNext
	case 1:
		return in.pictureNext
	case 2:
		return func(ctx context.Context) bool { return in.jobNext(ctx, remuxLane, false) }
	case 3:
		return func(ctx context.Context) bool { return in.jobNext(ctx, convertLane, false) }
	case 4:
		return func(ctx context.Context) bool { return in.soundNext(ctx) || in.jobNext(ctx, soundLane, false) }
	case 5, 6: // soundForViewers
		return func(ctx context.Context) bool { return in.soundNext(ctx) || in.jobNext(ctx, soundLane, true) }
	case 7:
		return in.wordsNext
	case 8:
		return in.openedNext
	case 9:
		return in.previewsNext
	default:
		return in.probeNext
	}
}

// work does step until there is nothing to do, then waits to be woken.
func (in *Intake) work(ctx context.Context, wake <-chan struct{}, step func(context.Context) bool) {
	for ctx.Err() == nil {
		if in.step(ctx, step) {
			continue
		}
		select {
		case <-ctx.Done():
		case <-wake:
		}
	}
}

// step does one piece of work; one that panics is logged and was one.
func (in *Intake) step(ctx context.Context, step func(context.Context) bool) (done bool) {
	err := guarded(func() error { done = step(ctx); return nil })
	if err != nil {
		in.log.Error("A worker failed", "error", err)
		return false // until something changes: it may fail again
	}
	return done
}

// loop applies what it is told and looks at the clock.
func (in *Intake) loop(ctx context.Context) {
	tick, show := time.NewTicker(tickEvery), time.NewTicker(showEvery)
	defer tick.Stop()
	defer show.Stop()
	in.locked(in.show)
	for {
		ticked := false
		select {
		case <-ctx.Done():
			in.stopScans()
			return
		case <-in.wakeLoop:
		case <-tick.C:
			ticked = true
		case <-show.C:
			in.locked(in.show)
			continue
		}
		in.locked(func() {
			in.applyTold()
			if ticked {
				in.onTick()
			}
			in.startScans(ctx)
		})
	}
}

// locked does something with mu held, and lets go of it even when that panics.
func (in *Intake) locked(do func()) {
	in.mu.Lock()
	defer in.mu.Unlock()
	do()
}

// applyTold takes the notes of SetSticks and DemandChanged. Holds mu.
func (in *Intake) applyTold() {
	in.tellMu.Lock()
	sticks, told, pokes := in.told, in.isTold, in.pokes
	in.told, in.isTold, in.pokes = nil, false, map[string]struct{}{}
	looks := in.looks
	in.looks = nil
	suspects := in.suspects
	in.suspects = map[*stick]*place{}
	in.tellMu.Unlock()
	if told {
		in.setSticks(sticks)
	}
	for st, p := range suspects {
		if !st.gone {
			in.ask(p)
		}
	}
	for id := range pokes {
		in.poke(id)
	}
	for _, id := range looks {
		if f := in.films[id]; f != nil {
			in.looked++
			f.looked = in.looked
		}
	}
	if len(pokes)+len(looks) > 0 {
		in.wakeWorkers()
	}
}

// onTick looks at everything that waits for time to pass. Holds mu.
func (in *Intake) onTick() {
	now := in.now()
	in.lookForSilent()
	in.shelf.sweep(now)
	if in.yield.waiting(now) {
		in.wakeWorkers()
	}
	for _, st := range in.sticks {
		if !st.relookAt.IsZero() && !now.Before(st.relookAt) && !st.scanning && !st.want {
			st.relookAt = time.Time{}
			st.want, st.quiet = true, true
		}
	}
	in.retryDue(now)
	in.convertAsked()
	in.retryNoRoom(now)
	in.lookAtRefused(now)
}
