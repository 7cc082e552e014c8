package mdns

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
)

func TestAddressesThatFlickerAreAdvertisedAtALeisurelyPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newAir(t).join(1, nil, on(1, "lan", "192.168.0.1/24"))
		pass(t, 10*time.Second)
		for i := range 100 {
			n.plug(on(1, "lan", fmt.Sprintf("10.0.0.%d/8", i%2+1)))
			pass(t, 50*time.Millisecond)
		}
		n.plug(on(1, "lan", "10.0.0.9/8"))
		pass(t, 2*time.Second)
		last := n.told()[len(n.told())-1]
		if len(n.told()) > 8 || len(last.links) != 1 || last.links[0].told[0].String() != "10.0.0.9" {
			t.Errorf("advertised %d times in five seconds, at last %+v", len(n.told()), last)
		}
		if len(n.names) != 1 {
			t.Errorf("names %q", n.names)
		}
	})
}

func TestARivalWhoClaimsEveryNameSlowsUsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir(t)
		n := a.join(1, nil, on(1, "lan", "192.168.0.1/24"))
		claimed := 0
		rival := a.join(2, func(c *Config) { c.Name = "rival" }, on(1, "lan", "192.168.0.66/24"))
		rival.r.cfg.OnName = func(string) {}
		for range 600 { // a minute
			pass(t, 100*time.Millisecond)
			for _, o := range a.since(time.Now().Add(-101*time.Millisecond), func(o overheard) bool { return o.from == n && !o.msg.Response }) {
				claimed++
				m := newResponse()
				m.Answer = addressRecords(o.msg.Question[0].Name, []netip.Addr{netip.MustParseAddr("192.168.0.66")}, dns.TypeA, addressTTL, topBit)
				b, err := m.Pack()
				if err != nil {
					t.Fatal(err)
				}
				a.spread(rival, "lan", netip.MustParseAddrPort("192.168.0.66:5353"), netip.AddrPort{}, b)
			}
		}
		if claimed < 15 || claimed > 40 {
			t.Errorf("%d probes in a minute of conflicts", claimed)
		}
		pass(t, 10*time.Second)
		if n.r.Name() == "" {
			t.Error("the rival has gone, and the box has no name")
		}
	})
}

func TestAPortThatIsNotToBeHadIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir(t)
		n := a.join(1, func(c *Config) {
			open := c.open
			c.open = func(ctx context.Context) (transport, error) {
				if time.Now().Before(time.Date(2000, 1, 1, 0, 1, 15, 0, time.UTC)) { // the bubble begins at midnight
					return nil, errors.New("address already in use")
				}
				return open(ctx)
			}
		}, on(1, "lan", "192.168.0.1/24"))
		pass(t, time.Minute)
		if state, detail := n.r.Health(); state != Broken || strings.Contains(detail, "in use") {
			t.Errorf("%s %s", state, detail)
		}
		pass(t, time.Minute)
		if state, _ := n.r.Health(); state != Present || strings.Count(n.log.String(), "already in use") != 1 {
			t.Errorf("%s\n%s", state, n.log)
		}
	})
}

func TestANameThatIsAskedForAnewIsNotOursMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newAir(t).join(1, nil, on(1, "lan", "192.168.0.1/24"))
		for link := 2; link < 4; link++ {
			pass(t, 10*time.Second)
			if state, detail := n.r.Health(); state != Present {
				t.Errorf("on a link: %s %s", state, detail)
			}
			n.plug(on(link, "lan", "192.168.0.1/24")) // another cable in the place of the first
			pass(t, 100*time.Millisecond)
			if state, detail := n.r.Health(); state != Absent || !strings.Contains(detail, "asked for") {
				t.Errorf("while the new link is asked: %s %s", state, detail)
			}
		}
	})
}

func TestAFirewallThatLetsNothingOutIsSaidOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir(t)
		n := a.join(1, nil, on(1, "lan", "192.168.0.1/24"))
		n.mu.Lock()
		n.muted = true
		n.mu.Unlock()
		pass(t, 10*time.Second)
		if state, _ := n.r.Health(); state != Broken || strings.Count(n.log.String(), "not permitted") != 1 {
			t.Errorf("%s\n%s", state, n.log)
		}
		n.mu.Lock()
		n.muted = false
		n.mu.Unlock()
		a.query("lan", dns.TypeA, "streambox")
		pass(t, time.Second)
		if state, _ := n.r.Health(); state != Present {
			t.Errorf("%s", state)
		}
	})
}
