package mdns

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"streambox.local/web/room/netnstest"
)

// These tests stand for the room's network: real packets between kernels
// (namespaces and a cable), and avahi, which is what Debian and most Linux
// machines resolve .local with.

func TestAPhoneFindsTheNameAndTheServices(t *testing.T) {
	needAvahi(t)
	t.Parallel() // mostly they wait
	here, there := room(t)
	b := box(t, here)
	b.says("NAME streambox")
	phone := startAvahi(t, there, "phone")

	eventually(t, "a one-shot query finds it", func() error { return stands(there, "streambox.local.", dns.TypeA, "10.78.0.1") })
	eventually(t, "in capitals", func() error { return stands(there, "StreamBox.Local.", dns.TypeA, "10.78.0.1") })
	eventually(t, "never the global address", func() error { return stands(there, "streambox.local.", dns.TypeAAAA, "fd78::1") })
	eventually(t, "avahi finds it", func() error { return phone.resolve("streambox.local", "10.78.0.1") })
	eventually(t, "avahi finds its IPv6", func() error { return phone.resolve("streambox.local", "fd78::1") })
	answer, err := ask(there, "streambox.local.", dns.TypeHTTPS, time.Second)
	if err != nil || len(answer.Answer) != 1 || answer.Answer[0].Header().Rrtype != dns.TypeNSEC {
		t.Errorf("what there is not is denied with %v, %v", answer, err)
	}
	for _, kind := range serviceTypes() {
		eventually(t, "avahi-browse finds "+kind, func() error {
			out, err := phone.browse(kind)
			if err != nil {
				return err
			}
			want := `;StreamBox\032port\0328080;` + kind + ";local;streambox.local;10.78.0.1;8080;"
			if !strings.Contains(out, want) || !strings.Contains(out, `"path=/"`) || !strings.Contains(out, `"version=1.2.3"`) {
				return fmt.Errorf("%q is not in\n%s", want, out)
			}
			return nil
		})
	}

	b.stop()
	eventually(t, "the services say goodbye", func() error {
		if out, err := phone.browse("_http._tcp"); err != nil || strings.Contains(out, "StreamBox") {
			return fmt.Errorf("%w %s", err, out)
		}
		return nil
	})
	if err := phone.resolve("streambox.local", "10.78.0.1"); err == nil {
		t.Error("after the goodbye avahi still knows the name")
	}
	if !strings.Contains(strings.Join(b.output(), "\n"), "STOPPED") {
		t.Error("it did not stop by itself")
	}
}

func TestTwoBoxesShareOutTheNames(t *testing.T) {
	needPackets(t)
	t.Parallel() // mostly they wait
	here, there := room(t)
	store := filepath.Join(t.TempDir(), "name")
	first := box(t, here)
	first.says("NAME streambox")
	second := box(t, there, "MDNS_TEST_STORE="+store)
	second.says("NAME streambox-2")
	eventually(t, "the second box has the second name", func() error { return stands(here, "streambox-2.local.", dns.TypeA, "10.78.0.2") })
	eventually(t, "the first has kept its own", func() error { return stands(there, "streambox.local.", dns.TypeA, "10.78.0.1") })

	// The next day, with the first box away.
	first.stop()
	second.stop()
	again := box(t, there, "MDNS_TEST_STORE="+store)
	again.says("NAME streambox-2")
	if kept, err := os.ReadFile(store); err != nil || string(kept) != "streambox-2" {
		t.Errorf("kept is %q, %v", kept, err)
	}
}

func TestTwoBoxesSwitchedOnTogether(t *testing.T) {
	needPackets(t)
	t.Parallel() // mostly they wait
	here, there := room(t)
	one, two := box(t, here), box(t, there)
	eventually(t, "each has a name of its own", func() error {
		names := []string{lastName(one), lastName(two)}
		slices.Sort(names)
		if !slices.Equal(names, []string{"streambox", "streambox-2"}) {
			return fmt.Errorf("%q", names)
		}
		return nil
	})
}

func lastName(p *process) (name string) {
	for _, l := range p.output() {
		if after, ok := strings.CutPrefix(l, "NAME "); ok {
			name = after
		}
	}
	return name
}

