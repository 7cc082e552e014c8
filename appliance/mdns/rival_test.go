package mdns

import (
	"net/netip"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// Who asks at the same moment: the loser waits a second, the winner goes on.
func TestWhoLosesTheTieBreakWaits(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		asked    bool   // our first probe is out
		theirs   string // the address they ask for the name with
		waits    bool
	}{
		{"their address is later", true, "192.168.0.50", true},
		{"ours is later", true, "192.168.0.1", false},
		{"we have not asked yet", false, "192.168.0.50", false},
		{"our own probe, heard by another link", true, "192.168.0.77", false},
		{"our own probe, heard by the same link", true, "192.168.0.7", false},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			m := newMachine("streambox", 1, func(d time.Duration) time.Duration { return d / 2 })
			all := func(netip.Addr) bool { return true }
			m.setLinks(midnight, linksOf([]iface{ifaceWith(1, "192.168.0.7/24"), ifaceWith(2, "192.168.0.77/24")}, all))
			now := midnight
			if tt.asked {
				now = now.Add(probeEvery / 2)
				m.tick(now)
			}
			probe := asks(dns.TypeANY, dns.ClassINET, "streambox.local.")
			probe.Ns = addressRecords("streambox.local.", []netip.Addr{netip.MustParseAddr(tt.theirs)}, dns.TypeA, addressTTL, 0)
			m.receive(now, from(phone, probe))
			s := m.links[0]
			if waits := s.at.Equal(now.Add(lostWait)) && s.step == 0; waits != tt.waits {
				t.Errorf("the next probe is at %v, %d sent", s.at.Sub(now), s.step)
			}
			if m.number != 1 {
				t.Error("nobody has the name yet, and it was given up")
			}
		})
	}
}
