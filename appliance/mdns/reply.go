package mdns

import (
	"slices"
	"time"

	"github.com/miekg/dns"
)

// answerLegacy answers a resolver that knows nothing of multicast DNS, as it
// would be answered by a name server (6.7).
func (m *machine) answerLegacy(now time.Time, s *linkState, q question, asked *dns.Msg) {
	if !s.neighbour(q.from.Addr()) {
		return
	}
	msg := newResponse()
	msg.Id = asked.Id
	for _, one := range asked.Question {
		if about(one.Name, fullName(m.name())) {
			one.Qclass &^= topBit
			msg.Question = []dns.Question{one} // such resolvers ask one thing at a time
			break
		}
	}
	msg.Answer = m.answers(s, q.kinds[:1], legacyTTL, 0)
	msg.Extra = m.beside(s, msg.Answer, legacyTTL, 0)
	m.reply(now, s, q, msg)
}

func (m *machine) reply(now time.Time, s *linkState, q question, msg *dns.Msg) {
	if s.unicast.take(now) {
		m.out = append(m.out, outgoing{link: s.index, family: q.family, to: q.from, msg: msg})
	}
}

// answers has a record of each kind that is asked for, once; the denial for
// those that there are none of.
func (m *machine) answers(s *linkState, kinds []uint16, ttl uint32, top uint16) []dns.RR {
	name := fullName(m.name())
	var out []dns.RR
	denied := false
	for i, kind := range kinds {
		if slices.Contains(kinds[:i], kind) || kind != dns.TypeANY && slices.Contains(kinds, dns.TypeANY) {
			continue
		}
		found := addressRecords(name, s.told, kind, ttl, top)
		out = append(out, found...)
		if len(found) == 0 && !denied {
			denied = true
			out = append(out, denial(name, s.told, ttl, top))
		}
	}
	return out
}

// beside is what an asker will want to know next: the other addresses, and what there is not.
func (m *machine) beside(s *linkState, answers []dns.RR, ttl uint32, top uint16) []dns.RR {
	name := fullName(m.name())
	given := func(kind uint16) bool {
		return slices.ContainsFunc(answers, func(rr dns.RR) bool { return rr.Header().Rrtype == kind })
	}
	var out []dns.RR
	for _, kind := range []uint16{dns.TypeA, dns.TypeAAAA} {
		if !given(kind) {
			out = append(out, addressRecords(name, s.told, kind, ttl, top)...)
		}
	}
	if !given(dns.TypeNSEC) {
		out = append(out, denial(name, s.told, ttl, top))
	}
	return out
}

// noteSaid remembers what was multicast.
func (s *linkState) noteSaid(now time.Time, f family, records []dns.RR) {
	for _, one := range []family{v4, v6} {
		if f&one == 0 {
			continue
		}
		for _, rr := range records {
			s.said[tellKey{one, rr.Header().Rrtype}] = now
		}
	}
}

func (s *linkState) saidWithin(now time.Time, d time.Duration, f family, rr dns.RR) bool {
	at, ok := s.said[tellKey{f, rr.Header().Rrtype}]
	return ok && now.Sub(at) < d
}
