package network

import (
	"cmp"
	"net/netip"
	"slices"
)

// Role is the box's place on a link, see the package comment.
type Role string

// The roles, as the API shows them.
const (
	Wired       Role = "wired"
	Client      Role = "client"
	AccessPoint Role = "accessPoint"
)

// Wireless is what an interface is on the air.
type Wireless int

// NoWireless is a cable or something virtual; Station stands for every
// wireless type that is not an access point; UnknownMode is wireless, and the
// kernel does not say how.
const (
	NoWireless Wireless = iota
	UnknownMode
	Station
	AP
)

// Interface is one network interface as the machine shows it.
type Interface struct {
	Name      string
	Addresses []netip.Addr // without zone and IPv4-mapping
	Wireless  Wireless
	Device    bool     // there is hardware: it leads out of this machine
	Lower     []string // names of the interfaces it stands on
}

// Link is an interface that has addresses, with its role.
type Link struct {
	Name      string
	Role      Role
	Leaves    bool // phones may come over it
	Addresses []netip.Addr
}

// Decide gives every interface that has an address its role, sorted by name.
func Decide(interfaces []Interface) []Link {
	byName := make(map[string]Interface, len(interfaces))
	for _, i := range interfaces {
		byName[i.Name] = i
	}
	var links []Link
	for _, i := range interfaces {
		if len(i.Addresses) == 0 {
			continue
		}
		link := Link{Name: i.Name, Role: Wired, Addresses: i.Addresses}
		follow(byName, i.Name, map[string]bool{}, &link)
		links = append(links, link)
	}
	slices.SortFunc(links, func(a, b Link) int { return cmp.Compare(a.Name, b.Name) })
	return links
}

// follow adds to link what an interface is, and all below it. seen ends what
// the kernel should not show: a circle.
func follow(byName map[string]Interface, name string, seen map[string]bool, link *Link) {
	if seen[name] {
		return
	}
	seen[name] = true
	i := byName[name]
	link.Leaves = link.Leaves || i.Device
	switch {
	case i.Wireless == AP:
		link.Role = AccessPoint
	case i.Wireless != NoWireless && link.Role == Wired:
		link.Role = Client
	}
	for _, lower := range i.Lower {
		follow(byName, lower, seen, link)
	}
}

// BoxRole is the role of the link that phones most likely use: an access point
// was made for them; else a cable, which is there on purpose, goes before Wi-Fi.
// Links that do not leave the machine count only where there are no others
// (inside a container). Without any: wired, the role that promises nothing.
func BoxRole(links []Link) Role {
	for _, role := range []Role{AccessPoint, Wired, Client} {
		if slices.ContainsFunc(links, func(l Link) bool { return l.Leaves && l.Role == role && reachable(l) }) {
			return role
		}
	}
	return Wired
}

// reachable tells whether a phone in the room can come by one of the link's addresses.
func reachable(l Link) bool {
	return slices.ContainsFunc(l.Addresses, func(a netip.Addr) bool {
		return !a.IsLoopback() && (a.Is4() || a.IsGlobalUnicast())
	})
}

// at returns the link that has a local address.
func at(links []Link, local netip.Addr) (Link, bool) {
	local = local.Unmap().WithZone("")
	for _, l := range links {
		if slices.Contains(l.Addresses, local) {
			return l, true
		}
	}
	return Link{}, false
}

// ipv4At is the link's IPv4 address beside a local one: a private one before
// others, one that two devices on a cable gave themselves last.
func ipv4At(links []Link, local netip.Addr) netip.Addr {
	local = local.Unmap().WithZone("")
	if local.Is4() {
		return local
	}
	link, _ := at(links, local)
	best, bestRank := netip.Addr{}, 0
	for _, a := range link.Addresses {
		rank := 0
		switch {
		case !a.Is4():
		case a.IsPrivate():
			rank = 3
		case a.IsLinkLocalUnicast():
			rank = 1
		default:
			rank = 2
		}
		if rank > bestRank {
			best, bestRank = a, rank
		}
	}
	return best
}
