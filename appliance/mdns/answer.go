package mdns

import (
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"
)

const (
	repeatAfter   = time.Second            // 6: a record is not multicast again sooner …
	defendAfter   = 250 * time.Millisecond // … but in defence
	freshFor      = addressTTL * time.Second / 4
	knownWaitLow  = 400 * time.Millisecond // 7.2: for the rest of what the asker knows
	knownWaitMore = 100 * time.Millisecond
	maxWaiting    = 16 // askers per link whose known answers we wait for
	unicastRate   = 20 // answers a second per link
)

// question is what somebody wants to know of our name.
type question struct {
	kinds   []uint16 // as asked
	known   []netip.Addr
	from    netip.AddrPort
	family  family
	unicast bool // every question asks for it
	defend  bool
	at      time.Time // when it is answered
}

// asked reads a query.
func (m *machine) asked(now time.Time, s *linkState, p packet) {
	name := fullName(m.name())
	q := question{from: p.from, family: p.family, unicast: true, at: now}
	for _, one := range p.msg.Question {
		class := one.Qclass &^ topBit
		if !about(one.Name, name) || class != classOfNames && class != dns.ClassANY {
			continue
		}
		q.kinds = append(q.kinds, one.Qtype)
		q.unicast = q.unicast && one.Qclass&topBit != 0
	}
	for _, rr := range p.msg.Answer {
		if a := addressOf(rr); a.IsValid() && about(rr.Header().Name, name) && rr.Header().Ttl >= addressTTL/2 {
			q.known = append(q.known, a)
		}
	}
	if len(q.kinds) == 0 {
		if p.from.Port() != mdnsPort && m.answerServices(now, s, p) {
			return
		}
		s.learn(q) // more of what an asker knows comes without its question (7.2)
		return
	}
	theirs := claims(p.msg, name)
	if s.stage == probing {
		m.meets(now, s, theirs)
		return
	}
	switch {
	case len(theirs) > 0:
		if m.allOurs(now, theirs) {
			return // we ourselves ask, on another link
		}
		q.defend, q.known = true, nil
	case p.from.Port() != mdnsPort:
		m.answerLegacy(now, s, q, p.msg)
		return
	case p.msg.Truncated && len(s.waiting) < maxWaiting:
		q.at = now.Add(knownWaitLow + m.random(knownWaitMore))
		s.waiting = append(s.waiting, q)
		return
	}
	m.answer(now, s, q)
}

// learn adds known answers to a question that waits for them.
func (s *linkState) learn(more question) {
	for i, q := range s.waiting {
		if q.from == more.from && len(q.known) < maxTold {
			s.waiting[i].known = slices.Concat(q.known, more.known)
		}
	}
}

func (m *machine) answerWaiting(now time.Time, s *linkState) {
	var later []question
	for _, q := range s.waiting {
		if now.Before(q.at) {
			later = append(later, q)
		} else {
			m.answer(now, s, q)
		}
	}
	s.waiting = later
}

// answer says what is asked, but for what the asker knows (7.1) and what all
// have just been told (6).
func (m *machine) answer(now time.Time, s *linkState, q question) {
	answers := m.answers(s, q.kinds, addressTTL, topBit)
	answers = slices.DeleteFunc(answers, func(rr dns.RR) bool { return slices.Contains(q.known, addressOf(rr)) })
	after := repeatAfter
	if q.defend {
		after = defendAfter
	}
	// Who asks for unicast gets it, unless all should hear it again (5.4).
	unicast := q.unicast && !q.defend && s.neighbour(q.from.Addr()) &&
		!slices.ContainsFunc(answers, func(rr dns.RR) bool { return !s.saidWithin(now, freshFor, q.family, rr) })
	if !unicast {
		answers = slices.DeleteFunc(answers, func(rr dns.RR) bool { return s.saidWithin(now, after, q.family, rr) })
	}
	if len(answers) == 0 {
		return
	}
	msg := newResponse()
	msg.Answer, msg.Extra = answers, m.beside(s, answers, addressTTL, topBit)
	if unicast {
		m.reply(now, s, q, msg)
		return
	}
	m.send(s, q.family, msg)
	s.noteSaid(now, q.family, answers)
}
