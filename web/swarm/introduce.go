package swarm

import (
	"cmp"
	"slices"
	"time"
)

// pair is an introduction. The page that came later, or wants something, calls:
// there is one caller, so offers cannot cross.
type pair struct {
	Session  uint32        `json:"session"`
	Caller   PeerID        `json:"caller"`
	Callee   PeerID        `json:"callee"`
	Since    time.Duration `json:"since"`
	Offered  bool          `json:"offered,omitempty"`
	Answered bool          `json:"answered,omitempty"`
	Open     time.Duration `json:"open,omitempty"`   // when it was answered
	Used     time.Duration `json:"used"`             // named in a grant last
	Worked   bool          `json:"worked,omitempty"` // a segment came over it

	a, b *page // caller, callee
}

func (x *pair) other(p *page) *page {
	if x.a == p {
		return x.b
	}
	return x.a
}

// introduce makes caller and callee known to each other.
func (d *Director) introduce(caller, callee *page) {
	d.makeRoom(caller)
	d.makeRoom(callee)
	d.session++
	x := &pair{
		Session: d.session, Caller: caller.ID, Callee: callee.ID,
		Since: d.now, Used: d.now, a: caller, b: callee,
	}
	caller.pairs = append(caller.pairs, x)
	callee.pairs = append(callee.pairs, x)
	d.counts.Introductions++
	d.changed(caller)
	d.changed(callee)
}

func (d *Director) endPair(x *pair) {
	for _, p := range [2]*page{x.a, x.b} {
		p.pairs = slices.DeleteFunc(p.pairs, func(o *pair) bool { return o == x })
		d.changed(p)
	}
}

func (d *Director) endPairs(p *page) {
	for len(p.pairs) > 0 {
		d.endPair(p.pairs[len(p.pairs)-1])
	}
}

// roomFor says whether the page can take one more introduction, if need be in
// the place of one that nothing has come of for half a minute.
func (d *Director) roomFor(p *page) bool {
	return len(p.pairs) < d.limits.Pairs || d.stale(p) != nil
}

func (d *Director) stale(p *page) *pair {
	var oldest *pair
	for _, x := range p.pairs {
		if d.now-x.Used >= d.limits.Silent && (oldest == nil || x.Used < oldest.Used) && !x.busy() {
			oldest = x
		}
	}
	return oldest
}

// busy says whether a segment may be on its way between the two.
func (x *pair) busy() bool {
	for _, p := range [2]*page{x.a, x.b} {
		for _, w := range p.Wants {
			if slices.Contains(w.Named, x.other(p).ID) {
				return true
			}
		}
	}
	return false
}

func (d *Director) makeRoom(p *page) {
	if len(p.pairs) < d.limits.Pairs {
		return
	}
	if x := d.stale(p); x != nil {
		d.endPair(x)
	}
}

// befriend introduces a page to neighbours until it has enough: first those who
// hold most of what it plays in the next minute, then those who know few.
func (d *Director) befriend(p *page) {
	if p.group == nil || !p.group.On || !d.shares(p) || len(p.pairs) >= d.limits.Neighbours {
		return
	}
	first := int(p.playhead(d.now) / p.Length)
	last := first + int(2*d.limits.LookAhead/p.Length)
	type friend struct {
		page  *page
		holds int
		order uint32
	}
	var friends []friend
	for _, m := range p.group.members {
		if m == p || !d.shares(m) || len(m.pairs) >= d.limits.Pairs-1 ||
			p.pairWith(m) != nil || p.shuns(m.ID, d.now) || m.shuns(p.ID, d.now) ||
			estranged(p.viewer, m.viewer) {
			continue
		}
		f := friend{page: m, order: uint32(d.random.Uint64() >> 32)}
		if m.viewer.Gave || !m.Seen.IsZero() { // not the same as trusted: to know somebody promises nothing
			f.holds = m.Have.within(first, last)
		}
		friends = append(friends, f)
	}
	slices.SortFunc(friends, func(a, b friend) int {
		return cmp.Or(
			cmp.Compare(b.holds, a.holds),
			cmp.Compare(len(a.page.viewer.Reports), len(b.page.viewer.Reports)),
			cmp.Compare(len(a.page.pairs), len(b.page.pairs)),
			cmp.Compare(a.order, b.order))
	})
	for _, f := range friends {
		if len(p.pairs) >= d.limits.Neighbours {
			return
		}
		d.introduce(p, f.page)
	}
}
