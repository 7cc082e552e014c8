package mdns

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/miekg/dns"
)

func TestAFreshRecordIsSentByUnicastToWhoAsksSo(t *testing.T) {
	m, now := owner(t, "192.168.0.1/24")
	m.receive(now, from(phone, asks(dns.TypeA, dns.ClassINET, "streambox.local.")))
	m.take()
	again := from(phone, asks(dns.TypeA, dns.ClassINET|topBit, "streambox.local."))
	m.receive(now.Add(time.Second), again)
	if got := shown(m.take()); !slices.Equal(got, []string{"one: A 192.168.0.1 + NSEC"}) {
		t.Errorf("%q", got)
	}
	m.receive(now.Add(time.Second), packet{link: 1, family: v4, from: netip.MustParseAddrPort("203.0.113.5:5353"), msg: again.msg})
	if got := shown(m.take()); !slices.Equal(got, []string{"group: A 192.168.0.1 + NSEC"}) {
		t.Errorf("nobody beyond the router gets unicast: %q", got)
	}
}

func TestARecordIsMulticastOnceASecondAndFourTimesInDefence(t *testing.T) {
	m, now := owner(t, "192.168.0.1/24")
	probe := asks(dns.TypeANY, dns.ClassINET, "streambox.local.")
	probe.Ns = addressRecords("streambox.local.", []netip.Addr{netip.MustParseAddr("192.168.0.50")}, dns.TypeA, addressTTL, 0)
	for _, tt := range []struct {
		sentence string
		msg      *dns.Msg
		most     int
	}{
		{"queries", asks(dns.TypeA, dns.ClassINET, "streambox.local."), 10},
		{"probes", probe, 40},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			now = now.Add(time.Minute)
			sent := 0
			for i := range 10_000 {
				m.receive(now.Add(time.Duration(i)*time.Millisecond), from(phone, tt.msg))
				sent += len(m.take())
			}
			if sent != tt.most {
				t.Errorf("%d answers in ten seconds, want %d", sent, tt.most)
			}
		})
	}
}

func TestUnicastAnswersAreRationed(t *testing.T) {
	m, now := owner(t, "192.168.0.1/24")
	sent := 0
	for i := range 10_000 {
		m.receive(now.Add(time.Duration(i)*time.Millisecond), from(oneShot, asks(dns.TypeA, dns.ClassINET, "streambox.local.")))
		sent += len(m.take())
	}
	if sent < 10*unicastRate || sent > 11*unicastRate {
		t.Errorf("%d answers in ten seconds", sent)
	}
}

func TestALegacyAnswerIsLikeThatOfANameServer(t *testing.T) {
	m, now := owner(t, "192.168.0.1/24")
	q := asks(dns.TypeA, dns.ClassINET|topBit, "StreamBox.local.")
	q.Id = 4711
	m.receive(now, from(oneShot, q))
	out := m.take()
	if len(out) != 1 || out[0].to.String() != oneShot {
		t.Fatalf("%v", out)
	}
	msg := out[0].msg
	if msg.Id != 4711 || len(msg.Question) != 1 || msg.Question[0].Name != "StreamBox.local." || msg.Question[0].Qclass != dns.ClassINET {
		t.Errorf("%v", msg)
	}
	for _, rr := range slices.Concat(msg.Answer, msg.Extra) {
		if rr.Header().Ttl > 10 || rr.Header().Class != dns.ClassINET {
			t.Errorf("%v", rr)
		}
	}
}

func TestATruncatedQueryIsAnsweredWhenAllIsKnown(t *testing.T) {
	m, now := owner(t, "192.168.0.1/24", "192.168.1.1/24")
	first := withKnown(asks(dns.TypeA, dns.ClassINET, "streambox.local."), 120, "192.168.0.1")
	first.Truncated = true
	rest := withKnown(new(dns.Msg), 120, "192.168.1.1")
	at := func(d time.Duration) []string {
		m.tick(now.Add(d))
		return shown(m.take())
	}
	m.receive(now, from(phone, first))
	m.receive(now, from("192.168.0.98:5353", first))
	m.receive(now.Add(50*time.Millisecond), from(phone, rest))
	if got := at(399 * time.Millisecond); got != nil {
		t.Errorf("too early: %q", got)
	}
	if due, ok := m.next(); !ok || due != now.Add(400*time.Millisecond) {
		t.Errorf("wakes at %v, %v", due, ok)
	}
	if got := at(400 * time.Millisecond); !slices.Equal(got, []string{"group: A 192.168.1.1 + NSEC"}) {
		t.Errorf("only the second phone is to be told: %q", got)
	}
	if got := at(time.Second); got != nil {
		t.Errorf("again: %q", got)
	}
	for i := range 1000 { // a flood of such queries waits nowhere without bound
		m.receive(now.Add(time.Minute), from(netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 168, 0, byte(i)}), mdnsPort).String(), first))
	}
	if n := len(m.links[0].waiting); n > maxWaiting {
		t.Errorf("%d wait", n)
	}
}
