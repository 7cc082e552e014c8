package swarm

import (
	"slices"
	"time"
)

// decide answers a want, at once or after a wait. The order of the questions is
// the policy: whoever has it and can give it now; else time; else the lease.
func (d *Director) decide(w *want) {
	p := w.page
	g := p.group
	if why := d.plain(p); why != "" {
		d.grantHTTP(w, false, why)
		return
	}
	if w.SHA256 == "" {
		d.grantHTTP(w, false, "noDigest")
		return
	}
	if w.State == leased {
		d.grantHTTP(w, false, "lease") // asked again: it is fetching already, and its lease gets no longer by that
		return
	}
	found := d.holders(w)
	if len(found.now) > 0 {
		d.grantPeers(w, found.now)
		return
	}
	left, patience := w.Deadline-d.now, d.patience(w)
	lease := g.leases[w.N]
	canLease := lease == nil && p.viewer.leases(g) < d.limits.Leases
	switch {
	case left <= d.limits.Due && patience <= d.now:
		why := "due"
		if found.connecting {
			why = "connecting"
		}
		d.grantHTTP(w, canLease && !found.any(), why)
	case found.any():
		// It is in the room: never a second time from the box while there is time.
		why := "busy"
		if !found.busy {
			why = "connecting"
		}
		d.waitOrHTTP(w, patience, why, why)
	case lease != nil && lease != w:
		d.waitForLease(w, lease, patience)
	case p.viewer.leases(g) >= d.limits.Leases:
		d.waitOrHTTP(w, patience, "leases", "due")
	case d.othersTurn(w):
		w.Turned = true
		d.wait(w, d.now+d.limits.Turn, d.now+d.limits.Turn, "turn")
	default:
		d.grantHTTP(w, true, "lease")
	}
}

// waitForLease waits for somebody else's fetch, if there is time for one's own
// after that lease has ended.
func (d *Director) waitForLease(w, lease *want, patience time.Duration) {
	// A moment after the lease's own end, so that this is always seen to first.
	end := max(lease.Until, d.now) + time.Millisecond
	switch {
	case w.Deadline >= lease.Until+d.reserve(w):
		d.wait(w, end, lease.Until, "leased")
	case patience > d.now:
		d.wait(w, min(end, patience), patience, "crowded")
	default:
		d.grantHTTP(w, false, "due")
	}
}

// waitOrHTTP waits as long as the segment can still come from the box after it,
// and longer in a crowd.
func (d *Director) waitOrHTTP(w *want, patience time.Duration, wait, http string) {
	last := w.Deadline - d.reserve(w)
	if last < patience {
		last, wait = patience, "crowded"
	}
	if last <= d.now {
		d.grantHTTP(w, false, http)
		return
	}
	d.wait(w, min(d.now+d.limits.Retry, last), last, wait)
}

// reserve is the time that must be left after a wait: to take the segment from
// the box after all, and to say so.
func (d *Director) reserve(w *want) time.Duration {
	return max(d.limits.Due, min(w.page.Length, d.expected(w.page.group, w.Bytes)))
}

func (d *Director) grantHTTP(w *want, lease bool, why string) {
	length := d.leaseTime(w.page.group)
	switch {
	case lease:
		d.enterState(w, leased, d.now+length)
		d.fetches(w, true)
		d.counts.Leases++
	case w.State == leased:
		length = max(0, w.Until-d.now)
	default:
		d.enterState(w, plain, d.now+length)
		d.fetches(w, true)
	}
	d.counts.HTTPGrants++
	d.grant(w, Grant{How: "http", Milliseconds: ms(length), Why: why})
}

func (d *Director) grantPeers(w *want, peers []*page) {
	expected := 2 * w.page.group.Peer.or(d.limits.Expected)
	d.enterState(w, peered, d.now+min(max(expected, 3*time.Second), d.limits.LeaseMax))
	w.book(peers[0])
	w.Named = make([]PeerID, len(peers))
	for i, p := range peers {
		w.Named[i] = p.ID
		if x := w.page.pairWith(p); x != nil {
			x.Used = d.now
		}
	}
	d.counts.PeerGrants++
	d.grant(w, Grant{How: "peers", Peers: w.Named, Why: "held"})
}

// wait keeps a want until something happens, at the latest until then. The page
// is told how long it has to be patient at most; saying the same twice is saved.
func (d *Director) wait(w *want, until, patience time.Duration, why string) {
	d.enterState(w, waits, until)
	if w.Said >= patience && w.Why == why {
		return
	}
	w.Said = patience
	d.counts.Waits++
	// The director speaks first when the time is over; the page only if that is lost.
	d.grant(w, Grant{How: "wait", Milliseconds: ms(patience-d.now) + 250, Why: why})
}

func (d *Director) grant(w *want, g Grant) {
	w.Why = g.Why
	g.ID, g.N, g.SHA256, g.Bytes = w.ID, w.N, w.SHA256, w.Bytes
	if w.answer == nil {
		d.answers = append(d.answers, w)
	}
	w.answer = &g
}

// settle looks at the grants of this call once more: what happened after one, in
// the same call, may have ended the introduction that it names.
func (d *Director) settle() {
	for i := 0; i < len(d.answers); i++ {
		w := d.answers[i]
		if w.State != peered {
			continue
		}
		known := func(id PeerID) bool { h := d.pages[id]; return h != nil && w.page.pairWith(h) != nil }
		if !slices.ContainsFunc(w.Named, func(id PeerID) bool { return !known(id) }) {
			continue
		}
		d.decide(w)
	}
}

func ms(t time.Duration) int { return int(t / time.Millisecond) }
