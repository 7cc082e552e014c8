package setup

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"

	"streambox.local/appliance/network/wifi"
)

// HotspotAddress is the box's on its own access point, and the same on every
// box: it stands in the README and on the join card.
var HotspotAddress = netip.MustParsePrefix("10.42.0.1/24")

// Supplicant is wpa_supplicant's settings for the request; "" for a radio that is
// off. The request was checked.
func (r Request) Supplicant() (string, error) {
	var b strings.Builder
	b.WriteString("# Written by streambox helper network.\nupdate_config=0\np2p_disabled=1\n")
	country := func(c string) {
		if c != "" {
			fmt.Fprintf(&b, "country=%s\n", c)
		}
	}
	switch r.Role {
	case Client:
		country(r.country())
		for i, n := range r.Networks {
			// scan_ssid: networks that hide their name. SHA-256: networks that want it; protected frames where both can.
			lines, err := blockOf(n, "scan_ssid=1", "ieee80211w=1", fmt.Sprintf("priority=%d", len(r.Networks)-i))
			if err != nil {
				return "", err
			}
			b.WriteString(lines)
		}
	case AccessPoint:
		country(r.country())
		b.WriteString("ap_scan=2\n") // up at once, without looking who else is there
		lines, err := blockOf(*r.Own, "mode=2", fmt.Sprintf("frequency=%d", r.Frequency), "proto=RSN", "pairwise=CCMP", "group=CCMP")
		if err != nil {
			return "", err
		}
		b.WriteString(lines)
	default:
		return "", nil
	}
	return b.String(), nil
}

// country is the first that was told.
func (r Request) country() string {
	if r.Own != nil {
		return r.Own.Country
	}
	for _, n := range r.Networks {
		if n.Country != "" {
			return n.Country
		}
	}
	return ""
}

func blockOf(n wifi.Network, more ...string) (string, error) {
	key, err := n.Key()
	if err != nil {
		return "", fmt.Errorf("the key of a network: %w", err)
	}
	lines := []string{"network={", "\tssid=" + hex.EncodeToString([]byte(n.Name))}
	switch {
	case key == "":
		lines = append(lines, "\tkey_mgmt=NONE")
	case strings.Contains(strings.Join(more, " "), "mode=2"):
		lines = append(lines, "\tkey_mgmt=WPA-PSK", "\tpsk="+key)
	default:
		lines = append(lines, "\tkey_mgmt=WPA-PSK WPA-PSK-SHA256", "\tpsk="+key)
	}
	for _, m := range more {
		lines = append(lines, "\t"+m)
	}
	return strings.Join(lines, "\n") + "\n}\n", nil
}

// Networkd is how systemd-networkd treats the radio in its role; "" for one that is off.
func (r Request) Networkd(device string) string {
	head := "# Written by streambox helper network.\n[Match]\nName=" + device + "\n\n[Link]\nRequiredForOnline=no\n\n[Network]\n"
	switch r.Role {
	case Client:
		// By its hardware's address routers know a box again that has another card. The cable's route goes first.
		return head + "DHCP=yes\n\n[DHCPv4]\nUseHostname=no\nClientIdentifier=mac\nRouteMetric=2048\n\n[IPv6AcceptRA]\nRouteMetric=2048\n"
	case AccessPoint:
		// The router is told although it leads nowhere: an Android without one has no network. Leases are not kept on the card.
		return head + "Address=" + HotspotAddress.String() + "\nDHCPServer=yes\nIPv6AcceptRA=no\nLinkLocalAddressing=no\n\n" +
			"[DHCPServer]\nPoolOffset=9\nPoolSize=200\nDefaultLeaseTimeSec=2h\nMaxLeaseTimeSec=12h\n" +
			"EmitDNS=yes\nDNS=" + HotspotAddress.Addr().String() + "\nEmitRouter=yes\nEmitNTP=no\nEmitTimezone=no\nPersistLeases=no\n"
	default:
		return ""
	}
}
