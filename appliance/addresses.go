package appliance

import (
	"cmp"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Link is a network interface with its addresses.
type Link struct {
	Name      string
	Addresses []netip.Addr
}

// Links returns the interfaces that are up and lead somewhere, with their addresses.
func Links() ([]Link, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var links []Link
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		addresses, err := i.Addrs()
		if err != nil {
			continue // gone between the two calls
		}
		link := Link{Name: i.Name}
		for _, a := range addresses {
			if prefix, err := netip.ParsePrefix(a.String()); err == nil {
				link.Addresses = append(link.Addresses, prefix.Addr().Unmap().WithZone(""))
			}
		}
		links = append(links, link)
	}
	return links, nil
}

// LAN picks the addresses under which phones in the same room reach this
// machine, best first, without asking for a route (a box without internet has
// none): private IPv4, other IPv4, IPv4 that two devices on a cable gave
// themselves, then unique local IPv6. Left out are fe80 (a page there cannot
// use WebRTC) and global IPv6 (browsers call such a page public). Links that
// exist only inside this machine, or lead to one other (containers, virtual
// machines, VPNs), come after the real ones of the same kind.
func LAN(links []Link) []netip.Addr {
	type ranked struct {
		addr  netip.Addr
		rank  int
		inner bool
	}
	var found []ranked
	for _, link := range links {
		for _, a := range link.Addresses {
			if rank := addressRank(a); rank > 0 {
				found = append(found, ranked{a, rank, innerLink(link.Name)})
			}
		}
	}
	slices.SortStableFunc(found, func(x, y ranked) int {
		if x.inner != y.inner {
			return cmp.Compare(b2i(x.inner), b2i(y.inner))
		}
		return cmp.Compare(x.rank, y.rank)
	})
	out := make([]netip.Addr, 0, len(found))
	for _, f := range found {
		if !slices.Contains(out, f.addr) {
			out = append(out, f.addr)
		}
	}
	return out
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func addressRank(a netip.Addr) int {
	switch {
	case a.Is4() && a.IsPrivate():
		return 1
	case a.Is4() && a.IsGlobalUnicast():
		return 2
	case a.Is4() && a.IsLinkLocalUnicast():
		return 3
	case a.Is6() && a.IsPrivate():
		return 4
	default:
		return 0
	}
}

func innerLink(name string) bool {
	return slices.ContainsFunc([]string{"docker", "br-", "veth", "virbr", "lxc", "lxd", "tun", "tap", "wg", "tailscale", "zt", "vmnet", "podman", "cni"},
		func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// URLs are the web addresses of a server that listens at the given address,
// best first. A server that listens everywhere has those of lan, or the one of
// this machine where there is no LAN at all.
func URLs(listening netip.AddrPort, lan []netip.Addr) []string {
	if a := listening.Addr(); a.IsValid() && !a.IsUnspecified() {
		return []string{url(a.Unmap(), listening.Port())}
	}
	var urls []string
	for _, a := range lan {
		if listening.Addr().Is4() && a.Is6() {
			continue
		}
		urls = append(urls, url(a, listening.Port()))
	}
	if len(urls) == 0 {
		urls = []string{url(netip.AddrFrom4([4]byte{127, 0, 0, 1}), listening.Port())}
	}
	return urls
}

func url(a netip.Addr, port uint16) string {
	host := a.String()
	if a.Is6() {
		host = "[" + host + "]"
	}
	return URL(host, port)
}

// URL is the web address of a host (a name, or an address as URLs write it) at
// a port; port 80 goes without saying.
func URL(host string, port uint16) string {
	if port != 80 {
		host += ":" + strconv.Itoa(int(port))
	}
	return "http://" + host
}
