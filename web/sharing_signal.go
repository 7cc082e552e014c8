package web

import (
	"net/netip"
	"strconv"
	"strings"

	"streambox.local/web/swarm"
)

// Limits of what one page tells another to connect. An offer for one
// DataChannel has about 500 bytes, with all its candidates 2 KiB; a candidate 200.
const (
	maxSDPBytes       = 8 << 10
	maxCandidateBytes = 512
	maxMidBytes       = 16
	maxMLine          = 31
)

// soundSignal says whether a signal has the shape of its kind. What is in an SDP
// is the other browser's to judge; here it only must be text that cannot be
// taken for anything else.
func soundSignal(kind string, s swarm.Signal) bool {
	if len(s.Mid) > maxMidBytes || !printable(s.Mid, "") || s.MLine != nil && (*s.MLine < 0 || *s.MLine > maxMLine) {
		return false
	}
	if kind == "candidate" {
		return s.SDP == "" && s.Candidate != nil && soundCandidate(*s.Candidate)
	}
	return s.Candidate == nil && len(s.SDP) <= maxSDPBytes && strings.HasPrefix(s.SDP, "v=0") && printable(s.SDP, "\r\n")
}

// soundCandidate takes what RTCIceCandidate.candidate can be: "" for the last
// one, else "candidate:" and its fields on one line.
func soundCandidate(line string) bool {
	if line == "" {
		return true
	}
	return len(line) <= maxCandidateBytes && strings.HasPrefix(line, "candidate:") && printable(line, "")
}

// printable says whether s has only printable ASCII and what is in also.
func printable(s, also string) bool {
	for _, c := range []byte(s) {
		if (c < ' ' || c > '~') && strings.IndexByte(also, c) < 0 {
			return false
		}
	}
	return true
}

// reachable rewrites a candidate that hides its address behind an mDNS name to
// the address that the sender's WebSocket comes from; "" where that helps
// nobody. Browsers hide the addresses of pages without a microphone, and not every
// network carries mDNS from phone to phone. The port in it is that of the
// same socket, so that the address alone is missing.
//
// Not rewritten: TCP, which browsers only dial; to fe80, which WebRTC drops, and
// to global IPv6, of which the phone may have several; from a page on this machine
// to one that is not.
func reachable(candidate string, sender, receiver netip.Addr) string {
	if !mayBeTold(sender, receiver) {
		return ""
	}
	// candidate:<foundation> <component> <transport> <priority> <address> <port> typ host …  (RFC 8839, 5.1)
	fields := strings.Split(candidate, " ")
	const transport, address, port, typ = 2, 4, 5, 7
	if len(fields) <= typ || !strings.EqualFold(fields[transport], "udp") || fields[typ] != "host" ||
		!strings.HasSuffix(fields[address], ".local") {
		return ""
	}
	if n, err := strconv.ParseUint(fields[port], 10, 16); err != nil || n == 0 {
		return ""
	}
	fields[address] = sender.String()
	return strings.Join(fields, " ")
}

// mayBeTold says whether a sender's address is of use to a receiver.
func mayBeTold(sender, receiver netip.Addr) bool {
	switch {
	case !sender.IsValid() || sender.IsUnspecified() || sender.IsMulticast():
		return false
	case sender.IsLoopback():
		return receiver.IsLoopback()
	case sender.Is4():
		return true
	default:
		return sender.IsPrivate() // fc00::/7
	}
}
