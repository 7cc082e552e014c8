package intake

import (
	"sync"
	"time"
)

const (
	// hurryFor is how long a film that somebody has opened keeps back what nobody
	// waits for, until its first segment is made.
	hurryFor = 10 * time.Second
	// heldFor is how long requests that are being answered keep it back at most: a
	// room full of viewers must not keep new films from being examined for ever.
	heldFor = 2 * time.Second
)

// yield lets work that nobody waits for (probes, indexes and pictures of films that
// nobody has opened) begin when no viewer waits for a stick: a slow one gives some
// hundred reads a second, and a probe takes dozens.
type yield struct {
	mu      sync.Mutex
	opened  map[string]time.Time // films that were opened and not seen yet
	reading int                  // requests that are being answered
	began   time.Time            // when work was last let begin
	held    bool                 // work was kept back, and was not told since to look again
}

// hurry is a viewer who has opened a film that must be examined first.
func (y *yield) hurry(id string, now time.Time) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.opened == nil {
		y.opened = map[string]time.Time{}
	}
	y.opened[id] = now
}

// hurries tells whether a viewer waits for a film.
func (y *yield) hurries(id string) bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	_, opened := y.opened[id]
	return opened
}

// calm tells whether work that nobody waits for may begin.
func (y *yield) calm(now time.Time) bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	for id, at := range y.opened {
		if now.Sub(at) >= hurryFor {
			delete(y.opened, id)
		}
	}
	if len(y.opened) > 0 || y.reading > 0 && now.Sub(y.began) < heldFor {
		y.held = true
		return false
	}
	y.began = now
	return true
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
	wake = y.held && y.reading == 0 && len(y.opened) == 0
	if wake {
		y.held = false
	}
	return wake
}

// waiting tells whether work was kept back since it was asked last, which is to be
// woken now: what still may not begin is kept back again by that.
func (y *yield) waiting() bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	held := y.held
	y.held = false
	return held
}

// mayProbe tells whether a film may be examined now: one that somebody has opened
// at once, others when no viewer waits, and not before their stick is listed. Holds mu.
func (in *Intake) mayProbe(calm bool) func(*film) bool {
	return func(f *film) bool {
		st := f.places[0].stick
		return f.answers() && (in.yield.hurries(f.id) || calm && (st.scanned || !st.scanning))
	}
}
