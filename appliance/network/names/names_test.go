package names

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
)

var zone = Zone{
	Address: netip.MustParseAddr("10.42.0.1"),
	Own:     []string{"streambox.local", "streambox"},
	Probes:  []string{"captive.apple.com", "connectivitycheck.gstatic.com"},
	Fixed:   map[string]netip.Addr{"dns.msftncsi.com": netip.MustParseAddr("131.107.255.255")},
}

func question(name string, kind uint16) *dns.Msg {
	q := new(dns.Msg)
	return q.SetQuestion(name, kind)
}

func TestOnlyWhatIsOursExists(t *testing.T) {
	for _, tt := range []struct {
		name, want string // an address, "nothing" of that kind, or "no such name"
		kind       uint16
	}{
		{"streambox.local.", "10.42.0.1", dns.TypeA},
		{"StreamBox.LOCAL.", "10.42.0.1", dns.TypeA},
		{"streambox.", "10.42.0.1", dns.TypeA},
		{"streambox.local.", "nothing", dns.TypeAAAA},
		{"streambox.local.", "nothing", dns.TypeHTTPS},
		{"captive.apple.com.", "10.42.0.1", dns.TypeA},
		{"CAPTIVE.apple.com.", "10.42.0.1", dns.TypeANY},
		{"dns.msftncsi.com.", "131.107.255.255", dns.TypeA},
		{"apple.com.", "no such name", dns.TypeA},
		{"www.example.org.", "no such name", dns.TypeA},
		{"x.streambox.local.", "no such name", dns.TypeA},
		{".", "no such name", dns.TypeNS},
		{"1.0.42.10.in-addr.arpa.", "no such name", dns.TypePTR},
	} {
		r := Reply(zone, question(tt.name, tt.kind))
		got := "nothing"
		switch {
		case r.Rcode == dns.RcodeNameError:
			got = "no such name"
		case len(r.Answer) == 1:
			if a, ok := r.Answer[0].(*dns.A); ok && a.Hdr.Ttl <= 10 {
				got = a.A.String()
			}
		}
		if got != tt.want || !r.Authoritative || r.RecursionAvailable || len(r.Ns) > 0 {
			t.Errorf("%s %d: %s, want %s\n%s", tt.name, tt.kind, got, tt.want, r)
		}
	}
}

func TestWhatIsNoQuestion(t *testing.T) {
	answer := question("streambox.local.", dns.TypeA)
	answer.Response = true
	if Reply(zone, answer) != nil {
		t.Error("an answer is answered: two boxes would do so for ever")
	}
	update := question("streambox.local.", dns.TypeSOA)
	update.Opcode = dns.OpcodeUpdate
	two := question("streambox.local.", dns.TypeA)
	two.Question = append(two.Question, two.Question[0])
	chaos := question("version.bind.", dns.TypeTXT)
	chaos.Question[0].Qclass = dns.ClassCHAOS
	later := question("streambox.local.", dns.TypeA)
	later.SetEdns0(4096, false)
	later.IsEdns0().SetVersion(1)
	for want, q := range map[int]*dns.Msg{
		dns.RcodeNotImplemented: update, dns.RcodeFormatError: two, dns.RcodeRefused: chaos, dns.RcodeBadVers: later,
	} {
		if r := Reply(zone, q); r.Rcode != want || len(r.Answer) > 0 {
			t.Errorf("want %s, is\n%s", dns.RcodeToString[want], r)
		}
	}
}

// run starts a server on loopback, where the test switches the access point on and off.
func run(t *testing.T, link string) (address string, up *atomic.Bool) {
	t.Helper()
	free, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := netip.MustParseAddrPort(free.LocalAddr().String())
	_ = free.Close()
	up = new(atomic.Bool)
	up.Store(true)
	s := &Server{
		Zone: func() (Zone, bool) { return Zone{Address: at.Addr(), Own: zone.Own}, up.Load() },
		Link: netip.MustParsePrefix(link), Log: slog.New(slog.DiscardHandler), port: int(at.Port()),
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return at.String(), up
}

// ask asks until there is an answer, or there must be none any more.
func ask(t *testing.T, network, address string, tries int) (*dns.Msg, error) {
	t.Helper()
	c := dns.Client{Net: network, Timeout: 300 * time.Millisecond}
	var r *dns.Msg
	var err error
	for range tries {
		if r, _, err = c.ExchangeContext(t.Context(), question("streambox.local.", dns.TypeA), address); err == nil {
			return r, nil
		}
		select {
		case <-t.Context().Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
	return r, err
}

func TestPhonesAsk(t *testing.T) {
	address, up := run(t, "127.0.0.0/8")
	for _, network := range []string{"udp4", "tcp4"} {
		r, err := ask(t, network, address, 50)
		if err != nil || len(r.Answer) != 1 || !strings.Contains(r.Answer[0].String(), "127.0.0.1") {
			t.Errorf("%s: %v, %v", network, r, err)
		}
	}
	up.Store(false)
	if r, err := ask(t, "udp4", address, 1); err == nil {
		t.Errorf("without an access point: %v", r)
	}
	up.Store(true)
	if _, err := ask(t, "udp4", address, 50); err != nil {
		t.Errorf("an access point that comes back: %v", err)
	}
}

func TestOthersGetNoAnswer(t *testing.T) {
	address, _ := run(t, "10.42.0.0/24")
	if r, err := ask(t, "udp4", address, 5); err == nil {
		t.Errorf("from elsewhere: %v", r)
	}
}

func TestAFloodIsNotAnswered(t *testing.T) {
	now := time.Unix(1, 0)
	l := limit{now: func() time.Time { return now }}
	flood := func(who netip.Addr) (answered int) {
		for range 10 * perSecond {
			if l.take(who) {
				answered++
			}
		}
		return answered
	}
	first := netip.MustParseAddr("10.42.0.10")
	if n := flood(first); n != perPhone {
		t.Errorf("%d of one phone's flood", n)
	}
	all, who := perPhone, first
	for range 2 * perSecond / perPhone {
		who = who.Next()
		all += flood(who)
	}
	if all != perSecond {
		t.Errorf("%d of everybody's flood", all)
	}
	now = now.Add(time.Second)
	if !l.take(first) {
		t.Error("no answer when it is over")
	}
}
