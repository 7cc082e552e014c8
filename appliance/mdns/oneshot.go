package mdns

import (
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// typesName lists what kinds of services there are (RFC 6763, 9).
const typesName = "_services._dns-sd._udp.local."

// answerServices answers who looks for services and knows nothing of multicast
// DNS: it asks from any port, and hears what is sent to that alone (6.7).
// zeroconf, which tells everybody else, answers the group only. True: it was for us.
func (m *machine) answerServices(now time.Time, s *linkState, p packet) bool {
	if s.stage != ours || m.service.port == 0 || !s.neighbour(p.from.Addr()) {
		return false
	}
	for _, one := range p.msg.Question {
		if class := one.Qclass &^ topBit; class != classOfNames && class != dns.ClassANY {
			continue
		}
		found := m.service.records(one)
		if len(found) == 0 {
			continue
		}
		one.Qclass &^= topBit
		msg := newResponse()
		msg.Id, msg.Question, msg.Answer = p.msg.Id, []dns.Question{one}, found
		msg.Extra = m.service.behind(found)
		if !strings.EqualFold(one.Name, typesName) {
			msg.Extra = append(msg.Extra, addressRecords(fullName(m.name()), s.told, dns.TypeANY, legacyTTL, 0)...)
		}
		m.reply(now, s, question{from: p.from, family: p.family}, msg)
		return true
	}
	return false
}

// records answer one question about the service, none where it is about something else.
func (s service) records(q dns.Question) []dns.RR {
	wants := func(kind uint16) bool { return q.Qtype == kind || q.Qtype == dns.TypeANY }
	var out []dns.RR
	for _, kind := range serviceTypes() {
		name := s.fullName(kind)
		switch {
		case strings.EqualFold(q.Name, typesName) && wants(dns.TypePTR):
			out = append(out, pointer(typesName, kind+".local."))
		case strings.EqualFold(q.Name, kind+".local.") && wants(dns.TypePTR):
			out = append(out, pointer(q.Name, name))
		case strings.EqualFold(q.Name, name):
			out = append(out, slices.DeleteFunc(s.described(name), func(rr dns.RR) bool { return !wants(rr.Header().Rrtype) })...)
		}
	}
	return out
}

// behind is what is asked next of what pointers lead to.
func (s service) behind(answers []dns.RR) []dns.RR {
	var out []dns.RR
	for _, rr := range answers {
		if p, ok := rr.(*dns.PTR); ok && !strings.EqualFold(p.Hdr.Name, typesName) {
			out = append(out, s.described(p.Ptr)...)
		}
	}
	return out
}

// described says where the service is, and what else is told of it.
func (s service) described(name string) []dns.RR {
	header := func(kind uint16) dns.RR_Header {
		return dns.RR_Header{Name: name, Rrtype: kind, Class: classOfNames, Ttl: legacyTTL}
	}
	return []dns.RR{
		&dns.SRV{Hdr: header(dns.TypeSRV), Port: uint16(s.port), Target: fullName(s.label)}, //nolint:gosec // a port
		&dns.TXT{Hdr: header(dns.TypeTXT), Txt: s.text()},
	}
}

func pointer(from, to string) dns.RR {
	return &dns.PTR{Hdr: dns.RR_Header{Name: from, Rrtype: dns.TypePTR, Class: classOfNames, Ttl: legacyTTL}, Ptr: to}
}

// fullName is the service's name of a kind, as package dns writes it: what is
// special in names of DNS has a backslash.
func (s service) fullName(kind string) string {
	return strings.NewReplacer(" ", `\ `, "(", `\(`, ")", `\)`).Replace(instance(s.label, s.port)) + "." + kind + ".local."
}
