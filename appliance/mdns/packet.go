package mdns

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

const (
	mdnsPort     = 5353
	maxPacket    = 9000 // RFC 6762, 17
	maxRecords   = 256  // questions and records; the longest packets seen have about 60
	headerBytes  = 12
	topBit       = uint16(1) << 15 // of a record's class: flush your cache; of a question's: answer by unicast
	addressTTL   = 120             // seconds (10)
	legacyTTL    = 10              // seconds, for those who do not know mDNS (6.7)
	classOfNames = dns.ClassINET
)

var errNotForUs = errors.New("not a packet that multicast DNS reads")

// packet is what came in by multicast.
type packet struct {
	link   int // index of the interface
	family family
	from   netip.AddrPort
	msg    *dns.Msg
}

// outgoing is what is to be sent.
type outgoing struct {
	link   int
	family family
	to     netip.AddrPort // zero: to the group
	msg    *dns.Msg
}

// parse reads a packet. Its header is looked at first, so that the cost of what
// is not for us is that of twelve bytes.
func parse(b []byte) (*dns.Msg, error) {
	if len(b) < headerBytes || len(b) > maxPacket {
		return nil, fmt.Errorf("%w: %d bytes", errNotForUs, len(b))
	}
	opcode, rcode := b[2]>>3&0xf, b[3]&0xf
	if opcode != 0 || rcode != 0 { // 18.3, 18.11: silently ignored
		return nil, fmt.Errorf("%w: opcode %d, code %d", errNotForUs, opcode, rcode)
	}
	records := 0
	for at := 4; at < headerBytes; at += 2 {
		records += int(binary.BigEndian.Uint16(b[at:]))
	}
	if records == 0 || records > maxRecords {
		return nil, fmt.Errorf("%w: %d records", errNotForUs, records)
	}
	msg := new(dns.Msg)
	if err := msg.Unpack(b); err != nil {
		return nil, fmt.Errorf("reading a packet: %w", err)
	}
	if len(msg.Question)+len(msg.Answer)+len(msg.Ns)+len(msg.Extra) == 0 {
		return nil, fmt.Errorf("%w: only a header", errNotForUs) // what it promised did not come
	}
	return msg, nil
}

// newResponse is an empty answer.
func newResponse() *dns.Msg {
	m := new(dns.Msg)
	m.Response, m.Authoritative, m.Compress = true, true, true
	return m
}

// addressRecords tells addresses of one type, or of all with dns.TypeANY.
func addressRecords(name string, addresses []netip.Addr, kind uint16, ttl uint32, top uint16) []dns.RR {
	var out []dns.RR
	for _, a := range addresses {
		header := dns.RR_Header{Name: name, Rrtype: typeOf(a), Class: classOfNames | top, Ttl: ttl}
		if kind != dns.TypeANY && kind != header.Rrtype {
			continue
		}
		if a.Is4() {
			out = append(out, &dns.A{Hdr: header, A: a.AsSlice()})
		} else {
			out = append(out, &dns.AAAA{Hdr: header, AAAA: a.AsSlice()})
		}
	}
	return out
}

// denial says which types the name has, and so that it has no others (6.1).
func denial(name string, addresses []netip.Addr, ttl uint32, top uint16) dns.RR {
	rr := &dns.NSEC{
		Hdr:        dns.RR_Header{Name: name, Rrtype: dns.TypeNSEC, Class: classOfNames | top, Ttl: ttl},
		NextDomain: name,
	}
	for _, kind := range []uint16{dns.TypeA, dns.TypeAAAA} { // in this order, as the format wants it
		if has(addresses, kind) {
			rr.TypeBitMap = append(rr.TypeBitMap, kind)
		}
	}
	return rr
}

func has(addresses []netip.Addr, kind uint16) bool {
	for _, a := range addresses {
		if typeOf(a) == kind {
			return true
		}
	}
	return false
}

func typeOf(a netip.Addr) uint16 {
	if a.Is4() {
		return dns.TypeA
	}
	return dns.TypeAAAA
}

// addressOf is what an address record says; invalid for other records.
func addressOf(rr dns.RR) netip.Addr {
	var a netip.Addr
	switch r := rr.(type) {
	case *dns.A:
		a, _ = netip.AddrFromSlice(r.A)
		a = a.Unmap()
	case *dns.AAAA:
		a, _ = netip.AddrFromSlice(r.AAAA) // one that has an IPv4 address in it is another thing than that
	}
	return a
}

// about tells whether a record or question has our name.
func about(given, name string) bool { return strings.EqualFold(given, name) }
