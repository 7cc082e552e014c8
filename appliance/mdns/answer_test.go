package mdns

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// The machine alone, at times of the test's choosing.

const (
	phone    = "192.168.0.99:5353"
	oneShot  = "192.168.0.99:40000"
	stranger = "203.0.113.5:40000" // not on the link
)

var midnight = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// owner is a machine that has the name since a while: nothing is fresh.
func owner(t *testing.T, addresses ...string) (m *machine, now time.Time) {
	t.Helper()
	m = newMachine("streambox", 1, func(time.Duration) time.Duration { return 0 })
	m.setLinks(midnight, linksOf([]iface{ifaceWith(1, addresses...)}, func(netip.Addr) bool { return true }))
	now = midnight
	for range 20 {
		m.tick(now)
		now = now.Add(250 * time.Millisecond)
	}
	if m.owned() != "streambox" {
		t.Fatal("the name is not ours")
	}
	m.take()
	return m, now.Add(10 * time.Minute)
}

// from is a packet from somebody.
func from(who string, msg *dns.Msg) packet {
	return packet{link: 1, family: v4, from: netip.MustParseAddrPort(who), msg: msg}
}

func asks(kind, class uint16, names ...string) *dns.Msg {
	m := new(dns.Msg)
	for _, name := range names {
		m.Question = append(m.Question, dns.Question{Name: name, Qtype: kind, Qclass: class})
	}
	return m
}

func withKnown(m *dns.Msg, ttl uint32, addresses ...string) *dns.Msg {
	for _, a := range addresses {
		m.Answer = append(m.Answer, addressRecords("streambox.local.", []netip.Addr{netip.MustParseAddr(a)}, dns.TypeANY, ttl, 0)...)
	}
	return m
}

// shown is what is sent in a few words: "group: A 192.168.0.1 + NSEC".
func shown(out []outgoing) (list []string) {
	for _, o := range out {
		text := "group:"
		if o.to.IsValid() {
			text = "one:"
		}
		for _, rr := range o.msg.Answer {
			text += " " + dns.TypeToString[rr.Header().Rrtype]
			if a := addressOf(rr); a.IsValid() {
				text += " " + a.String()
			}
		}
		text += " +"
		for _, rr := range o.msg.Extra {
			text += " " + dns.TypeToString[rr.Header().Rrtype]
		}
		list = append(list, text)
	}
	return list
}

