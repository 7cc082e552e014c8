package appliance

import (
	"net/netip"
	"slices"
	"testing"
)

func link(name string, addresses ...string) Link {
	l := Link{Name: name}
	for _, a := range addresses {
		l.Addresses = append(l.Addresses, netip.MustParseAddr(a))
	}
	return l
}

func TestURLs(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		listen   string
		links    []Link
		want     []string
	}{
		{
			"IPv4 first, then the local IPv6; never fe80 or global", "[::]:3003",
			[]Link{link("eth0", "fe80::1", "2001:db8:1::5", "fd12::5", "192.168.1.5")},
			[]string{"http://192.168.1.5:3003", "http://[fd12::5]:3003"},
		},
		{
			"containers and VPNs come after the room's network", "0.0.0.0:3003",
			[]Link{link("docker0", "172.17.0.1"), link("tailscale0", "100.64.3.2"), link("wlan0", "10.0.0.7")},
			[]string{"http://10.0.0.7:3003", "http://172.17.0.1:3003", "http://100.64.3.2:3003"},
		},
		{
			"two devices on one cable, without any router", ":3003",
			[]Link{link("eth0", "169.254.7.9")},
			[]string{"http://169.254.7.9:3003"},
		},
		{"port 80 is not written", ":80", []Link{link("eth0", "192.168.1.5")}, []string{"http://192.168.1.5"}},
		{"with no network at all there is this machine", ":3003", nil, []string{"http://127.0.0.1:3003"}},
		{"with only global IPv6 there is this machine", ":3003", []Link{link("eth0", "2001:db8:1::5")}, []string{"http://127.0.0.1:3003"}},
		{"who listens at one address gets that one", "192.168.9.9:3003", []Link{link("eth0", "192.168.1.5")}, []string{"http://192.168.9.9:3003"}},
		{"IPv6 in brackets", "[fd12::9]:80", nil, []string{"http://[fd12::9]"}},
		{"a server on IPv4 only has no IPv6 address", "0.0.0.0:3003", []Link{link("eth0", "fd12::5", "192.168.1.5")}, []string{"http://192.168.1.5:3003"}},
		{"the same address on two links is named once", ":3003", []Link{link("eth0", "10.1.1.1"), link("wlan0", "10.1.1.1")}, []string{"http://10.1.1.1:3003"}},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			listen := tt.listen
			if listen[0] == ':' {
				listen = "[::]" + listen
			}
			got := URLs(netip.MustParseAddrPort(listen), LAN(tt.links))
			if !slices.Equal(got, tt.want) {
				t.Errorf("URLs = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestLinksOfThisMachine(t *testing.T) {
	links, err := Links()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		for _, a := range l.Addresses {
			if a.IsLoopback() || a.Zone() != "" {
				t.Errorf("%s: %s is a loopback address or has a zone", l.Name, a)
			}
		}
	}
}
