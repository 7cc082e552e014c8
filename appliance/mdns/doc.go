// Package mdns owns the box's name on the network: streambox.local, without
// anybody having set up anything, and the entries by which other programs find
// it. It speaks Multicast DNS (RFC 6762) and DNS-SD (RFC 6763).
//
// # Two halves
//
// The name is ours, in this package; grandcat/zeroconf advertises the services
// _http._tcp and _streambox._tcp, behind an interface of two methods
// (services.go). That library never answers for a host name, so it would point
// to a name that nobody owns.
//
// # What is told
//
// For each link the addresses of that link and no others: IPv4 and unique local
// IPv6. Never fe80, because WebRTC drops such candidates, and never global IPv6,
// because browsers call a page there public and keep it from its neighbours.
// What the machine does not have is denied (NSEC), so that a phone need not wait
// for an answer that will not come.
//
// # The life of a name
//
// On every link the name is first asked for (three probes, a quarter of a
// second apart), then announced (three times), then answered for and defended.
// Links have lives of their own, as a cable comes when it comes, but the name is
// one: who loses it on one link takes the next (streambox-2) on all. A name that
// was won is kept in a [NameStore] and is where the next start begins, so that
// two boxes in one house keep theirs apart.
//
// Somebody who asks for the name at the same moment is met with the tie-break
// of RFC 6762 8.2; one who has it is left with it; one who claims it when it is
// ours makes us ask again (9), which finds out who is right. Too many conflicts
// make us slow (8.1).
//
// What another program on this machine says with this machine's own addresses
// is no conflict (9: the same data): where the machine itself is called
// streambox, avahi and we answer alike. When it says goodbye to an address that
// we still have, we say it again.
//
// # Pure and not
//
// [machine] takes links, packets and the time, and gives packets and a time to
// wake it; it has no clock, no socket and no goroutine. [Responder.Run] joins it
// with the sockets (sockets.go), the kernel's news of links and addresses
// (netlink_linux.go), and zeroconf. Its tests run whole boxes on a network of
// the test's making, in virtual time; netns_linux_test.go has real packets,
// real kernels and avahi.
//
// # What a hostile network can do
//
// Packets of more than 9,000 bytes or 256 records are not read. Of one sender 50
// packets a second are looked into, of all together 400, so that who floods the
// network takes nothing from the others (sources.go); of more than 10,000 the rest is
// left to the kernel to drop. A record is multicast at most once a second (four
// times when the name is defended), 20 unicast answers a second leave per link, and only to
// neighbours. zeroconf has no such limits, so its services rest while more than
// 1,000 packets a second come in, and for half a minute after (loudness.go). Only multicast is heard, so
// that nobody beyond the router can speak to us. Who claims the name again and
// again can make the box change it: mDNS has no secrets. Every name it takes is
// on the page, and the addresses without names go on working.
package mdns
