package mdns

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
)

func TestANameIsOursWithinASecondAndAnnounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		a := newAir(t)
		n := a.join(1, nil, on(1, "lan", "192.168.0.1/24", "fd00::1/64", "2001:db8::1/64", "fe80::1/64"))
		pass(t, time.Second+2*time.Millisecond)
		if n.r.Name() != "streambox" || !slices.Equal(n.names, []string{"streambox"}) {
			t.Fatalf("after a second it is called %q: %q", n.r.Name(), n.names)
		}
		if state, detail := n.r.Health(); state != Present || detail != "streambox.local" {
			t.Errorf("%s %s", state, detail)
		}
		if probes := a.since(began, func(o overheard) bool { return !o.msg.Response }); len(probes) != 2*3 { // by IPv4 and IPv6
			t.Errorf("%d probes", len(probes))
		}
		pass(t, 10*time.Second)
		said := a.since(began, says(n, addressTTL, "192.168.0.1"))
		if len(said) != 2*announcements {
			t.Errorf("%d announcements", len(said))
		}
		for _, o := range said {
			for _, rr := range o.msg.Answer {
				if a := addressOf(rr); a.IsValid() && a != netip.MustParseAddr("192.168.0.1") && a != netip.MustParseAddr("fd00::1") {
					t.Errorf("%s was told", a)
				}
				if rr.Header().Class != dns.ClassINET|topBit {
					t.Errorf("a cache would keep what it had beside %v", rr)
				}
			}
		}
		if len(n.told()) != 1 || n.told()[0].label != "streambox" || n.told()[0].port != 80 || len(n.told()[0].links) != 1 {
			t.Errorf("services %+v", n.told())
		}
		left := time.Now()
		n.stop()
		if len(a.since(left, says(n, 0, "192.168.0.1"))) == 0 || len(n.told()) != 2 || n.told()[1].label != "" {
			t.Error("no goodbye")
		}
	})
}

// Whoever asks first, and however the packets fall: two names, two boxes.
func TestBoxesThatStartTogetherShareOutTheNames(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAir(t)
				boxes := []*node{
					a.join(seed, nil, on(1, "lan", "192.168.0.1/24")),
					a.join(seed+1000, nil, on(1, "lan", "192.168.0.2/24", "fd00::2/64")),
					a.join(seed+2000, nil, on(1, "lan", "192.168.0.3/24")),
				}
				pass(t, 15*time.Second)
				var names []string
				for _, n := range boxes {
					names = append(names, n.r.Name())
				}
				slices.Sort(names)
				if !slices.Equal(names, []string{"streambox", "streambox-2", "streambox-3"}) {
					t.Errorf("%q", names)
				}
			})
		})
	}
}

func TestWhoHasTheNameKeepsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir(t)
		first := a.join(1, nil, on(1, "lan", "192.168.0.9/24"))
		pass(t, time.Minute)
		second := a.join(2, nil, on(1, "lan", "192.168.0.1/24"))
		pass(t, 10*time.Second)
		if first.r.Name() != "streambox" || second.r.Name() != "streambox-2" || len(first.names) != 1 || len(second.names) != 1 {
			t.Errorf("%q and %q", first.names, second.names)
		}
	})
}

func TestTwoNetworksThatBecomeOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir(t)
		one := a.join(1, nil, on(1, "house", "192.168.0.1/24"))
		two := a.join(2, nil, on(1, "garage", "192.168.0.2/24"))
		pass(t, time.Minute)
		if one.r.Name() != two.r.Name() {
			t.Fatal("they should not know of each other yet")
		}
		two.mu.Lock()
		two.wires[1] = "house" // a cable between two switches: neither box sees a link change
		two.mu.Unlock()
		a.query("house", dns.TypeA, "streambox") // both answer, and hear each other
		pass(t, 20*time.Second)
		names := []string{one.r.Name(), two.r.Name()}
		slices.Sort(names)
		if !slices.Equal(names, []string{"streambox", "streambox-2"}) {
			t.Errorf("%q", names)
		}
	})
}

