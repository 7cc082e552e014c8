package mdns

import (
	"cmp"
	"net/netip"
	"slices"
)

// iface is a network interface as the machine shows it.
type iface struct {
	index     int
	name      string
	running   bool // up, with a carrier, able to multicast, and no loopback
	addresses []address
}

// address is one of an interface's.
type address struct {
	netip.Prefix      // without zone
	passing      bool // not to be used yet, or not for long
}

// link is an interface by which phones may come.
type link struct {
	index int
	name  string
	told  []netip.Addr   // what the name stands for there: IPv4, then unique local IPv6
	own   []netip.Addr   // all addresses the interface has
	near  []netip.Prefix // who is a neighbour
	sends family         // what there is an address to send from for
}

// maxTold bounds the addresses told per link, so that an answer fits one packet
// whatever a router hands out.
const maxTold = 16

// linksOf picks the links, by index. serves tells at which addresses the web
// server can be reached.
func linksOf(interfaces []iface, serves func(netip.Addr) bool) []link {
	var links []link
	for _, i := range interfaces {
		if !i.running {
			continue
		}
		l := link{index: i.index, name: i.name}
		for _, p := range i.addresses {
			a := p.Addr()
			l.own = append(l.own, a)
			l.near = append(l.near, p.Masked())
			if p.passing {
				continue
			}
			l.sends |= familyOf(a)
			if isTold(a) && serves(a) && !slices.Contains(l.told, a) {
				l.told = append(l.told, a)
			}
		}
		slices.SortFunc(l.told, netip.Addr.Compare) // IPv4 first
		l.told = l.told[:min(len(l.told), maxTold)]
		if len(l.told) > 0 {
			links = append(links, l)
		}
	}
	slices.SortFunc(links, func(a, b link) int { return cmp.Compare(a.index, b.index) })
	return links
}

// isTold is decision 12 of ARCHITECTURE.md: see the package comment.
func isTold(a netip.Addr) bool {
	switch {
	case a.Is4():
		return !a.IsLoopback() && !a.IsUnspecified() && !a.IsMulticast()
	default:
		return a.IsPrivate()
	}
}

// neighbour tells whether an address is on the link, so that nobody beyond a
// router is answered (RFC 6762, 11).
func (l link) neighbour(a netip.Addr) bool {
	return a.Is6() && a.IsLinkLocalUnicast() ||
		slices.ContainsFunc(l.near, func(p netip.Prefix) bool { return p.Contains(a) })
}

func (l link) equal(o link) bool {
	return l.index == o.index && l.name == o.name && l.sends == o.sends && slices.Equal(l.told, o.told) &&
		slices.Equal(l.own, o.own) && slices.Equal(l.near, o.near)
}

// family is IPv4, IPv6 or both.
type family uint8

const (
	v4   family = 1
	v6   family = 2
	both        = v4 | v6
)

func familyOf(a netip.Addr) family {
	if a.Is4() {
		return v4
	}
	return v6
}