func TestAnAvahiThatHasTheNameKeepsIt(t *testing.T) {
	needAvahi(t)
	t.Parallel() // mostly they wait
	here, there := room(t)
	other := startAvahi(t, there, "streambox")
	b := box(t, here)
	b.says("NAME streambox-2")
	eventually(t, "avahi finds the box", func() error { return other.resolve("streambox-2.local", "10.78.0.1") })
	for _, line := range other.daemon.output() {
		if strings.Contains(line, "conflict") {
			t.Errorf("avahi was disturbed: %s", line)
		}
	}
}

func TestAnAvahiOnTheSameMachine(t *testing.T) {
	needAvahi(t)
	t.Parallel() // mostly they wait
	for _, tt := range []struct {
		sentence, machine, name string
	}{
		{"with another name", "raspberrypi", "streambox"},
		{"with the same name, which leads here already, so that nobody has to give way", "streambox", "streambox"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			here, there := room(t)
			local := startAvahi(t, here, tt.machine)
			b := box(t, here)
			b.says("NAME " + tt.name)
			phone := startAvahi(t, there, "phone")
			eventually(t, "a phone finds the box", func() error { return phone.resolve(tt.name+".local", "10.78.0.1") })
			eventually(t, "and the machine", func() error { return phone.resolve(tt.machine+".local", "10.78.0.1") })
			eventually(t, "the machine itself finds the box", func() error { return local.resolve(tt.name+".local", "10.78.0.1") })
			eventually(t, "and its service", func() error {
				out, err := phone.browse("_streambox._tcp")
				if err == nil && !strings.Contains(out, ";"+tt.name+".local;10.78.0.1;8080;") {
					err = errors.New(out)
				}
				return err
			})
			if tt.machine == tt.name {
				local.daemon.stop() // its goodbye takes back what is still true
				eventually(t, "the box says it again", func() error { return phone.resolve(tt.name+".local", "10.78.0.1") })
			}
			if got := lastName(b); got != tt.name {
				t.Errorf("it is called %q now", got)
			}
			for _, line := range local.daemon.output() {
				if strings.Contains(line, "conflict") {
					t.Errorf("avahi was disturbed: %s", line)
				}
			}
		})
	}
}

func TestAddressesAndLinksThatComeLate(t *testing.T) {
	needAvahi(t)
	t.Parallel() // mostly they wait
	here, there := netnstest.New(t), netnstest.New(t)
	b := box(t, here)
	b.says("No network link")
	netnstest.Cable(here, "eth0", "10.78.0.1/24", there, "wlan0", "10.78.0.2/24")
	there.Run("ip addr add 10.79.0.2/24 dev wlan0", "ip route add default dev wlan0")
	b.says("NAME streambox")
	phone := startAvahi(t, there, "phone")
	eventually(t, "the late link has the name", func() error { return phone.resolve("streambox.local", "10.78.0.1") })

	here.Run("ip addr add 10.79.0.1/24 dev eth0", "ip addr del 10.78.0.1/24 dev eth0")
	eventually(t, "the phone, which knew the old address, learns the new one", func() error { return phone.resolve("streambox.local", "10.79.0.1") })
	eventually(t, "the service leads to it", func() error {
		out, err := phone.browse("_http._tcp")
		if err == nil && !strings.Contains(out, ";streambox.local;10.79.0.1;8080;") {
			err = errors.New(out)
		}
		return err
	})

	third := netnstest.New(t)
	netnstest.Cable(here, "eth1", "10.80.0.1/24", third, "wlan0", "10.80.0.2/24")
	third.Run("ip route add default dev wlan0")
	eventually(t, "a second link tells its own address", func() error { return stands(third, "streambox.local.", dns.TypeA, "10.80.0.1") })
	here.Run("ip link set eth1 down", "ip link set eth1 up")
	eventually(t, "a link that was pulled and put back works again", func() error { return stands(third, "streambox.local.", dns.TypeA, "10.80.0.1") })
	if got := lastName(b); got != "streambox" {
		t.Errorf("it is called %q now", got)
	}
}
