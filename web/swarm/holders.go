package swarm

import (
	"cmp"
	"slices"
	"time"
)

// found is who holds a segment, as one want sees it.
type found struct {
	now        []*page // can give it: best first
	busy       bool    // somebody holds it and has no slot free
	connecting bool    // somebody holds it, but the connection will not be there in time
}

func (f found) any() bool { return f.busy || f.connecting }

type candidate struct {
	page   *page
	order  uint32
	unsure bool // nothing has come over this connection yet
}

// holders looks among the page's pairs first. Only if none of them can, it looks
// for another one to introduce, which costs a handshake and, on a phone, memory.
func (d *Director) holders(w *want) found {
	var out found
	var some []candidate
	p := w.page
	urgent := w.Deadline-d.now <= d.limits.Connect
	for _, x := range p.pairs {
		h := x.other(p)
		if !d.gives(h, w) {
			continue
		}
		switch {
		case h.load(d.now) >= d.limits.Uploads:
			out.busy = true
		case urgent && !x.ready(d.now, d.limits.Connect):
			out.connecting = true
		default:
			some = append(some, candidate{page: h, unsure: !x.ready(d.now, d.limits.Connect)})
		}
	}
	if len(some) == 0 {
		h, busy := d.stranger(w)
		out.busy = out.busy || busy
		switch {
		case h == nil:
		case urgent:
			d.introduce(p, h)
			out.connecting = true
		default:
			d.introduce(p, h)
			some = append(some, candidate{page: h, unsure: true})
		}
	}
	out.now = d.rank(some)
	return out
}

// gives says whether h may be named for w at all.
func (d *Director) gives(h *page, w *want) bool {
	return h.Have.has(w.N) && h != w.page && d.shares(h) && !slices.Contains(w.Not, h.ID) &&
		!w.page.shuns(h.ID, d.now) && !estranged(w.page.viewer, h.viewer) &&
		(h.trusted(w.N) || w.Deadline-d.now >= d.limits.Doubt)
}

// trusted: an unknown that comes and says what it holds is believed where there is
// time to find out otherwise; one that has given something is believed at once, and
// so is who says that it has what it was granted. Whatever else a page says of
// itself, and be it that its inventory grows, is no more than its word.
//
// While nobody shares, nothing is granted, and a page's word must do: of as many
// segments as such a page can take and still play, bought with the time it was here.
func (p *page) trusted(n int) bool { return p.viewer.Gave || p.Seen.has(n) }

// What a page is believed to have taken from the box while nobody shared: the look-ahead
// of 30 s at once, then eight times as fast as segments of 4 s play.
const (
	aloneAtOnce    = 8
	alonePerSecond = 2
)

// believe notes that p says it has n, without having been granted it.
func (p *page) believe(n int, now time.Duration) {
	if p.group.On || p.Alone >= aloneAtOnce+alonePerSecond*int((now-p.Entered)/time.Second) {
		return
	}
	p.Alone++
	p.Seen.set(n)
}

func (d *Director) rank(some []candidate) []*page {
	if len(some) > 1 {
		for i := range some {
			some[i].order = uint32(d.random.Uint64() >> 32)
		}
		slices.SortFunc(some, func(a, b candidate) int {
			return cmp.Or(
				boolOrder(a.unsure, b.unsure),
				cmp.Compare(len(a.page.viewer.Reports), len(b.page.viewer.Reports)),
				cmp.Compare(a.page.load(d.now), b.page.load(d.now)),
				cmp.Compare(a.order, b.order))
		})
	}
	out := make([]*page, 0, min(len(some), d.limits.Named))
	for _, c := range some[:min(len(some), d.limits.Named)] {
		out = append(out, c.page)
	}
	return out
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// stranger is the least busy of the first few holders that the page does not
// know yet, looked for from a place drawn at random.
func (d *Director) stranger(w *want) (best *page, busy bool) {
	p := w.page
	members := p.group.members
	start := int(d.random.Uint64() % uint64(len(members))) //nolint:gosec // less than the length
	room, seen := d.roomFor(p), 0
	for i := range members {
		h := members[(start+i)%len(members)]
		if !d.gives(h, w) || p.pairWith(h) != nil {
			continue
		}
		if h.load(d.now) >= d.limits.Uploads || !room || !d.roomFor(h) {
			busy = true
			continue
		}
		if best == nil || h.load(d.now) < best.load(d.now) {
			best = h
		}
		if seen++; seen == 8 {
			break
		}
	}
	return best, busy
}

// serveHolder tells those who wait for n that h has it now, as far as h can give:
// first whom it knows, by deadline, then a few whom it does not.
func (d *Director) serveHolder(h *page, n int) {
	g := h.group
	if g == nil || len(g.waiting[n]) == 0 || !d.shares(h) || !g.On {
		return
	}
	var known []*want
	for _, x := range h.pairs {
		if w := x.other(h).wantOf(n); w != nil && w.State == waits {
			known = append(known, w)
		}
	}
	slices.SortFunc(known, byDeadline)
	for _, w := range known {
		if h.load(d.now) >= d.limits.Uploads {
			return
		}
		d.decide(w)
	}
	tries := 4 * d.limits.Uploads
	for _, w := range slices.Clone(g.waiting[n]) {
		if tries == 0 || h.load(d.now) >= d.limits.Uploads || !d.roomFor(h) {
			return
		}
		if w.State == waits && h.pairWith(w.page) == nil && d.roomFor(w.page) {
			tries--
			d.decide(w)
		}
	}
}

// serveFrom is called when h has a slot free: whom it knows and who waits gets it.
func (d *Director) serveFrom(h *page) {
	if h.group == nil || !h.group.On || !d.shares(h) {
		return
	}
	var known []*want
	for _, x := range h.pairs {
		for _, w := range x.other(h).Wants {
			if w.State == waits && h.Have.has(w.N) {
				known = append(known, w)
			}
		}
	}
	slices.SortFunc(known, byDeadline)
	for _, w := range known {
		if h.load(d.now) >= d.limits.Uploads {
			return
		}
		if w.State == waits {
			d.decide(w)
		}
	}
}

func byDeadline(a, b *want) int {
	return cmp.Or(cmp.Compare(a.Deadline, b.Deadline), cmp.Compare(a.Seq, b.Seq))
}

// serveWaiting is called when nobody fetches n any more: the one with the nearest
// deadline is asked first and gets the lease, the others wait for that or have it from peers.
func (d *Director) serveWaiting(g *group, n int) {
	for _, w := range slices.Clone(g.waiting[n]) {
		if w.State == waits {
			d.decide(w)
		}
	}
}

// ready: an answer has been passed on and ICE had time for its checks (measured
// on a LAN: 15–61 ms), or so much time has passed that it must be open or failed.
func (x *pair) ready(now, connect time.Duration) bool {
	return x.Worked || x.Answered && now-x.Open >= 250*time.Millisecond || now-x.Since >= connect
}
