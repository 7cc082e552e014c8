package web

import (
	"encoding/json"
	"math"
	"slices"

	"streambox.local/web/swarm"
)

// Bounds of what a page's messages may hold beyond maxMessageBytes. What the values
// mean, and whether they make sense together, is the director's to judge.
const (
	maxNot         = 8
	maxWhyBytes    = 16
	maxPeerIDBytes = 8
	maxSeconds     = 1_000_000 // of a film; a playhead
	maxWantMillis  = 600_000
)

// parseSwarm reads a message of a kind of the swarm's; known is false for other
// kinds, sound for what is against the protocol.
func parseSwarm(kind string, text []byte) (in swarm.Input, known, sound bool) {
	in.Do = kind
	switch kind {
	case "open":
		in.Open = &swarm.Open{}
		sound = json.Unmarshal(text, in.Open) == nil && soundOpen(in.Open)
	case "want":
		in.Want = &swarm.Want{}
		sound = json.Unmarshal(text, in.Want) == nil && soundWant(in.Want)
	case "have":
		in.Have = &swarm.Have{}
		sound = json.Unmarshal(text, in.Have) == nil && soundHave(in.Have)
	case "gone":
		in.Gone = &swarm.Gone{}
		sound = json.Unmarshal(text, in.Gone) == nil && soundGone(in.Gone)
	case "offer", "answer", "candidate":
		in.Signal = &swarm.Signal{}
		sound = json.Unmarshal(text, in.Signal) == nil && soundPeer(in.Signal.To) && soundSignal(kind, *in.Signal)
		in.Signal.From = "" // the connection says who speaks
	default:
		return in, false, true
	}
	return in, true, sound
}

func soundOpen(m *swarm.Open) bool {
	return soundSeconds(m.At) && soundSeconds(m.Seconds) && soundCount(m.Segments) && soundSpans(m.Have) && m.Budget >= 0
}

func soundWant(m *swarm.Want) bool {
	return soundNumber(m.N) && m.In >= 0 && m.In <= maxWantMillis && soundWord(m.Why) && len(m.Not) <= maxNot &&
		!slices.ContainsFunc(m.Not, func(id swarm.PeerID) bool { return !soundPeer(id) })
}

func soundHave(m *swarm.Have) bool {
	return soundSpans(m.Add) && soundSpans(m.Drop) && soundSeconds(m.At) && soundCount(m.Segments) &&
		m.Uploads >= 0 && m.P2PBytes >= 0 && m.Rejected >= 0 && m.Stalls >= 0
}

func soundGone(m *swarm.Gone) bool {
	return (m.Peer == "" || soundPeer(m.Peer)) && soundNumber(m.N) && soundWord(m.Why)
}

func soundNumber(n int) bool { return n >= 0 && n < maxSegments }

func soundSeconds(s float64) bool { return s >= 0 && s <= maxSeconds && !math.IsNaN(s) }

func soundCount(n int) bool { return n >= 0 && n <= maxSegments }

func soundWord(s string) bool {
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return len(s) <= maxWhyBytes
}

func soundPeer(id swarm.PeerID) bool {
	return len(id) <= maxPeerIDBytes && lettersAndDigits(string(id), "")
}

func soundSpans(spans []swarm.Span) bool {
	for _, s := range spans {
		if !soundNumber(s[0]) || !soundNumber(s[1]) || s[1] < s[0] {
			return false
		}
	}
	return true
}
