package swarm

import (
	"math"
	"time"
)

// Open says what a page plays; what it wanted and whom it knew before is over.
func (d *Director) Open(now time.Duration, id PeerID, m Open) ([]Send, error) {
	return d.do(now, Input{Peer: id, Do: "open", Open: &m})
}

func (d *Director) open(p *page, m *Open) error {
	if m.Segments < 0 || m.Segments > d.limits.Segments {
		return violation("open", "number of segments out of range")
	}
	bound := m.Segments
	if bound == 0 {
		bound = d.limits.Segments
	}
	if err := checkSpans("open", m.Have, bound); err != nil {
		return err
	}
	group := Group{m.Title, m.Rendition}
	if group.Title == "" {
		group.Rendition = ""
	}
	if group != p.Group {
		d.exit(p)
		p.Stalls, p.Seen = 0, nil
	}
	p.Group, p.Segments = group, m.Segments
	p.Length = seconds(m.Seconds, 100*time.Millisecond, time.Minute)
	if p.Length == 100*time.Millisecond {
		p.Length = 4 * time.Second // not told: the usual length
	}
	p.Budget = max(0, m.Budget)
	p.tell(seconds(m.At, 0, longest), d.now)
	p.Moved = true // it is about to play
	p.anew, p.configure = true, true
	d.changed(p)
	if group.Rendition == "" {
		p.Have, p.Touched = nil, nil
		return nil
	}
	before := p.Have
	p.Have, p.Touched = inventoryOf(m.Have), nil
	p.Seen = p.Seen.and(p.Have)
	if p.group == nil {
		d.enter(p)
		d.befriend(p)
	} else {
		p.Peers = nil // what it heard before its config it did not take for its own
		d.endWants(p)()
		p.group.Changed = true
	}
	p.Fresh = true
	d.holdsNow(p, before)
	return nil
}

// longest is more than any film.
const longest = 1000 * time.Hour

// seconds makes a bounded duration of what a page wrote, whole milliseconds.
func seconds(s float64, least, most time.Duration) time.Duration {
	if !(s > least.Seconds()) { // also NaN
		return least
	}
	return min(most, time.Duration(math.Round(math.Min(s, most.Seconds())*1000))*time.Millisecond)
}
