package names

import (
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

const (
	ttlSeconds  = 10
	maxUDPBytes = 1232 // of an answer; no answer of ours is near it
)

// Zone is what is known.
type Zone struct {
	Address netip.Addr // of the box, IPv4
	Own     []string   // names of the box, without a dot at the end
	Probes  []string   // names that lead to the box as long as somebody is on its access point
	Fixed   Fixed      // names with another address
}

// Fixed is name → address.
type Fixed map[string]netip.Addr

// Reply answers a question; nil for what deserves no answer (an answer, for instance).
func Reply(z Zone, q *dns.Msg) *dns.Msg {
	if q.Response {
		return nil
	}
	r := new(dns.Msg)
	r.SetReply(q) // opcode and question of the other side
	r.Compress = true
	if q.Opcode != dns.OpcodeQuery {
		r.Rcode = dns.RcodeNotImplemented
		return r
	}
	if len(q.Question) != 1 {
		r.Rcode = dns.RcodeFormatError
		return r
	}
	one := q.Question[0]
	r.Authoritative = true
	if one.Qclass != dns.ClassINET && one.Qclass != dns.ClassANY {
		r.Rcode = dns.RcodeRefused
		return r
	}
	address, known := z.find(one.Name)
	switch {
	case !known:
		r.Rcode = dns.RcodeNameError
	case one.Qtype == dns.TypeA || one.Qtype == dns.TypeANY:
		head := dns.RR_Header{Name: one.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: ttlSeconds}
		r.Answer = []dns.RR{&dns.A{Hdr: head, A: address.AsSlice()}}
	} // else: there is the name, and nothing of that kind (AAAA, HTTPS)
	if opt := q.IsEdns0(); opt != nil {
		r.SetEdns0(maxUDPBytes, false)
		if opt.Version() != 0 {
			r.Rcode, r.Answer = dns.RcodeBadVers, nil
		}
	}
	return r
}

func (z Zone) find(name string) (netip.Addr, bool) {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	for _, list := range [][]string{z.Own, z.Probes} {
		for _, one := range list {
			if strings.EqualFold(one, name) {
				return z.Address, true
			}
		}
	}
	a, known := z.Fixed[name]
	return a, known
}
