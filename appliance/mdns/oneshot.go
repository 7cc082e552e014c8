package mdns

import (
	"strings"
	"time"

	"github.com/miekg/dns"
)

// answerServices answers who looks for services and knows nothing of multicast
// DNS: it asks from any port, and hears what is sent to that alone (6.7).
func (m *machine) answerServices(now time.Time, s *linkState, p packet) {
	if s.stage != ours || !s.neighbour(p.from.Addr()) {
		return
	}
	for _, one := range p.msg.Question[:min(len(p.msg.Question), mostAsked)] {
		found := m.service.records(one, toLegacy)
		if len(found) == 0 {
			continue
		}
		one.Qclass &^= topBit
		msg := newResponse()
		msg.Id, msg.Question, msg.Answer = p.msg.Id, []dns.Question{one}, found
		msg.Extra = m.service.behind(found, toLegacy)
		if !strings.EqualFold(one.Name, typesName) {
			msg.Extra = append(msg.Extra, addressRecords(fullName(m.name()), s.told, dns.TypeANY, legacyTTL, 0)...)
		}
		m.reply(now, s, question{from: p.from, family: p.family}, msg)
		return
	}
}
