package swarm

import "time"

// leaseTime is twice the expected time of a segment from the box.
func (d *Director) leaseTime(g *group) time.Duration {
	return max(d.limits.LeaseMin, min(d.limits.LeaseMax, 2*g.HTTP.or(d.limits.Expected)))
}

// due is what becomes of a want when its time has come.
func (d *Director) due(w *want) {
	p := w.page
	switch w.State {
	case leased:
		d.counts.Expired++
		g := p.group
		d.enterState(w, late, d.now+2*d.limits.LeaseMax)
		d.strike(p, w.N)
		d.serveWaiting(g, w.N)
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
		d.endWant(w)
	}
}

// fulfilled books what a have says about a want.
func (d *Director) fulfilled(w *want, byPeers bool) {
	g := w.page.group
	took := int64(d.now - w.Since)
	switch w.State {
	case leased, late:
		g.HTTP.add(took)
		w.page.Fetched++
		d.delivered(w.page, w.N)
	case peered:
		if h := w.first; byPeers && h != nil {
			g.Peer.add(took)
			if x := w.page.pairWith(h); x != nil {
				x.Worked = true
			}
		}
	default:
	}
	d.endWant(w)
}

// othersTurn says that this page has fetched more for the group than somebody in
// step with it who could take n as well, and that there is time to let that one
// ask. It is said once of each want: then the lease is this page's after all, so
// that somebody always fetches what is needed soonest.
func (d *Director) othersTurn(w *want) bool {
	p := w.page
	g := p.group
	if w.Turned || w.Deadline-d.now < d.limits.Turn+d.reserve(g)+d.leaseTime(g) {
		return false
	}
	at := p.playhead(d.now)
	for _, m := range g.members {
		if m == p || m.Fetched+2 > p.Fetched || m.leases >= d.limits.Leases || m.Have.has(w.N) || !m.able(d.now) {
			continue
		}
		apart := m.playhead(d.now) - at
		if max(apart, -apart) <= d.limits.InStep {
			return true
		}
	}
	return false
}
