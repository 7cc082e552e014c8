package mdns

import (
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// The service is told like the name: three times when it is there, then to who
// asks, once a second at most, and it says goodbye. It is not asked for: its own
// name follows from the host's and the port, and so is as unique.

const (
	serviceTTL   = 4500                   // seconds (10)
	sharedWait   = 20 * time.Millisecond  // 6: others may have an answer, too …
	sharedSpread = 100 * time.Millisecond // … so that not all speak at once
	mostAsked    = 16                     // questions of one packet that are looked at
)

// tell changes what is told of the service; port 0: nothing.
func (m *machine) tell(now time.Time, s service) {
	if s = s.named(); s == m.service {
		return
	}
	m.withdraw()
	m.service = s
	for _, l := range m.links {
		l.tellSoon(now, s)
	}
}

func (s *linkState) tellSoon(now time.Time, what service) {
	s.tellStep, s.tellAt = 0, time.Time{}
	if s.stage == ours && what.port != 0 {
		s.tellAt = now
	}
}

// withdraw says goodbye to the service where it was told.
func (m *machine) withdraw() {
	if m.service.port == 0 {
		return
	}
	for _, s := range m.links {
		if s.stage == ours {
			msg := newResponse()
			msg.Answer = m.service.all(farewell)
			m.send(s, both, msg)
		}
		s.tellAt = time.Time{}
	}
	m.service = service{}
}

func (m *machine) announceService(now time.Time, s *linkState) {
	msg := newResponse()
	msg.Answer = m.service.all(toGroup)
	msg.Extra = addressRecords(fullName(m.name()), s.told, dns.TypeANY, addressTTL, topBit)
	m.send(s, both, msg)
	s.noteSaid(now, both, msg.Answer)
	s.tellAt = now.Add(announceAgain << s.tellStep)
	if s.tellStep++; s.tellStep >= announcements {
		s.tellAt = time.Time{}
	}
}

// askedOfService takes what a query asks about the service. It is answered a
// little later where other boxes have an answer, too.
func (m *machine) askedOfService(now time.Time, s *linkState, p packet) {
	if s.stage != ours {
		return
	}
	q := question{from: p.from, family: p.family, unicast: true, at: now}
	shared := false
	for _, one := range p.msg.Question[:min(len(p.msg.Question), mostAsked)] {
		found := m.service.records(one, toGroup)
		if len(found) == 0 {
			continue
		}
		q.service = append(q.service, one)
		q.unicast = q.unicast && one.Qclass&topBit != 0
		shared = shared || found[0].Header().Rrtype == dns.TypePTR
	}
	if len(q.service) == 0 {
		return
	}
	q.knownOf = m.knownOfService(p.msg)
	switch {
	case p.msg.Truncated:
		q.at = now.Add(knownWaitLow + m.random(knownWaitMore))
	case shared:
		q.at = now.Add(sharedWait + m.random(sharedSpread))
	}
	if q.at.After(now) && len(s.waiting) < maxWaiting {
		s.waiting = append(s.waiting, q)
		return
	}
	m.answerOfService(now, s, q)
}

// knownOfService are the records about the service that an asker knows, and may
// keep for more than half of their time (7.1).
func (m *machine) knownOfService(msg *dns.Msg) []dns.RR {
	if m.service.port == 0 || len(msg.Answer) == 0 {
		return nil
	}
	own := m.service.all(toGroup)
	return slices.DeleteFunc(own, func(rr dns.RR) bool {
		return !slices.ContainsFunc(msg.Answer, func(theirs dns.RR) bool { return sameRecord(rr, theirs) && theirs.Header().Ttl >= rr.Header().Ttl/2 })
	})
}

// sameRecord compares names and data, and not how long they may be kept.
func sameRecord(a, b dns.RR) bool {
	if a.Header().Rrtype != b.Header().Rrtype || !strings.EqualFold(a.Header().Name, b.Header().Name) {
		return false
	}
	switch a := a.(type) {
	case *dns.PTR:
		b, ok := b.(*dns.PTR)
		return ok && strings.EqualFold(a.Ptr, b.Ptr)
	case *dns.SRV:
		b, ok := b.(*dns.SRV)
		return ok && a.Port == b.Port && strings.EqualFold(a.Target, b.Target)
	case *dns.TXT:
		b, ok := b.(*dns.TXT)
		return ok && slices.Equal(a.Txt, b.Txt)
	}
	return false
}

// answerOfService says what is asked, but for what the asker knows and what all
// have just been told.
func (m *machine) answerOfService(now time.Time, s *linkState, q question) {
	var answers []dns.RR
	for _, one := range q.service {
		for _, rr := range m.service.records(one, toGroup) {
			if !slices.ContainsFunc(append(answers, q.knownOf...), func(o dns.RR) bool { return sameRecord(rr, o) }) {
				answers = append(answers, rr)
			}
		}
	}
	fresh := func(d time.Duration) func(dns.RR) bool {
		return func(rr dns.RR) bool { return s.saidWithin(now, d, q.family, rr) }
	}
	unicast := q.unicast && s.neighbour(q.from.Addr()) && !slices.ContainsFunc(answers, func(rr dns.RR) bool {
		return !fresh(time.Duration(rr.Header().Ttl) * time.Second / 4)(rr)
	})
	if !unicast {
		answers = slices.DeleteFunc(answers, fresh(repeatAfter))
	}
	if len(answers) == 0 {
		return
	}
	msg := newResponse()
	msg.Answer = answers
	msg.Extra = append(m.service.behind(answers, toGroup), addressRecords(fullName(m.name()), s.told, dns.TypeANY, addressTTL, topBit)...)
	if unicast {
		m.reply(now, s, q, msg)
		return
	}
	m.send(s, q.family, msg)
	s.noteSaid(now, q.family, answers)
}
