package mdns

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// header is a packet's beginning with numbers of questions, answers, authorities and others.
func header(flags uint16, counts ...uint16) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0, 0}, flags)
	for _, n := range counts {
		b = binary.BigEndian.AppendUint16(b, n)
	}
	return b
}

// longQuestion asks for a name of n bytes, in labels of 62.
func longQuestion(bytes int) []byte {
	b := header(0, 1, 0, 0, 0)
	for left := bytes - 1; left > 0; {
		label := min(left-1, 62)
		b = append(b, byte(label))
		b = append(b, strings.Repeat("a", label)...)
		left -= label + 1
	}
	return append(b, 0, 0, 1, 0, 1)
}

func hostile() map[string][]byte {
	loop := append(header(0, 1, 0, 0, 0), 0xc0, 12, 0, 1, 0, 1)
	pair := append(header(0, 2, 0, 0, 0), 1, 'a', 0xc0, 18, 0, 1, 0xc0, 12, 0, 1, 0, 1)
	return map[string][]byte{
		"nothing":                         nil,
		"half a header":                   header(0, 1, 0),
		"a header that promises":          header(0, 1, 0, 0, 0),
		"records without end":             header(0x8400, 0, 65535, 65535, 65535),
		"257 questions":                   header(0, 257, 0, 0, 0),
		"too many bytes":                  append(header(0, 1, 0, 0, 0), make([]byte, maxPacket)...),
		"a pointer to itself":             loop,
		"pointers to each other":          pair,
		"a pointer behind the end":        append(header(0, 1, 0, 0, 0), 0xff, 0xff, 0, 1, 0, 1),
		"a name of 256 bytes":             longQuestion(256),
		"a label of a kind there is none": append(header(0, 1, 0, 0, 0), 0x80, 'a', 0, 0, 1, 0, 1),
		"data shorter than said":          append(header(0x8400, 0, 1, 0, 0), 0, 0, 1, 0, 1, 0, 0, 0, 120, 0, 200, 1, 2, 3, 4),
		"an address of three bytes":       append(header(0x8400, 0, 1, 0, 0), 0, 0, 1, 0, 1, 0, 0, 0, 120, 0, 3, 1, 2, 3),
		"another opcode":                  append(header(0x2800, 1, 0, 0, 0), 1, 'a', 0, 0, 1, 0, 1),
		"a code of failure":               append(header(0x8403, 1, 0, 0, 0), 1, 'a', 0, 0, 1, 0, 1),
	}
}

func TestHostilePacketsAreNotRead(t *testing.T) {
	for sentence, b := range hostile() {
		if msg, err := parse(b); err == nil {
			t.Errorf("%s: %v", sentence, msg)
		}
	}
	if _, err := parse(hostile()["257 questions"]); !errors.Is(err, errNotForUs) {
		t.Errorf("the body of a packet with too much in it was read: %v", err)
	}
	if msg, err := parse(longQuestion(255)); err != nil || len(msg.Question) != 1 {
		t.Errorf("a name of 255 bytes, the longest there is: %v, %v", msg, err)
	}
}

// Whatever comes in: nothing panics, what goes out is small, can be written and
// read, and goes to the group or to neighbours.
func FuzzReceive(f *testing.F) {
	for _, b := range hostile() {
		f.Add(b, uint16(mdnsPort))
	}
	for _, msg := range []*dns.Msg{
		asks(dns.TypeANY, dns.ClassINET|topBit, "streambox.local.", "x.local."),
		withKnown(asks(dns.TypeA, dns.ClassINET, "streambox.local."), 120, "192.168.0.1", "10.0.0.1"),
	} {
		for _, response := range []bool{false, true} {
			msg.Response, msg.Ns = response, msg.Answer
			b, err := msg.Pack()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b, uint16(mdnsPort))
			f.Add(b, uint16(40000))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, port uint16) {
		m := newMachine("streambox", 1, func(d time.Duration) time.Duration { return d / 2 })
		now := midnight
		m.setLinks(now, linksOf([]iface{ifaceWith(1, "192.168.0.1/24", "fd00::1/64")}, func(netip.Addr) bool { return true }))
		for range 40 { // the packet meets every stage
			msg, err := parse(b)
			if err != nil {
				return
			}
			m.receive(now, packet{link: 1, family: v4, from: netip.AddrPortFrom(netip.MustParseAddr("192.168.0.99"), port), msg: msg})
			m.tick(now)
			out := m.take()
			if len(out) > 8 {
				t.Fatalf("%d packets for one", len(out))
			}
			for _, o := range out {
				packed, err := o.msg.Pack()
				if err != nil || len(packed) > 1400 {
					t.Fatalf("%d bytes, %v", len(packed), err)
				}
				if _, err := parse(packed); err != nil {
					t.Fatal(err)
				}
			}
			now = now.Add(130 * time.Millisecond)
		}
		if n := len(m.links[0].waiting) + len(m.conflicts) + len(m.former); n > 100 {
			t.Fatalf("%d things are kept", n)
		}
	})
}
