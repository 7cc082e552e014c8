package room

import (
	"slices"
	"time"
)

// Change is a verdict that has changed without having been asked for.
type Change struct {
	Cookie  string // "": a player without a page; it finds out by itself
	Link    string // by name; a [Room] of its own does not know it
	Verdict Verdict
}

// Tick is called once a second. It returns who was let in, and who was put back.
func (r *Room) Tick() []Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	r.expire(now)
	typical := r.typical()
	viewers := r.admitted()
	if r.distress.look(viewers, now) {
		r.capacity.distressed(r.demand(typical), now)
		r.log.Info("Segments come late", "watching", r.watching, "mbitPerSecond", r.capacity.bitsPerSecond(now)/1e6)
	}
	r.capacity.tick(now, r.settledDemand(viewers, typical, now), !r.distress.lately(now))
	changed := append(r.putBackLatest(viewers, now), r.letIn(now)...)
	r.shown = r.places(now)
	changes := make([]Change, 0, len(changed))
	for _, one := range changed {
		changes = append(changes, Change{Cookie: one.cookie, Verdict: r.verdict(one.admitted)})
	}
	r.sayFull(now)
	return changes
}

// settledDemand is what the viewers take that have watched for a while, bit/s.
func (r *Room) settledDemand(viewers []*viewer, typical float64, now time.Time) float64 {
	sum := 0.0
	for _, one := range viewers {
		if now.Sub(one.since) >= settled {
			sum += r.costs(one, typical)
		}
	}
	return sum
}

// putBackLatest takes places away from those who came last, if they came
// before the capacity was known and it is too small for all.
func (r *Room) putBackLatest(viewers []*viewer, now time.Time) []*viewer {
	var back []*viewer
	for _, one := range viewers {
		trial := one.trial && now.Sub(one.since) < trialTime
		if !trial || !r.capacity.sure(now) || r.watching <= alwaysAdmitted || r.demand(r.typical()) <= r.capacity.limit(now) {
			break
		}
		r.putBack(one)
		back = append(back, one)
	}
	return back
}

// letIn gives places to those who wait, in order of arrival.
func (r *Room) letIn(now time.Time) []*viewer {
	var in []*viewer
	for i := r.next(now); i >= 0; i = r.next(now) {
		first := r.waiting[i]
		if !r.fits(first, now) {
			r.fitsAt = time.Time{}
			break
		}
		if r.fitsAt.IsZero() {
			r.fitsAt = now
		}
		if r.limited(now) && now.Sub(r.fitsAt) < roomMustLast {
			break
		}
		r.waiting = slices.Delete(r.waiting, i, i+1)
		r.admit(first, now)
		in = append(in, first)
		r.fitsAt = time.Time{} // the next one's time begins with it
	}
	return in
}

// sayFull logs when somebody begins to wait, and when nobody does any more.
func (r *Room) sayFull(now time.Time) {
	full := len(r.waiting) > 0
	if full == r.full {
		return
	}
	r.full = full
	if full {
		r.log.Info("The air is full", "role", r.role, "watching", r.watching, "capacityMbitPerSecond", r.capacity.bitsPerSecond(now)/1e6,
			"demandMbitPerSecond", r.demand(r.typical())/1e6)
		return
	}
	r.log.Info("There is room for all", "watching", r.watching)
}

// State is the room as GET /api/v1/box shows it.
type State struct {
	Role                string
	Places              int // 0: no limit is known
	Taken               int
	Waiting             int
	MbitPerSecond       float64 // capacity to all phones together, 0 while it is not measured
	EgressMbitPerSecond float64 // what they acknowledged in the last 10 s
}

// State looks and changes nothing.
func (r *Room) State() State {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	return State{
		Role: r.role, Places: r.places(now), Taken: r.watching, Waiting: len(r.waiting),
		MbitPerSecond:       r.capacity.bitsPerSecond(now) / 1e6,
		EgressMbitPerSecond: r.capacity.window.over(now, egressOver).bitsPerSecond() / 1e6,
	}
}