func TestAnswers(t *testing.T) {
	const name, unicast = "streambox.local.", dns.ClassINET | topBit
	probe := asks(dns.TypeANY, dns.ClassINET, name)
	probe.Ns = addressRecords(name, []netip.Addr{netip.MustParseAddr("192.168.0.50")}, dns.TypeA, addressTTL, 0)
	own := asks(dns.TypeANY, dns.ClassINET, name)
	own.Ns = addressRecords(name, []netip.Addr{netip.MustParseAddr("192.168.0.1")}, dns.TypeA, addressTTL, 0)
	knowing := withKnown(asks(dns.TypeANY, dns.ClassINET, name), 120, "192.168.0.1")
	knowing.Ns = probe.Ns
	truncated := asks(dns.TypeA, dns.ClassINET, name)
	truncated.Truncated = true
	for _, tt := range []struct {
		sentence string
		has      []string
		packet   packet
		want     []string
	}{
		{"an address", []string{"192.168.0.1/24"}, from(phone, asks(dns.TypeA, dns.ClassINET, name)), []string{"group: A 192.168.0.1 + NSEC"}},
		{"in capitals", []string{"192.168.0.1/24"}, from(phone, asks(dns.TypeA, dns.ClassINET, "STREAMBOX.Local.")), []string{"group: A 192.168.0.1 + NSEC"}},
		{"an address that there is none of", []string{"192.168.0.1/24"}, from(phone, asks(dns.TypeAAAA, dns.ClassINET, name)), []string{"group: NSEC + A"}},
		{"one of two kinds", []string{"192.168.0.1/24", "fd00::1/64"}, from(phone, asks(dns.TypeA, dns.ClassINET, name)), []string{"group: A 192.168.0.1 + AAAA NSEC"}},
		{"everything", []string{"192.168.0.1/24", "fd00::1/64"}, from(phone, asks(dns.TypeANY, dns.ClassINET, name)), []string{"group: A 192.168.0.1 AAAA fd00::1 + NSEC"}},
		{"any class", []string{"192.168.0.1/24"}, from(phone, asks(dns.TypeA, dns.ClassANY, name)), []string{"group: A 192.168.0.1 + NSEC"}},
		{"another class", []string{"192.168.0.1/24"}, from(phone, asks(dns.TypeA, dns.ClassCHAOS, name)), nil},
		{"another name", []string{"192.168.0.1/24"}, from(phone, asks(dns.TypeA, dns.ClassINET, "streambox-2.local.")), nil},
		{"a name below ours", []string{"192.168.0.1/24"}, from(phone, asks(dns.TypeA, dns.ClassINET, "x.streambox.local.")), nil},
		{"our name in another domain", []string{"192.168.0.1/24"}, from(phone, asks(dns.TypeA, dns.ClassINET, "streambox.")), nil},
		{"the same twice", []string{"192.168.0.1/24"}, from(phone, asks(dns.TypeA, dns.ClassINET, name, name)), []string{"group: A 192.168.0.1 + NSEC"}},
		{"what the asker knows", []string{"192.168.0.1/24"}, from(phone, withKnown(asks(dns.TypeA, dns.ClassINET, name), 60, "192.168.0.1")), nil},
		{"what the asker will soon have forgotten", []string{"192.168.0.1/24"}, from(phone, withKnown(asks(dns.TypeA, dns.ClassINET, name), 59, "192.168.0.1")), []string{"group: A 192.168.0.1 + NSEC"}},
		{"half of what there is", []string{"192.168.0.1/24", "192.168.1.1/24"}, from(phone, withKnown(asks(dns.TypeA, dns.ClassINET, name), 120, "192.168.0.1")), []string{"group: A 192.168.1.1 + NSEC"}},
		{"unicast, but all should hear it again", []string{"192.168.0.1/24"}, from(phone, asks(dns.TypeA, unicast, name)), []string{"group: A 192.168.0.1 + NSEC"}},
		{"a resolver that knows no multicast DNS", []string{"192.168.0.1/24"}, from(oneShot, asks(dns.TypeA, dns.ClassINET, name)), []string{"one: A 192.168.0.1 + NSEC"}},
		{"one beyond the router", []string{"192.168.0.1/24"}, from(stranger, asks(dns.TypeA, dns.ClassINET, name)), nil},
		{"somebody asks for our name", []string{"192.168.0.1/24"}, from(phone, probe), []string{"group: A 192.168.0.1 + NSEC"}},
		{"somebody asks for our name and says what we would", []string{"192.168.0.1/24"}, from(phone, knowing), []string{"group: A 192.168.0.1 + NSEC"}},
		{"we ourselves ask for it, on another link", []string{"192.168.0.1/24"}, from(phone, own), nil},
		{"more of what the asker knows will follow", []string{"192.168.0.1/24"}, from(phone, truncated), nil},
		{"another link", []string{"192.168.0.1/24"}, packet{link: 7, family: v4, from: netip.MustParseAddrPort(phone), msg: asks(dns.TypeA, dns.ClassINET, name)}, nil},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			m, now := owner(t, tt.has...)
			m.receive(now, tt.packet)
			if got := shown(m.take()); !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestAnAskerForItsOwnNameIsNotAnswered(t *testing.T) {
	m := newMachine("streambox", 1, func(time.Duration) time.Duration { return 0 })
	m.setLinks(midnight, linksOf([]iface{ifaceWith(1, "192.168.0.1/24")}, func(netip.Addr) bool { return true }))
	m.tick(midnight)
	m.take()
	m.receive(midnight, from(phone, asks(dns.TypeA, dns.ClassINET, "streambox.local.")))
	if out := m.take(); len(out) != 0 {
		t.Errorf("the name is not ours yet: %q", shown(out))
	}
}
