package swarm

import (
	"slices"
	"time"
)

// state is what has become of a want.
type state string

const (
	leased state = "leased" // granted http, and others may wait for it
	late   state = "late"   // its lease has ended without a have: perhaps it still comes
	plain  state = "http"   // granted http without a lease
	peered state = "peers"  // granted peers
	waits  state = "wait"
	ended  state = "ended"
)

// want is one wish of one page, until the segment is there or given up.
type want struct {
	Seq      uint64        `json:"seq"`
	ID       uint32        `json:"id"`
	N        int           `json:"n"`
	Deadline time.Duration `json:"deadline"`
	Not      []PeerID      `json:"not,omitempty"`
	Segment
	State  state         `json:"state"`
	Since  time.Duration `json:"since"`
	Until  time.Duration `json:"until"`
	Said   time.Duration `json:"said,omitempty"` // the page has been told to wait until then
	Why    string        `json:"why,omitempty"`  // of the last grant
	Named  []PeerID      `json:"named,omitempty"`
	Turned bool          `json:"turned,omitempty"` // its lease was offered to others once
	Booked bool          `json:"booked,omitempty"` // the first of Named carries it as load
	Asked  time.Duration `json:"asked"`            // when the page said it
	// From the box, begun Since beside so many others.
	Fetching bool `json:"fetching,omitempty"`
	Beside   int  `json:"beside,omitempty"`

	page  *page
	first *page // of Named, while Booked
	place int   // in timers, from 1; 0: in none

	answer *Grant // of this call, not sent yet
}

// Want answers from whom to take a segment. segment is what the box knows of it.
func (d *Director) Want(now time.Duration, id PeerID, m Want, segment Segment) ([]Send, error) {
	return d.do(now, Input{Peer: id, Do: "want", Want: &m, Segment: segment})
}

func (d *Director) want(p *page, m *Want, segment Segment) error {
	switch {
	case m.N < 0 || m.N >= d.bound(p):
		return violation("want", "segment out of range")
	case m.In < 0:
		return violation("want", "time out of range")
	case len(m.Not) > 8:
		return violation("want", "too many peers in not")
	}
	g := p.group
	if g == nil {
		return nil // closed in the meantime
	}
	if segment.Bytes > 0 {
		g.Bytes.add(segment.Bytes)
	}
	if p.Have.clear(m.N) { // who wants it does not have it, whatever was said
		p.Seen.clear(m.N)
		p.Touched.set(m.N)
		g.Changed = true
	}
	w := p.wantOf(m.N)
	if w == nil {
		if len(p.Wants) >= d.limits.Wants {
			d.endWant(p.Wants[0])
		}
		w = &want{Seq: d.sequence(), N: m.N, page: p}
		p.Wants = append(p.Wants, w)
	}
	w.ID, w.Segment, w.Not = m.ID, segment, slices.Clone(m.Not)
	w.Asked = d.now
	w.Deadline, w.Said = d.now+time.Duration(min(m.In, mostPatience))*time.Millisecond, 0
	d.decide(w)
	return nil
}

// mostPatience in milliseconds: a page that is paused may name any time.
const mostPatience = 3_600_000

// bound is one more than the highest segment the page may speak of.
func (d *Director) bound(p *page) int {
	if p.Segments > 0 {
		return p.Segments
	}
	return d.limits.Segments
}

// book says who carries the want as load; nil: nobody.
func (w *want) book(h *page) {
	if w.first != nil {
		w.first.serving--
	}
	if h != nil {
		h.serving++
	}
	w.first, w.Booked = h, h != nil
}

// release undoes what a want holds in the books, before it gets another state.
func (d *Director) release(w *want) {
	p := w.page
	switch w.State {
	case leased:
		p.leases--
		delete(p.group.leases, w.N)
	case peered:
		w.book(nil)
	case waits:
		g := p.group
		g.waiting[w.N] = slices.DeleteFunc(g.waiting[w.N], func(o *want) bool { return o == w })
		if len(g.waiting[w.N]) == 0 {
			delete(g.waiting, w.N)
		}
	default: // the others are in no book
	}
}

// enterState books a want under its new state until then.
func (d *Director) enterState(w *want, s state, until time.Duration) {
	d.release(w)
	g := w.page.group
	w.State = s
	if s != late {
		w.Since, w.Beside = d.now, 0
		d.fetches(w, false)
	}
	switch s {
	case leased:
		w.page.leases++
		g.leases[w.N] = w
	case waits:
		line := g.waiting[w.N]
		i, _ := slices.BinarySearchFunc(line, w, byDeadline)
		g.waiting[w.N] = slices.Insert(line, i, w)
	default:
	}
	d.timers.set(w, until)
}

// fetches books that the want comes from the box, or does no more. So many of one
// page are counted as it can have running, and none of one that asks and asks and
// never gets anything: nobody can make the box look busy by words.
func (d *Director) fetches(w *want, does bool) {
	p := w.page
	if w.Fetching {
		d.fetching--
		p.fetching--
	}
	w.Fetching = does && p.fetching < mostFetches && p.Lost < mostFetches
	if w.Fetching {
		d.fetching++
		p.fetching++
	}
	if does {
		w.Beside = max(1, d.fetching)
	}
}

// mostFetches is how many transfers a page runs at once.
const mostFetches = 3

// endWant forgets a want; whoever waited for its lease or its peer is served.
func (d *Director) endWant(w *want) {
	if w.State == ended {
		return
	}
	state, first, p := w.State, w.first, w.page
	d.release(w)
	d.timers.drop(w)
	d.fetches(w, false)
	w.State = ended
	p.Wants = slices.DeleteFunc(p.Wants, func(o *want) bool { return o == w })
	switch {
	case state == leased:
		d.serveWaiting(p.group, w.N)
		d.leaseFree(p.viewer, p.group)
	case first != nil:
		d.serveFrom(first)
	}
}

// endWants forgets all wants of a page. What becomes free by that is handed out
// by the function it returns: when the page is out of the books, if it leaves.
func (d *Director) endWants(p *page) (serve func()) {
	wants, g := p.Wants, p.group
	p.Wants = nil
	var firsts []*page
	var open []int
	for _, w := range wants {
		if w.State == leased {
			open = append(open, w.N)
		}
		if w.first != nil {
			firsts = append(firsts, w.first)
		}
		d.release(w)
		d.timers.drop(w)
		d.fetches(w, false)
		w.State = ended
	}
	return func() {
		for _, n := range open {
			d.serveWaiting(g, n)
		}
		if len(open) > 0 {
			d.leaseFree(p.viewer, g)
		}
		for _, h := range firsts {
			d.serveFrom(h)
		}
	}
}

// regrant decides the waits of a page anew that are for this reason, "" for any.
func (d *Director) regrant(p *page, why string) {
	for _, w := range slices.Clone(p.Wants) {
		if w.State == waits && (why == "" || w.Why == why) {
			d.decide(w)
		}
	}
}
