package swarm

import (
	"slices"
	"time"
)

// Have is a change of a page's inventory and how it fares.
func (d *Director) Have(now time.Duration, id PeerID, m Have) ([]Send, error) {
	return d.do(now, Input{Peer: id, Do: "have", Have: &m})
}

func (d *Director) have(p *page, m *Have) error {
	if m.Segments < 0 || m.Segments > d.limits.Segments {
		return violation("have", "number of segments out of range")
	}
	if p.group == nil {
		return nil
	}
	if m.Segments > p.Segments && p.Segments > 0 {
		p.Segments = m.Segments
	}
	if err := checkSpans("have", m.Add, d.bound(p)); err != nil {
		return err
	}
	if err := checkSpans("have", m.Drop, d.bound(p)); err != nil {
		return err
	}
	if m.Uploads < 0 || m.P2PBytes < 0 || m.Rejected < 0 || m.Stalls < 0 {
		return violation("have", "negative count")
	}
	p.tell(seconds(m.At, 0, longest), d.now)
	p.Uploads = m.Uploads
	byPeers := m.P2PBytes > p.P2PBytes
	if byPeers {
		d.counts.P2PBytes += uint64(m.P2PBytes - p.P2PBytes) //nolint:gosec // just compared
	}
	p.P2PBytes = max(p.P2PBytes, m.P2PBytes)
	d.counts.Rejected += max(0, m.Rejected-p.Rejected)
	p.Rejected = max(p.Rejected, m.Rejected)
	d.counts.Stalls += max(0, m.Stalls-p.Stalls)
	p.Stalls = max(p.Stalls, m.Stalls)
	for _, s := range m.Drop {
		for n := s[0]; n <= s[1]; n++ {
			if p.Have.clear(n) {
				p.Seen.clear(n)
				p.Touched.set(n)
				p.group.Changed = true
			}
		}
	}
	before := slices.Clone(p.Have)
	for _, s := range m.Add {
		for n := s[0]; n <= s[1]; n++ {
			if p.Have.set(n) {
				p.believe(n, d.now)
				p.Touched.set(n)
				p.group.Changed = true
			}
		}
	}
	for _, w := range slices.Clone(p.Wants) {
		if w.State != ended && p.Have.has(w.N) {
			d.fulfilled(w, byPeers)
		}
	}
	d.holdsNow(p, before)
	return nil
}

// holdsNow serves whoever waited for what p has now and had not before.
func (d *Director) holdsNow(p *page, before inventory) {
	if p.group == nil || len(p.group.waiting) == 0 {
		return
	}
	for _, s := range p.Have.without(before).spans() {
		for n := s[0]; n <= s[1]; n++ {
			d.serveHolder(p, n)
		}
	}
}

// Gone says that a connection or a delivery failed, or that a page no longer fetches a segment.
func (d *Director) Gone(now time.Duration, id PeerID, m Gone) ([]Send, error) {
	return d.do(now, Input{Peer: id, Do: "gone", Gone: &m})
}

func (d *Director) gone(p *page, m *Gone) error {
	if m.N < 0 || m.N >= d.limits.Segments {
		return violation("gone", "segment out of range")
	}
	if p.group == nil {
		return nil
	}
	if m.Peer == "" {
		if w := p.wantOf(m.N); w != nil {
			if w.State == leased {
				d.gaveUp(w)
			}
			d.endWant(w)
		}
		return nil
	}
	switch m.Why {
	case "ice", "closed", "idle":
		other := d.pages[m.Peer]
		if other == nil {
			return nil
		}
		x := p.pairWith(other)
		if x == nil || m.Session != x.Session {
			return nil // of an introduction that has ended
		}
		d.endPair(x)
		if m.Why == "ice" {
			d.iceFailed(p, x)
		}
	case "timeout", "refused", "bad", "busy":
		d.undelivered(p, m)
	default:
		return violation("gone", "unknown reason")
	}
	return nil
}
