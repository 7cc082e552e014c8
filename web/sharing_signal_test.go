package web

import (
	"net/netip"
	"strings"
	"testing"

	"streambox.local/web/swarm"
)

const hiddenCandidate = "candidate:842163049 1 udp 2113937151 0b8d6b0e-2f0a-4c56-9a3e-0f6f0c0c9f11.local 50001 typ host generation 0 ufrag AbCd network-cost 999"

func TestACandidateThatHidesItsAddressIsGivenTheOneTheBoxSees(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, candidate, sender, receiver, want string // want: the address, "" = not rewritten
	}{
		{"both by IPv4", hiddenCandidate, "192.168.1.7", "192.168.1.8", "192.168.1.7"},
		{"by a unique local address", hiddenCandidate, "fd12::7", "fd12::8", "fd12::7"},
		{"one by IPv4, the other by a unique local address", hiddenCandidate, "192.168.1.7", "fd12::8", "192.168.1.7"},
		{"the other way round", hiddenCandidate, "fd12::7", "192.168.1.8", "fd12::7"},
		{"a receiver by a link-local address still hears of IPv4", hiddenCandidate, "192.168.1.7", "fe80::8", "192.168.1.7"},
		{"a sender by a link-local address: WebRTC drops fe80", hiddenCandidate, "fe80::7", "192.168.1.8", ""},
		{"a sender by a global address", hiddenCandidate, "2001:db8::7", "2001:db8::8", ""},
		{"a page on the box and a phone", hiddenCandidate, "127.0.0.1", "192.168.1.8", ""},
		{"a page on the box by IPv6 and a phone", hiddenCandidate, "::1", "192.168.1.8", ""},
		{"a phone and a page on the box", hiddenCandidate, "192.168.1.8", "127.0.0.1", "192.168.1.8"},
		{"two pages on the box", hiddenCandidate, "127.0.0.1", "127.0.0.1", "127.0.0.1"},
		{"a candidate with an address", strings.Replace(hiddenCandidate, "0b8d6b0e-2f0a-4c56-9a3e-0f6f0c0c9f11.local", "192.168.1.9", 1), "192.168.1.7", "192.168.1.8", ""},
		{"TCP", strings.Replace(hiddenCandidate, "udp", "tcp", 1), "192.168.1.7", "192.168.1.8", ""},
		{"UDP in capitals, as Firefox writes it", strings.Replace(hiddenCandidate, "udp", "UDP", 1), "192.168.1.7", "192.168.1.8", "192.168.1.7"},
		{"a server's reflexion", strings.Replace(hiddenCandidate, "typ host", "typ srflx", 1), "192.168.1.7", "192.168.1.8", ""},
		{"port 0", strings.Replace(hiddenCandidate, "50001", "0", 1), "192.168.1.7", "192.168.1.8", ""},
		{"no port", strings.Replace(hiddenCandidate, "50001", "x", 1), "192.168.1.7", "192.168.1.8", ""},
		{"too few fields", "candidate:1 1 udp 1 a.local 5 typ", "192.168.1.7", "192.168.1.8", ""},
		{"the last one", "", "192.168.1.7", "192.168.1.8", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := reachable(c.candidate, netip.MustParseAddr(c.sender), netip.MustParseAddr(c.receiver))
			want := ""
			if c.want != "" {
				want = strings.Replace(c.candidate, "0b8d6b0e-2f0a-4c56-9a3e-0f6f0c0c9f11.local", c.want, 1)
			}
			equal(t, "rewritten", got, want)
		})
	}
	equal(t, "an address that is not known", reachable(hiddenCandidate, netip.Addr{}, netip.MustParseAddr("192.168.1.8")), "")
}

func TestSignalsHaveAShape(t *testing.T) {
	t.Parallel()
	text := func(s string) *string { return &s }
	line := func(n int) *int { return &n }
	sdp := "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n"
	for _, c := range []struct {
		name, kind string
		signal     swarm.Signal
		sound      bool
	}{
		{"an offer", "offer", swarm.Signal{SDP: sdp}, true},
		{"an answer", "answer", swarm.Signal{SDP: sdp}, true},
		{"an offer of nothing", "offer", swarm.Signal{}, false},
		{"an offer that is no SDP", "offer", swarm.Signal{SDP: "hello"}, false},
		{"an offer with a candidate", "offer", swarm.Signal{SDP: sdp, Candidate: text("")}, false},
		{"an offer that is too long", "offer", swarm.Signal{SDP: sdp + strings.Repeat("a", maxSDPBytes)}, false},
		{"an offer with a zero byte", "offer", swarm.Signal{SDP: sdp + "\x00"}, false},
		{"an offer with letters beyond ASCII", "offer", swarm.Signal{SDP: sdp + "ü"}, false},
		{"a candidate", "candidate", swarm.Signal{Candidate: text(hiddenCandidate), Mid: "0", MLine: line(0)}, true},
		{"the last candidate", "candidate", swarm.Signal{Candidate: text("")}, true},
		{"no candidate", "candidate", swarm.Signal{}, false},
		{"a candidate with an SDP", "candidate", swarm.Signal{Candidate: text(""), SDP: sdp}, false},
		{"a candidate that is something else", "candidate", swarm.Signal{Candidate: text("a=x")}, false},
		{"a candidate of two lines", "candidate", swarm.Signal{Candidate: text(hiddenCandidate + "\r\na=x")}, false},
		{"a candidate that is too long", "candidate", swarm.Signal{Candidate: text("candidate:" + strings.Repeat("1", maxCandidateBytes))}, false},
		{"a mid that is too long", "candidate", swarm.Signal{Candidate: text(""), Mid: strings.Repeat("0", maxMidBytes+1)}, false},
		{"a mid with a line break", "candidate", swarm.Signal{Candidate: text(""), Mid: "0\n"}, false},
		{"a line before the first", "candidate", swarm.Signal{Candidate: text(""), MLine: line(-1)}, false},
		{"a line that no offer of ours has", "candidate", swarm.Signal{Candidate: text(""), MLine: line(maxMLine + 1)}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			equal(t, "sound", soundSignal(c.kind, c.signal), c.sound)
		})
	}
}
