package mdns

import (
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// service is what other programs find.
type service struct {
	label   string // of the host: streambox
	port    int    // 0: there is nothing to be told of
	version string

	names [2]string // of each kind, once known: a flood of questions compares them all
}

// typesName lists what kinds of services there are (RFC 6763, 9).
const typesName = "_services._dns-sd._udp.local."

// serviceTypes are _http._tcp for lists of web pages, and our own for programs
// that look for a StreamBox.
func serviceTypes() [2]string { return [2]string{"_http._tcp", "_streambox._tcp"} }

// named knows its names.
func (s service) named() service {
	for i, kind := range serviceTypes() {
		s.names[i] = s.fullName(kind)
	}
	return s
}

func (s service) text() []string { return []string{"path=/", "version=" + s.version} }

// fullName is the service's name of a kind, as package dns writes it: what is
// special in names of DNS has a backslash.
func (s service) fullName(kind string) string {
	return strings.NewReplacer(" ", `\ `, "(", `\(`, ")", `\)`).Replace(instance(s.label, s.port)) + "." + kind + ".local."
}

// voice is how records are told: for how many seconds they may be kept, and what
// stands at the top of the class of those that only we have.
type voice struct {
	where uint32 // what names the host
	what  uint32
	top   uint16
}

var (
	toGroup  = voice{addressTTL, serviceTTL, topBit}
	toLegacy = voice{legacyTTL, legacyTTL, 0}
	farewell = voice{0, 0, topBit}
)

// all is everything there is to be told of the service.
func (s service) all(v voice) []dns.RR {
	var out []dns.RR
	for _, kind := range serviceTypes() {
		out = append(out, pointer(kind+".local.", s.fullName(kind), v))
		out = append(out, s.described(s.fullName(kind), v)...)
	}
	if v == farewell { // others of these kinds may be there
		return out
	}
	for _, kind := range serviceTypes() {
		out = append(out, pointer(typesName, kind+".local.", v))
	}
	return out
}

// records answer one question about the service, none where it is about something else.
func (s service) records(q dns.Question, v voice) []dns.RR {
	wants := func(kind uint16) bool { return q.Qtype == kind || q.Qtype == dns.TypeANY }
	if s.port == 0 || len(q.Name) < len("_http._tcp.local.") || q.Qclass&^topBit != classOfNames && q.Qclass&^topBit != dns.ClassANY {
		return nil
	}
	var out []dns.RR
	for i, kind := range serviceTypes() {
		switch name := s.names[i]; {
		case strings.EqualFold(q.Name, typesName) && wants(dns.TypePTR):
			out = append(out, pointer(typesName, kind+".local.", v))
		case strings.EqualFold(q.Name, kind+".local.") && wants(dns.TypePTR):
			out = append(out, pointer(q.Name, name, v))
		case strings.EqualFold(q.Name, name):
			out = append(out, slices.DeleteFunc(s.described(name, v), func(rr dns.RR) bool { return !wants(rr.Header().Rrtype) })...)
		}
	}
	return out
}

// behind is what is asked next of what pointers lead to.
func (s service) behind(answers []dns.RR, v voice) []dns.RR {
	var out []dns.RR
	for _, rr := range answers {
		if p, ok := rr.(*dns.PTR); ok && !strings.EqualFold(p.Hdr.Name, typesName) {
			out = append(out, s.described(p.Ptr, v)...)
		}
	}
	return out
}

// described says where the service is, and what else is told of it.
func (s service) described(name string, v voice) []dns.RR {
	header := func(kind uint16, ttl uint32) dns.RR_Header {
		return dns.RR_Header{Name: name, Rrtype: kind, Class: classOfNames | v.top, Ttl: ttl}
	}
	return []dns.RR{
		&dns.SRV{Hdr: header(dns.TypeSRV, v.where), Port: uint16(s.port), Target: fullName(s.label)}, //nolint:gosec // a port
		&dns.TXT{Hdr: header(dns.TypeTXT, v.what), Txt: s.text()},
	}
}

// pointer is a record that others may have beside us, so nobody is to forget theirs.
func pointer(from, to string, v voice) dns.RR {
	return &dns.PTR{Hdr: dns.RR_Header{Name: from, Rrtype: dns.TypePTR, Class: classOfNames, Ttl: v.what}, Ptr: to}
}
