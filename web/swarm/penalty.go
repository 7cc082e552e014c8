package swarm

import (
	"slices"
	"time"
)

type lapse struct {
	Peer PeerID        `json:"peer"`
	N    int           `json:"n"`
	At   time.Duration `json:"at"`
}

type report struct {
	Viewer string        `json:"viewer"`
	At     time.Duration `json:"at"`
	Bad    bool          `json:"bad,omitempty"` // what it gave was not the segment
}

const (
	maxExpired = 2 // leases
	maxReports = 3 // from distinct viewers, at distinct moments
	maxICE     = 2 // with distinct viewers
	// A viewer's word counts against so many others at a time: three who lie can
	// harm two, not everybody.
	maxAccused = 2
	// A phone that stands still for a moment lets down all who wait for it at once:
	// reports so close together are one.
	sameMoment = 5 * time.Second
	// Those of one moment beside each other, and some more.
	keptReports = 12
	// Leases given back one after the other, without one fulfilled.
	maxGivenUp = 6
)

// strike: a lease of the page has ended without a have.
func (d *Director) strike(p *page, n int) {
	v := p.viewer
	v.Expired = slices.DeleteFunc(v.Expired, func(l lapse) bool { return d.now-l.At >= d.limits.Penalty })
	v.Expired = append(v.Expired, lapse{p.ID, n, d.now})
	if len(v.Expired) >= maxExpired {
		d.punish(v, "penalty")
	}
}

// delivered: a lease was fulfilled. One that was only late is taken back from
// the strikes, with the penalty that hung on it: when the air is full everybody
// is late, and that must not turn sharing off.
func (d *Director) delivered(p *page, n int) {
	v := p.viewer
	v.GivenUp = 0
	before := len(v.Expired)
	v.Expired = slices.DeleteFunc(v.Expired, func(l lapse) bool { return l.Peer == p.ID && l.N == n })
	if before >= maxExpired && len(v.Expired) < maxExpired && v.Why == "penalty" && len(v.Reports) < maxReports {
		d.pardon(v)
	}
}

// gaveUp: a lease was given back. That is everybody's right, after a seek for
// instance; who does it late and again and again only keeps others waiting.
func (d *Director) gaveUp(w *want) {
	v := w.page.viewer
	if d.now-w.Since < (w.Until-w.Since)/2 || !d.atFault(w) {
		return
	}
	if v.GivenUp++; v.GivenUp >= maxGivenUp {
		v.GivenUp = 0
		d.punish(v, "penalty")
	}
}

// undelivered: p says that a peer it was sent to did not give it a segment. That
// is believed of a pair that was introduced and a segment that was granted, once
// from each viewer, and not when the accused had said that it dropped it or was
// given too much to do. That its slots were full ("busy") accuses nobody.
func (d *Director) undelivered(p *page, m *Gone) {
	w := p.wantOf(m.N)
	other := d.pages[m.Peer]
	if w == nil || other == nil || !slices.Contains(w.Named, m.Peer) {
		return
	}
	rest := d.limits.Shun
	if m.Why == "busy" {
		rest = d.limits.Busy
	}
	p.shun(other.ID, d.now, d.now+rest)
	x := p.pairWith(other)
	if m.Why == "bad" {
		p.viewer.distrust(other.viewer)
		d.part(p.viewer, other.viewer)
	}
	if w.first == other {
		d.nextNamed(w)
		d.serveFrom(other)
	}
	accuser, accused := p.viewer, other.viewer
	if m.Why == "busy" || accuser == accused || x == nil || !other.Have.has(m.N) ||
		m.Why == "refused" && other.load(d.now) >= d.limits.Uploads {
		return
	}
	old := func(r report) bool { return d.now-r.At >= d.limits.Penalty }
	accuser.Accused = slices.DeleteFunc(accuser.Accused, old)
	accused.Reports = slices.DeleteFunc(accused.Reports, old)
	by := func(key string) func(report) bool { return func(r report) bool { return r.Viewer == key } }
	if !slices.ContainsFunc(accuser.Accused, by(accused.Key)) {
		if len(accuser.Accused) >= maxAccused {
			return
		}
		accuser.Accused = append(accuser.Accused, report{Viewer: accused.Key, At: d.now})
	}
	if slices.ContainsFunc(accused.Reports, by(accuser.Key)) || len(accused.Reports) >= keptReports {
		return
	}
	accused.Reports = append(accused.Reports, report{Viewer: accuser.Key, At: d.now, Bad: m.Why == "bad"})
	d.counts.Reports++
	if incidents(accused.Reports) >= maxReports {
		d.punish(accused, "penalty")
	}
}

// incidents counts reports, oldest first: one of a wrong segment each time, those that
// nothing came once for each moment.
func incidents(reports []report) (n int) {
	moment := -sameMoment
	for _, r := range reports {
		switch {
		case r.Bad:
			n++
		case r.At-moment >= sameMoment:
			moment = r.At
			n++
		}
	}
	return n
}

// nextNamed books a want on the one whom the page asks next, after the first who
// did not deliver; where there is nobody left it asks anew, or has gone to the box.
func (d *Director) nextNamed(w *want) {
	for len(w.Named) > 1 {
		w.Named = w.Named[1:]
		if h := d.pages[w.Named[0]]; h != nil && w.page.pairWith(h) != nil {
			w.book(h)
			return
		}
	}
	d.enterState(w, plain, d.now+d.limits.LeaseMax)
}

// iceFailed: p could not connect. It speaks for itself only, and only when it is
// not the other's silence: a page that never answers must not make others look
// as if they could not. Who has a connection that works is not failing.
func (d *Director) iceFailed(p *page, x *pair) {
	d.counts.ICEFailures++
	other := x.other(p)
	p.shun(other.ID, d.now, d.now+d.limits.Penalty)
	if !x.Answered && (x.b == p) == !x.Offered {
		return
	}
	v := p.viewer
	v.ICE = slices.DeleteFunc(v.ICE, func(r report) bool {
		return r.Viewer == other.viewer.Key || d.now-r.At >= d.limits.Penalty
	})
	if other.viewer == v || other.viewer.punished(d.now) && other.viewer.Why == "failing" {
		return
	}
	if len(v.ICE) < maxICE {
		v.ICE = append(v.ICE, report{Viewer: other.viewer.Key, At: d.now})
	}
	works := slices.ContainsFunc(p.pairs, func(x *pair) bool { return x.Worked })
	if len(v.ICE) >= maxICE && !works {
		d.punish(v, "failing")
	}
}

// punish makes a viewer HTTP-only for a while; it is not named as a holder either.
func (d *Director) punish(v *viewer, why string) {
	already := v.punished(d.now)
	v.Until, v.Why = d.now+d.limits.Penalty, why
	if already {
		return
	}
	d.counts.Penalties++
	for _, p := range v.pages {
		d.endPairs(p)
		d.reconfigure(p)
		if d.apart(p); p.group != nil {
			d.switchGroup(p.group)
		}
	}
}

// pardon ends a penalty.
func (d *Director) pardon(v *viewer) {
	v.Until, v.Why = 0, ""
	v.Expired, v.Reports, v.ICE, v.GivenUp = nil, nil, nil, 0
	for _, p := range v.pages {
		if p.group != nil {
			d.reconfigure(p)
			d.switchGroup(p.group)
			d.befriend(p)
		}
	}
}
