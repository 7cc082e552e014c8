package intake

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"
)

// errGaveWay is the cause for which work that nobody waits for is called off: a
// film was opened that must be read first. It is done later.
var errGaveWay = errors.New("somebody has opened another film")

const (
	// hurryFor is how long a film that somebody has opened keeps back what nobody
	// waits for, until its first segment is made.
	hurryFor = 10 * time.Second
	// heldFor is how long requests that are being answered keep it back at most: a
	// room full of viewers must not keep new films from being examined for ever.
	heldFor = 2 * time.Second
	// mostHold is how long films that are opened one after another keep it back in a
	// row; then it has restFor, in which it is not called off either: forty people who
	// look around, or one page that goes to and fro, must not stop it for ever.
	mostHold = 30 * time.Second
	restFor  = 10 * time.Second
)

// yield lets work that nobody waits for (probes, indexes and pictures of films that
// nobody has opened) begin when no viewer waits for a stick: a slow one gives some
// hundred reads a second, and a probe takes dozens. What has begun when somebody
// opens a film is called off between two reads: it would keep stick and processor
// for a second and more, and is done anew when the film is seen.
type yield struct {
	mu         sync.Mutex
	opened     map[string]time.Time // films that were opened and not seen yet
	calmed     chan struct{}        // closed when opened is empty again; nil: it is
	background map[*work]string     // what gives way, with the film that it is for
	reading    int                  // requests that are being answered
	began      time.Time            // when work was last let begin
	held       bool                 // work was kept back, and was not told since to look again
	since      time.Time            // the first of the films that were opened one after another
	last       time.Time            // the last of them
}

// hurry is a viewer who has opened a film that must be read first. Who opens it again
// does not begin its time anew.
func (y *yield) hurry(id string, now time.Time) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.expire(now)
	if _, known := y.opened[id]; !known {
		if y.opened == nil {
			y.opened = map[string]time.Time{}
		}
		if now.Sub(y.last) >= hurryFor {
			y.since = now
		}
		y.opened[id], y.last = now, now
	}
	if y.rests(now) {
		return
	}
	if y.calmed == nil {
		y.calmed = make(chan struct{})
	}
	for w, of := range y.background {
		if _, waited := y.opened[of]; !waited {
			w.cancel(errGaveWay)
		}
	}
}

// rests tells whether what nobody waits for has its turn though films are being
// opened. Holds y.mu.
func (y *yield) rests(now time.Time) bool {
	return !y.since.IsZero() && now.Sub(y.since)%(mostHold+restFor) >= mostHold
}

// expire forgets films that were not seen in time. Holds y.mu.
func (y *yield) expire(now time.Time) {
	for id, at := range y.opened {
		if now.Sub(at) >= hurryFor {
			delete(y.opened, id)
		}
	}
	if y.calmed != nil && (len(y.opened) == 0 || y.rests(now)) {
		close(y.calmed)
		y.calmed = nil
	}
}

// givesWay notes work that is called off when somebody opens another film.
func (y *yield) givesWay(w *work, id string) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.background == nil {
		y.background = map[*work]string{}
	}
	y.background[w] = id
}

// over is the end of work; of that which does not give way, too.
func (y *yield) over(w *work) {
	y.mu.Lock()
	defer y.mu.Unlock()
	delete(y.background, w)
}

// gaveWay tells whether work was called off by hurry.
func gaveWay(ctx context.Context) bool { return errors.Is(context.Cause(ctx), errGaveWay) }

// pass holds back one read for a film (id; "": for none yet) while somebody waits
// for another one; not for ever, since a stick must be listed though films fail.
func (y *yield) pass(ctx context.Context, id string) {
	y.mu.Lock()
	calmed := y.calmed
	_, waited := y.opened[id]
	y.mu.Unlock()
	if calmed == nil || waited {
		return
	}
	limit := time.NewTimer(heldFor)
	defer limit.Stop()
	select {
	case <-calmed:
	case <-ctx.Done():
	case <-limit.C:
	}
}

// hurries tells whether a viewer waits for a film.
func (y *yield) hurries(id string) bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	_, opened := y.opened[id]
	return opened
}

// waited returns a function that tells whether a viewer waits for a film, as of now.
func (y *yield) waited() func(id string) bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	opened := maps.Clone(y.opened)
	return func(id string) bool { _, ok := opened[id]; return ok }
}

// calm tells whether work that nobody waits for may begin.
func (y *yield) calm(now time.Time) bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.expire(now)
	if len(y.opened) > 0 && !y.rests(now) || y.reading > 0 && now.Sub(y.began) < heldFor {
		y.held = true
		return false
	}
	y.began = now
	return true
}

// keepBack notes that work was kept back for another reason, which passes.
func (y *yield) keepBack() {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.held = true
}

// answer notes that a request for a film is being answered, until answered is called.
func (y *yield) answer() {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.reading++
}

// answered is the end of it; seen: the film has been. wake: work was kept back by it.
func (y *yield) answered(id string, seen bool) (wake bool) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.reading--
	if seen {
		delete(y.opened, id)
	}
	if len(y.opened) == 0 && y.calmed != nil {
		close(y.calmed)
		y.calmed = nil
	}
	wake = y.held && y.reading == 0 && len(y.opened) == 0
	if wake {
		y.held = false
	}
	return wake
}

// waiting tells whether work was kept back since it was asked last, which is to be
// woken now: what still may not begin is kept back again by that. It is asked every
// second, so it ends the time of films that nobody came to see: reads that wait in
// pass have no worker that asks calm.
func (y *yield) waiting(now time.Time) bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.expire(now)
	held := y.held
	y.held = false
	return held
}

// calm tells whether work that nobody waits for may begin.
func (in *Intake) calm() bool { return in.yield.calm(in.now()) }

// idle is calm for pictures, which can wait for ever: no viewer's segments come late either.
func (in *Intake) idle() bool {
	if in.cfg.ViewersLate != nil && in.cfg.ViewersLate() {
		in.yield.keepBack()
		return false
	}
	return in.calm()
}

// mayProbe tells whether a film may be examined now: one that somebody has opened
// at once, others when no viewer waits, and not before their stick is listed. Holds mu.
func mayProbe(opened func(id string) bool, calm bool) func(*film) bool {
	return func(f *film) bool {
		st := f.places[0].stick
		return f.answers() && (opened(f.id) || calm && (st.scanned || !st.scanning))
	}
}

// openedNext examines a film that somebody has opened and reads its index, while
// the other workers are at whatever they have begun. False: there is none.
func (in *Intake) openedNext(ctx context.Context) bool {
	return in.probe(ctx, true) || in.packOpened(ctx)
}

// packOpened makes an opened film playable, if it need not be copied for that.
func (in *Intake) packOpened(ctx context.Context) bool {
	queue := slices.DeleteFunc(in.waitingIn(remuxLane), func(w waiting) bool { return !in.yield.hurries(w.id) })
	for i := range queue {
		if f, _ := in.jobOf(remuxLane, queue[i].id); f != nil && in.pack(ctx, f) {
			return true
		}
	}
	return false
}
