// Package network tells over which kind of link phones reach the box.
//
// It matters for one decision (ARCHITECTURE.md, P2P is honest about air time):
// through one access point a segment from a phone to a phone crosses the air
// twice, from the box once. The role of a link is therefore the box's place on it:
//
//	wired        by cable: the air begins behind it, with somebody else's access point
//	client       the box is a station of somebody else's access point (or of a mesh)
//	accessPoint  the box is the access point, and its radio is the bottleneck
//
// The role that counts is that of a viewer's own link, which [Watcher.LinkAt] finds by
// the local address of its connection; the box's main one ([BoxRole]) is for what
// comes from a proxy on this machine, and for the API.
//
// # How it is known
//
// The kernel tells each wireless interface's type by nl80211, to anybody and on
// every Raspberry Pi OS (brcmfmac is a cfg80211 driver): AP, AP_VLAN and P2P_GO
// are access points, all other wireless types are clients. What stands on top
// of another interface (a bridge, as hostapd is often set up, a VLAN, a bond)
// shows what is below it as lower_* in /sys/class/net, and has the role of the
// scarcest of these: one access point in a bridge makes it an access point.
// An interface that is real has a device there; what has none, itself and
// below, exists only inside this machine (containers, VPNs), and phones do not
// come over it.
//
// A kernel without wireless is told once and means that all is wired. One that
// does not answer (a sandbox without netlink) leaves what /sys shows: wireless
// or not; then a wireless link counts as client. An access point is missed
// that way, and the room goes by what it measures.
//
// # Pure and not
//
// [Decide] is the decision. [Device] is the machine, of which tests have
// recorded answers. [Watcher.Run] looks every five seconds: a box is switched on
// before its router, a cable is pulled, a hotspot begins.
package network
