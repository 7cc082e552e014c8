package swarm

import (
	"slices"
	"time"
)

// leaseTime is twice the expected time of a segment from the box.
func (d *Director) leaseTime(g *group) time.Duration {
	return max(d.limits.LeaseMin, min(d.limits.LeaseMax, 2*d.expected(g, 0)))
}

// due is what becomes of a want when its time has come.
func (d *Director) due(w *want) {
	p := w.page
	switch w.State {
	case leased:
		d.counts.Expired++
		g := p.group
		fault := d.atFault(w)
		d.lost(w)
		d.enterState(w, late, d.now+4*d.limits.LeaseMax)
		if fault {
			d.strike(p, w.N)
		}
		d.serveWaiting(g, w.N)
		d.leaseFree(p.viewer, g)
	case waits:
		d.decide(w)
	case peered:
		// The transfer is over or will never be; that these peers were named is
		// remembered for a report that may still come.
		h := w.first
		d.enterState(w, plain, d.now+d.limits.LeaseMax)
		if h != nil {
			d.serveFrom(h)
		}
	default:
		if w.Fetching { // it may still come; nobody counts on it
			d.lost(w)
			d.timers.set(w, d.now+4*d.limits.LeaseMax)
			return
		}
		d.endWant(w)
	}
}

// atFault says whether a lease had time enough: in a crowd it is the box that is late.
func (d *Director) atFault(w *want) bool {
	return d.expected(w.page.group, w.Bytes) <= (w.Until-w.Since)*3/4
}

// lost: a fetch from the box has not ended in its time.
func (d *Director) lost(w *want) {
	if w.Fetching {
		w.page.Lost++
		d.fetches(w, false)
	}
}

// fulfilled books what a have says about a want.
func (d *Director) fulfilled(w *want, byPeers bool) {
	g := w.page.group
	if w.State != waits { // it was granted
		w.page.Seen.set(w.N)
	}
	took := int64(d.now - w.Since)
	if w.Beside > 0 {
		w.page.Lost = 0
		g.HTTP.add(took)
		d.fetched(w)
	}
	if len(w.Named) > 0 { // also when it was given up: it came in the end
		handed := min(w.Bytes, w.page.P2PBytes-w.page.Handed)
		w.page.Handed += handed
		d.counts.HandedBytes += uint64(handed) //nolint:gosec // neither is negative
	}
	switch w.State {
	case leased, late:
		w.page.Fetched++
		d.delivered(w.page, w.N)
	case peered:
		if h := w.first; byPeers && h != nil {
			g.Peer.add(took)
			h.viewer.Gave = true
			if x := w.page.pairWith(h); x != nil {
				x.Worked = true
			}
		}
	default:
	}
	d.endWant(w)
}

// leases is how many are open of all tabs that play this: they are a viewer's, or
// eight tabs would keep sixteen segments from the others. Tabs of two films have two
// each, because neither film's viewers wait for the other's, and who watches both
// should not either.
func (v *viewer) leases(g *group) (n int) {
	for _, p := range v.pages {
		if p.group == g {
			n += p.leases
		}
	}
	return n
}

// leaseFree is called when one of these leases has ended: whichever tab waits for one
// is decided anew.
func (d *Director) leaseFree(v *viewer, g *group) {
	for _, p := range slices.Clone(v.pages) {
		if p.group == g {
			d.regrant(p, "leases")
		}
	}
}

// othersTurn says that this page has fetched more for the group than somebody in
// step with it who could take n as well, and that there is time to let that one
// ask. It is said once of each want: then the lease is this page's after all, so
// that somebody always fetches what is needed soonest.
func (d *Director) othersTurn(w *want) bool {
	p := w.page
	g := p.group
	if w.Turned || w.Deadline-d.now < d.limits.Turn+d.reserve(w)+d.leaseTime(g) {
		return false
	}
	at := p.playhead(d.now)
	for _, m := range g.members {
		if m == p || m.Fetched+2 > p.Fetched || m.viewer.leases(g) >= d.limits.Leases || m.Have.has(w.N) || !d.shares(m) {
			continue
		}
		apart := m.playhead(d.now) - at
		if max(apart, -apart) <= d.limits.InStep {
			return true
		}
	}
	return false
}
