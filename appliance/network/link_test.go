package network

import (
	"net/netip"
	"testing"
)

func addresses(list ...string) []netip.Addr {
	var out []netip.Addr
	for _, a := range list {
		out = append(out, netip.MustParseAddr(a))
	}
	return out
}

var (
	cable    = Interface{Name: "eth0", Device: true, Addresses: addresses("192.168.1.5", "fe80::5")}
	unplug   = Interface{Name: "eth0", Device: true}
	station  = Interface{Name: "wlan0", Device: true, Wireless: Station, Addresses: addresses("192.168.1.6", "fd00::6")}
	unknown  = Interface{Name: "wlan0", Device: true, Wireless: UnknownMode, Addresses: addresses("192.168.1.6")}
	hotspot  = Interface{Name: "wlan0", Device: true, Wireless: AP, Addresses: addresses("10.42.0.1")}
	bareAP   = Interface{Name: "wlan0", Device: true, Wireless: AP}
	guestAP  = Interface{Name: "wlan0_ap", Device: true, Wireless: AP, Addresses: addresses("10.3.141.1")}
	bridge   = Interface{Name: "br0", Lower: []string{"eth0", "wlan0"}, Addresses: addresses("192.168.4.1")}
	vlan     = Interface{Name: "br0.7", Lower: []string{"br0"}, Addresses: addresses("192.168.7.1")}
	circle   = Interface{Name: "br0", Lower: []string{"br0", "br0.7"}, Addresses: addresses("192.168.4.1")}
	docker   = Interface{Name: "docker0", Lower: []string{"veth1"}, Addresses: addresses("172.17.0.1")}
	veth     = Interface{Name: "veth1"}
	vpn      = Interface{Name: "wg0", Addresses: addresses("10.8.0.2")}
	linkOnly = Interface{Name: "wlan0", Device: true, Wireless: AP, Addresses: addresses("fe80::9")}
)

func TestTheRoleOfTheBox(t *testing.T) {
	tests := []struct {
		name string
		have []Interface
		want Role
	}{
		{"nothing yet", nil, Wired},
		{"a cable", []Interface{cable}, Wired},
		{"a cable that is not plugged, and Wi-Fi", []Interface{unplug, station}, Client},
		{"a cable and Wi-Fi", []Interface{station, cable}, Wired},
		{"Wi-Fi whose mode is not told", []Interface{unknown}, Client},
		{"a hotspot", []Interface{hotspot}, AccessPoint},
		{"a hotspot that shares a cable", []Interface{cable, hotspot}, AccessPoint},
		{"a hotspot beside Wi-Fi on one radio", []Interface{station, guestAP}, AccessPoint},
		{"a hotspot in a bridge with a cable", []Interface{unplug, bareAP, bridge}, AccessPoint},
		{"a VLAN on that bridge alone", []Interface{unplug, bareAP, {Name: "br0", Lower: bridge.Lower}, vlan}, AccessPoint},
		{"a bridge of a cable", []Interface{unplug, bridge}, Wired},
		{"a circle", []Interface{circle, vlan}, Wired},
		{"Wi-Fi, containers and a VPN", []Interface{station, docker, veth, vpn}, Client},
		{"only containers and a VPN", []Interface{docker, veth, vpn}, Wired},
		{"a hotspot without an address for phones, and a cable", []Interface{linkOnly, cable}, Wired},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := BoxRole(Decide(tt.have)); got != tt.want {
				t.Errorf("role %s, want %s", got, tt.want)
			}
		})
	}
}

func TestALinkIsKnownByItsLocalAddress(t *testing.T) {
	w := New(Config{Device: &fakeDevice{answers: []answer{{list: []Interface{cable, hotspot, {
		Name: "eth1", Device: true, Addresses: addresses("fd00::7", "169.254.1.1", "203.0.113.9", "10.0.0.7"),
	}, {Name: "eth2", Device: true, Addresses: addresses("fd00:2::7")}}}}}})
	if name, role := w.LinkAt(hotspot.Addresses[0]); name != "" || role != Wired {
		t.Errorf("before the first look it is known: %q, %s", name, role)
	}
	w.Look()
	for _, tt := range []struct {
		local string
		name  string
		role  Role
		ipv4  string
	}{
		{"192.168.1.5", "eth0", Wired, "192.168.1.5"},
		{"10.42.0.1", hotspot.Name, AccessPoint, "10.42.0.1"},
		{"::ffff:10.42.0.1", hotspot.Name, AccessPoint, "10.42.0.1"},
		{"fe80::5%eth0", "eth0", Wired, "192.168.1.5"},
		{"fd00::7", "eth1", Wired, "10.0.0.7"},
		{"fd00:2::7", "eth2", Wired, ""},
		{"127.0.0.1", "", AccessPoint, "127.0.0.1"},
		{"::1", "", AccessPoint, ""},
	} {
		local := netip.MustParseAddr(tt.local)
		if name, role := w.LinkAt(local); name != tt.name || role != tt.role {
			t.Errorf("%s: %q, %s, want %q, %s", tt.local, name, role, tt.name, tt.role)
		}
		want := netip.Addr{}
		if tt.ipv4 != "" {
			want = netip.MustParseAddr(tt.ipv4)
		}
		if got := w.IPv4At(local); got != want {
			t.Errorf("%s: IPv4 %v, want %v", tt.local, got, want)
		}
	}
}
