package mdns

import (
	"net/netip"
	"testing"
	"time"

	"github.com/miekg/dns"
)

func records(t *testing.T, lines ...string) (out []dns.RR) {
	t.Helper()
	for _, line := range lines {
		rr, err := dns.NewRR(line)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, rr)
	}
	return out
}

// The examples of RFC 6762, 8.2 and 8.2.1, and their neighbours.
func TestTheTieBreak(t *testing.T) {
	for _, tt := range []struct {
		sentence     string
		ours, theirs []string
		want         int
	}{
		{"the later address wins", []string{"s.local. A 169.254.99.200"}, []string{"s.local. A 169.254.200.50"}, -1},
		{"bytes are numbers without a sign", []string{"s.local. A 169.254.200.50"}, []string{"s.local. A 169.254.99.200"}, 1},
		{"the same is no conflict", []string{"s.local. A 10.0.0.1"}, []string{"s.local. A 10.0.0.1"}, 0},
		{"more records win", []string{"s.local. A 10.0.0.1"}, []string{"s.local. A 10.0.0.1", "s.local. A 10.0.0.2"}, -1},
		{"the order in the packet does not count", []string{"s.local. A 10.0.0.2", "s.local. A 10.0.0.1"}, []string{"s.local. A 10.0.0.1", "s.local. A 10.0.0.2"}, 0},
		{"the type comes before the data", []string{"s.local. AAAA fd00::1"}, []string{"s.local. A 250.0.0.1"}, 1},
		{"a name in the data counts uncompressed", []string{"s.local. A 10.0.0.1"}, []string{"s.local. PTR aaa.local."}, -1},
		{"the time to live does not count", []string{"s.local. 10 A 10.0.0.1"}, []string{"s.local. 120 A 10.0.0.1"}, 0},
		{"nothing loses", nil, []string{"s.local. A 10.0.0.1"}, -1},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			if got := compareClaims(records(t, tt.ours...), records(t, tt.theirs...)); got != tt.want {
				t.Errorf("%d, want %d", got, tt.want)
			}
		})
	}
}

func TestWhatIsAConflict(t *testing.T) {
	rival := func(ttl uint32, addr string) *dns.Msg {
		m := newResponse()
		m.Answer = addressRecords("StreamBox.local.", []netip.Addr{netip.MustParseAddr(addr)}, dns.TypeANY, ttl, topBit)
		return m
	}
	beside := newResponse()
	beside.Extra = rival(120, "192.168.0.50").Answer
	text := newResponse()
	text.Answer = records(t, `streambox.local. 120 TXT "x"`, "streambox.local. 120 NSEC streambox.local. A")
	for _, tt := range []struct {
		sentence string
		packet   packet
		conflict bool
		again    bool // we say our addresses again
	}{
		{"another address", from(phone, rival(120, "192.168.0.50")), true, false},
		{"another address beside an answer", from(phone, beside), true, false},
		{"another kind of address", from(phone, rival(120, "fd00::9")), true, false},
		{"a rival who leaves", from(phone, rival(0, "192.168.0.50")), false, false},
		{"our own address", from(phone, rival(120, "192.168.0.1")), false, false},
		{"our own address that is never told", from(phone, rival(120, "fe80::1")), false, false},
		{"a program beside us takes our address back", from(phone, rival(0, "192.168.0.1")), false, true},
		{"a program beside us lets our address run out", from(phone, rival(59, "192.168.0.1")), false, true},
		{"an answer from another port", from("192.168.0.99:1024", rival(120, "192.168.0.50")), false, false},
		{"other data of our name", from(phone, text), false, false},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			m, now := owner(t, "192.168.0.1/24", "fe80::1/64")
			m.receive(now, tt.packet)
			if got := m.owned() == ""; got != tt.conflict {
				t.Errorf("asked again: %v, want %v", got, tt.conflict)
			}
			m.tick(now)
			if got := len(m.take()) > 0 && !tt.conflict; got != tt.again {
				t.Errorf("said again: %v, want %v", got, tt.again)
			}
		})
	}
}

func TestAnAddressThatWasOursAMomentAgoIsNoConflict(t *testing.T) {
	m, now := owner(t, "192.168.0.1/24")
	m.setLinks(now, linksOf([]iface{ifaceWith(1, "10.0.0.1/8")}, func(netip.Addr) bool { return true }))
	old := newResponse()
	old.Answer = addressRecords("streambox.local.", []netip.Addr{netip.MustParseAddr("192.168.0.1")}, dns.TypeA, addressTTL, topBit)
	m.receive(now.Add(time.Minute), from(phone, old)) // a repeater between networks
	if m.owned() == "" {
		t.Error("an echo of ours is a conflict")
	}
	m.receive(now.Add(3*time.Minute), from(phone, old)) // somebody else has it by now
	if m.owned() != "" {
		t.Error("somebody else's address is no conflict")
	}
}
