package swarm

import "time"

// Longest description and candidate that browsers make are about 1 KB and 200
// bytes for a connection with one data channel.
const (
	maxSDP       = 8 << 10
	maxCandidate = 1 << 10
)

// Signal passes an offer, an answer or a candidate on: only between two pages
// that are introduced, with the session of that introduction. What belongs to an
// introduction that has ended is dropped: it was on its way.
func (d *Director) Signal(now time.Duration, id PeerID, kind string, m Signal) ([]Send, error) {
	return d.do(now, Input{Peer: id, Do: kind, Signal: &m})
}

func (d *Director) signal(p *page, kind string, m *Signal) error {
	switch {
	case len(m.SDP) > maxSDP:
		return violation(kind, "description too long")
	case m.Candidate != nil && len(*m.Candidate) > maxCandidate, len(m.Mid) > 64:
		return violation(kind, "candidate too long")
	}
	other := d.pages[m.To]
	if other == nil {
		d.counts.Dropped++
		return nil
	}
	x := p.pairWith(other)
	if x == nil || x.Session != m.Session {
		d.counts.Dropped++
		return nil
	}
	switch kind {
	case "offer":
		if x.a != p {
			return violation(kind, "offer from the page that is called")
		}
		x.Offered = true
	case "answer":
		if x.b != p {
			return violation(kind, "answer from the page that calls")
		}
		if !x.Offered {
			return violation(kind, "answer without an offer")
		}
		if !x.Answered {
			x.Answered, x.Open = true, d.now
		}
	}
	out := *m
	out.To, out.From = "", p.ID
	d.relays = append(d.relays, Send{To: other.ID, Message: Relay{Kind: kind, Signal: out}})
	return nil
}