// A Pi with its cable and its Wi-Fi in one network hears itself.
func TestTwoLinksOfOneBoxOnOneWireAreNoConflict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir(t)
		n := a.join(3, nil, on(1, "lan", "192.168.0.1/24"), on(2, "lan", "192.168.0.77/24"))
		pass(t, 10*time.Second)
		n.plug(on(1, "lan", "192.168.0.1/24"))
		pass(t, 10*time.Second)
		n.plug(on(1, "lan", "192.168.0.1/24"), on(2, "lan", "192.168.0.78/24"))
		pass(t, 10*time.Second)
		a.query("lan", dns.TypeANY, "streambox")
		pass(t, 10*time.Second)
		if !slices.Equal(n.names, []string{"streambox"}) || strings.Contains(n.log.String(), "-2") {
			t.Errorf("%q\n%s", n.names, n.log)
		}
	})
}

func TestAChangedAddressIsTakenBackAndTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir(t)
		n := a.join(1, nil, on(1, "lan", "192.168.0.1/24"))
		pass(t, 10*time.Second)
		changed := time.Now()
		n.plug(on(1, "lan", "10.0.0.5/8"))
		pass(t, 100*time.Millisecond)
		if len(a.since(changed, says(n, 0, "192.168.0.1"))) != 1 || len(a.since(changed, says(n, addressTTL, "10.0.0.5"))) != 1 {
			t.Errorf("%v", a.since(changed, func(overheard) bool { return true }))
		}
		if len(n.told()) != 2 || n.told()[1].links[0].told[0].String() != "10.0.0.5" {
			t.Errorf("services %+v", n.told())
		}
		pass(t, 10*time.Second)
		if len(n.names) != 1 {
			t.Errorf("names %q", n.names)
		}
	})
}

func TestALinkThatComesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAir(t)
		n := a.join(1, nil)
		pass(t, time.Minute)
		n.plug()
		pass(t, time.Minute)
		if state, _ := n.r.Health(); state != Absent || n.r.Name() != "" || strings.Count(n.log.String(), "No network link") != 1 {
			t.Errorf("%s %q\n%s", state, n.r.Name(), n.log)
		}
		n.plug(on(1, "lan", "192.168.0.1/24"))
		pass(t, 2*time.Second)
		other := a.join(2, nil, on(1, "air", "10.0.0.2/24"))
		pass(t, 10*time.Second)
		n.plug(on(1, "lan", "192.168.0.1/24"), on(2, "air", "10.0.0.1/24"))
		pass(t, 10*time.Second)
		if !slices.Equal(n.names, []string{"streambox", "streambox-2"}) || other.r.Name() != "streambox" {
			t.Errorf("who loses the name on one link takes the next on all: %q, %q", n.names, other.r.Name())
		}
		if len(a.since(time.Time{}, func(o overheard) bool { return o.wire == "lan" && says(n, 0, "192.168.0.1")(o) })) == 0 {
			t.Error("the old name is not taken back where it was ours")
		}
		n.plug()
		pass(t, time.Second)
		if state, _ := n.r.Health(); state != Absent || n.told()[len(n.told())-1].label != "" {
			t.Errorf("without links %s, services %+v", state, n.told())
		}
	})
}

type memoryStore struct {
	name string
	err  error
}

func (m *memoryStore) LoadName() (string, error) { return m.name, m.err }
func (m *memoryStore) SaveName(name string) error {
	m.name = name
	return m.err
}

func TestTheNextStartBeginsWithTheLastName(t *testing.T) {
	for _, tt := range []struct {
		sentence, wanted, remembered string
		err                          error
		want                         string
	}{
		{"none yet", "streambox", "", nil, "streambox"},
		{"the second", "streambox", "streambox-2", nil, "streambox-2"},
		{"of another setting", "cinema", "streambox-2", nil, "cinema"},
		{"a memory that cannot be read", "streambox", "streambox-2", errors.New("the card is broken"), "streambox"},
		{"nonsense", "streambox", "streambox-0002", nil, "streambox"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &memoryStore{name: tt.remembered, err: tt.err}
				if tt.err != nil {
					store.name = ""
				}
				n := newAir(t).join(1, func(c *Config) { c.Name, c.Remembered = tt.wanted, store }, on(1, "lan", "192.168.0.1/24"))
				pass(t, 2*time.Second)
				if n.r.Name() != tt.want || store.name != tt.want {
					t.Errorf("called %q, kept %q, want %q", n.r.Name(), store.name, tt.want)
				}
				if warned := strings.Contains(n.log.String(), "level=WARN"); warned != (tt.err != nil) {
					t.Errorf("log:\n%s", n.log)
				}
			})
		})
	}
}
