package mdns

import (
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"
)

// receive takes a packet that came by multicast.
func (m *machine) receive(now time.Time, p packet) {
	s := m.link(p.link)
	switch {
	case s == nil: // not a link of ours, or not one yet
	case !p.msg.Response:
		m.asked(now, s, p)
	case p.from.Port() == mdnsPort: // answers come from there and from nowhere else (6)
		m.heard(now, s, p.msg)
	}
}

// heard reads what others say of our name.
func (m *machine) heard(now time.Time, s *linkState, msg *dns.Msg) {
	name := fullName(m.name())
	for _, rr := range slices.Concat(msg.Answer, msg.Extra) {
		a := addressOf(rr)
		if !a.IsValid() || !about(rr.Header().Name, name) {
			continue
		}
		if !m.isOurs(now, a) {
			if rr.Header().Ttl > 0 { // one who leaves is no rival
				m.conflict(now, s)
				return
			}
			continue
		}
		// Another program of this machine takes back, or lets run out, what is
		// still true (6.6).
		if rr.Header().Ttl < addressTTL/2 && s.stage == ours && slices.Contains(s.told, a) && s.at.IsZero() {
			s.at, s.step = now.Add(m.random(probeEvery)), announcements-1
		}
	}
}

// isOurs: an address of this machine on any link is no rival's, since links
// may be joined outside (cable and Wi-Fi of one router); nor is one we had a
// moment ago.
func (m *machine) isOurs(now time.Time, a netip.Addr) bool {
	if until, ok := m.former[a]; ok && now.Before(until) {
		return true
	}
	return slices.ContainsFunc(m.links, func(s *linkState) bool { return slices.Contains(s.own, a) })
}

// allOurs: the records of a probe are this machine's own.
func (m *machine) allOurs(now time.Time, records []dns.RR) bool {
	return !slices.ContainsFunc(records, func(rr dns.RR) bool {
		a := addressOf(rr)
		return !a.IsValid() || !m.isOurs(now, a)
	})
}

// conflict: somebody has the name with other data. While we ask for it, it is
// theirs; when it is ours we ask again, and see (9).
func (m *machine) conflict(now time.Time, s *linkState) {
	m.conflicts = slices.DeleteFunc(m.conflicts, func(t time.Time) bool { return now.Sub(t) > conflictsIn })
	if m.conflicts = append(m.conflicts, now); len(m.conflicts) >= conflictsMost {
		m.slow, m.conflicts = true, nil
	}
	var wait time.Duration
	if m.slow {
		wait = conflictWait
	}
	if s.stage == ours {
		s.ask(now.Add(wait + m.random(probeEvery)))
		return
	}
	for _, l := range m.links {
		if l.stage == ours {
			m.goodbye(l, l.told)
		}
		l.ask(now.Add(wait + m.random(probeEvery)))
	}
	m.number++
}

// ask begins with the first probe at a time.
func (s *linkState) ask(at time.Time) {
	s.stage, s.step, s.at, s.waiting = probing, 0, at, nil
	clear(s.said)
}

// meets decides between our probe and another's that came while we ask.
func (m *machine) meets(now time.Time, s *linkState, theirs []dns.RR) {
	if s.step == 0 || m.allOurs(now, theirs) {
		return // not asked yet; or our own, back from another link
	}
	if compareClaims(m.claim(s), theirs) < 0 {
		s.ask(now.Add(lostWait))
	}
}
