// Package names answers the phones on the box's own access point when they ask for
// names (DNS, by unicast).
//
// It knows three kinds of names and nothing else: the box's own
// (streambox.local and streambox: an Android before 12 asks for .local here, or nowhere),
// those that phones ask for to find out what kind of network they are in (the caller
// gives them, package portal knows them), and the one that Windows wants to have an
// address of Microsoft's (its own probe, answered as documented, and never asked for by
// people). All others do not exist: nothing is passed on, nothing is remembered, so
// nothing can be poisoned or used to flood others. What does not exist is said without an
// SOA record, which nobody may then keep (RFC 2308, 5): a phone that goes home finds
// the real ones. For the same reason answers are kept for ten seconds.
//
// Asked is only on the address of the access point. Whoever asks from elsewhere, by a
// route through the box, gets no answer.
//
// [Reply] is the answer, without effects; [Server.Run] listens while there is an
// access point. Packets are taken apart by miekg/dns, which multicast DNS brings anyway.
package names
