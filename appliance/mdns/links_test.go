package mdns

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestWhatIsToldOfALink(t *testing.T) {
	passing := ifaceWith(1, "192.168.0.1/24", "fd00::1/64", "fe80::1/64")
	passing.addresses[1].passing = true // may still turn out to be taken
	passing.addresses[2].passing = true
	down := ifaceWith(1, "192.168.0.1/24")
	down.running = false
	var many []string
	for i := range 40 {
		many = append(many, netip.AddrFrom16([16]byte{0: 0xfd, 15: byte(i)}).String()+"/64")
	}
	for _, tt := range []struct {
		sentence string
		has      iface
		serves   string // the only address that the web server answers at; "": all
		told     int
		first    string
		sends    family
	}{
		{"IPv4, before unique local IPv6", ifaceWith(1, "fd00::1/64", "192.168.0.1/24"), "", 2, "192.168.0.1", both},
		{"never fe80 or global IPv6", ifaceWith(1, "fe80::1/64", "2001:db8::1/64", "fd00::1/64"), "", 1, "fd00::1", v6},
		{"two devices on one cable", ifaceWith(1, "169.254.3.4/16"), "", 1, "169.254.3.4", v4},
		{"not yet, or not for long", passing, "", 1, "192.168.0.1", v4},
		{"nothing to tell: no link", ifaceWith(1, "fe80::1/64"), "", 0, "", 0},
		{"without a carrier: no link", down, "", 0, "", 0},
		{"only where the web server answers", ifaceWith(1, "192.168.0.1/24", "10.0.0.1/8"), "10.0.0.1", 1, "10.0.0.1", v4},
		{"the web server answers elsewhere: no link", ifaceWith(1, "192.168.0.1/24"), "10.0.0.1", 0, "", 0},
		{"a router that hands out addresses without end", ifaceWith(1, many...), "", maxTold, "fd00::", v6},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			links := linksOf([]iface{tt.has}, func(a netip.Addr) bool { return tt.serves == "" || a.String() == tt.serves })
			if tt.told == 0 {
				if len(links) != 0 {
					t.Errorf("%+v", links)
				}
				return
			}
			if len(links) != 1 || len(links[0].told) != tt.told || links[0].told[0].String() != tt.first || links[0].sends != tt.sends {
				t.Errorf("%+v", links)
			}
		})
	}
}

func TestNeighbours(t *testing.T) {
	l := linksOf([]iface{ifaceWith(1, "192.168.0.1/24", "fd00::1/64")}, func(netip.Addr) bool { return true })[0]
	for a, want := range map[string]bool{
		"192.168.0.200": true, "192.168.1.200": false, "fd00::99": true, "fd01::99": false, "fe80::7": true, "2001:db8::1": false,
	} {
		if got := l.neighbour(netip.MustParseAddr(a)); got != want {
			t.Errorf("%s: %v", a, got)
		}
	}
}

func TestNamesWithNumbers(t *testing.T) {
	long := strings.Repeat("a", 63)
	for _, tt := range []struct {
		base   string
		number int
		want   string
	}{
		{"streambox", 1, "streambox"},
		{"streambox", 2, "streambox-2"},
		{"streambox-2", 2, "streambox-2-2"},
		{long, 2, long[:61] + "-2"},
		{long, 1000, long[:58] + "-1000"},
		{long[:60] + "-b", 2, long[:60] + "-2"},
	} {
		got := numbered(tt.base, tt.number)
		if got != tt.want || len(got) > maxLabel {
			t.Errorf("%s, %d: %s, want %s", tt.base, tt.number, got, tt.want)
		}
		if back := numberOf(tt.base, got); back != tt.number {
			t.Errorf("%s is number %d of %s", got, back, tt.base)
		}
	}
	for _, name := range []string{"", "streambox", "streambox-", "streambox-1", "streambox-02", "streambox--2", "other-2", "streambox-2-2", "streambox-99999999999999999999"} {
		if n := numberOf("streambox", name); n != 1 {
			t.Errorf("%q is number %d", name, n)
		}
	}
}

func TestEveryHostNameHasAServiceNameOfItsOwn(t *testing.T) {
	want := map[string]string{
		"streambox": "StreamBox", "streambox-2": "StreamBox 2", "streambox-02": "StreamBox (streambox-02)",
		"streambox-x": "StreamBox (streambox-x)", "streambox2": "StreamBox (streambox2)", "cinema": "StreamBox (cinema)",
	}
	var seen []string
	for label, name := range want {
		if got := instance(label, 80); got != name || slices.Contains(seen, got) {
			t.Errorf("%s: %q", label, got)
		}
		seen = append(seen, name)
	}
	if got := instance("streambox-2", 3003); got != "StreamBox 2 port 3003" {
		t.Errorf("two boxes on one machine: %q", got)
	}
	for _, label := range []string{strings.Repeat("a", 63), strings.Repeat("b", 55)} {
		for _, port := range []int{80, 65535} {
			if got := instance(label, port); len(got) > 63 || !strings.Contains(got, label[:40]) || port == 80 == strings.HasSuffix(got, "port 65535") {
				t.Errorf("%s at %d: %q, %d bytes", label, port, got, len(got))
			}
		}
	}
}
