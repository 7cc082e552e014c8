// Package stun answers STUN Binding requests on the box, so that phones find
// each other without the internet.
//
// A browser needs it for one reason: on a network without a default route
// Chromium gathers no host candidate at all, and elsewhere it hides host
// addresses behind mDNS names that not every phone can look up. The address
// that this responder saw (server reflexive; there is no NAT between, so it is
// the phone's own on the link) is a candidate that always works. There is no
// TURN: plain HTTP from the box is the better fallback.
//
// # What is answered
//
// A request of RFC 8489 with the magic cookie, method Binding, class request,
// a length that fits the packet, attributes that fit the length, and a
// FINGERPRINT that is right if there is one. The answer is a success with
// XOR-MAPPED-ADDRESS and nothing else: 32 bytes for IPv4, 44 for IPv6. All else
// gets no answer: responses, indications, RFC 3489 without the cookie, requests
// with attributes that must be understood and are not, and whatever was sent to
// a broadcast, multicast or link-local IPv6 address (which is never offered). An error response would only tell a stray
// packet that somebody is here.
//
// The answer leaves from the address that was asked (IP_PKTINFO; a client drops
// one that comes from elsewhere), which the kernel does not do by itself on a
// box with a cable and a hotspot. Outside Linux the kernel chooses.
//
// # Abuse
//
// An answer is about as long as its request, so there is little to gain by
// forged sources. Each source (an IPv6 /64 is one) has 20 answers a second and
// 100 at once: a page that meets six peers asks about a dozen times. All
// together have 2,000 a second; 4,096 sources are remembered.
//
// # Port
//
// 3478, or the next free one of the ten from there: 3478 may be held by another
// program of the owner's (coturn). [Responder.Port] tells which, and the log.
// IPv4 and IPv6 have the same one; a kernel without IPv6 is fine. A box that
// was told to listen at one address only ([Config.Listen]) answers at no other.
package stun
