package swarm

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func TestProtocolErrors(t *testing.T) {
	candidate := strings.Repeat("c", 2000)
	cases := []struct {
		sentence, reason string
		in               Input
	}{
		{"A page that has not joined", "unknown page", Input{Peer: "x", Do: "have", Have: &Have{}}},
		{"A message that there is not", "unknown type", Input{Peer: "a", Do: "shout"}},
		{"A rendition of more segments than there can be", "number of segments out of range", Input{Do: "open", Open: &Open{Segments: 100_001}}},
		{"A rendition of less than none", "number of segments out of range", Input{Do: "open", Open: &Open{Segments: -1}}},
		{"An inventory beyond the playlist", "segments out of range", Input{Do: "open", Open: &Open{Segments: 10, Have: []Span{{5, 10}}}}},
		{"An inventory beyond any playlist", "segments out of range", Input{Do: "open", Open: &Open{Have: []Span{{0, 100_000}}}}},
		{"An inventory that begins before the film", "segments out of range", Input{Do: "have", Have: &Have{Add: []Span{{-1, 0}}}}},
		{"A span that ends before it begins", "segments out of range", Input{Do: "have", Have: &Have{Add: []Span{{5, 4}}}}},
		{"A span that is too long to count", "segments out of range", Input{Do: "have", Have: &Have{Drop: []Span{{0, math.MaxInt}}}}},
		{"The same segments again and again", "segments named twice", Input{Do: "have", Have: &Have{Add: []Span{{0, 999}, {0, 999}}}}},
		{"A negative number of uploads", "negative count", Input{Do: "have", Have: &Have{Uploads: -1}}},
		{"A negative number of bytes", "negative count", Input{Do: "have", Have: &Have{P2PBytes: -1}}},
		{"A playlist that has grown beyond the limit", "number of segments out of range", Input{Do: "have", Have: &Have{Segments: 1 << 40}}},
		{"A want of a segment that there is not", "segment out of range", Input{Do: "want", Want: &Want{N: 1000}}},
		{"A want before the first segment", "segment out of range", Input{Do: "want", Want: &Want{N: -1}}},
		{"A want in the past", "time out of range", Input{Do: "want", Want: &Want{In: -1}}},
		{"A want with more excuses than peers", "too many peers in not", Input{Do: "want", Want: &Want{Not: make([]PeerID, 9)}}},
		{"A goodbye for a reason that there is not", "unknown reason", Input{Do: "gone", Gone: &Gone{Peer: "b", Why: "boredom"}}},
		{"A goodbye to a segment that there is not", "segment out of range", Input{Do: "gone", Gone: &Gone{N: -7}}},
		{"An offer from the page that is called", "offer from the page that is called", Input{Do: "offer", Signal: &Signal{To: "b", Session: 1}}},
		{"An answer without an offer", "answer without an offer", Input{Peer: "a", Do: "answer", Signal: &Signal{To: "b", Session: 1}}},
		{"A description as long as a book", "description too long", Input{Do: "offer", Signal: &Signal{To: "b", SDP: strings.Repeat("v", 9000)}}},
		{"A candidate as long as a letter", "candidate too long", Input{Do: "candidate", Signal: &Signal{To: "b", Candidate: &candidate}}},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) {
			r := newRoom(t)
			r.join("a", 0)
			r.join("b", 0)
			if c.in.Peer == "" {
				c.in.Peer = "a"
			}
			before := len(r.d.pages["a"].Have)
			out, err := r.d.Apply(r.now, c.in)
			refused(t, err, c.reason)
			equal(t, "messages sent because of it", len(out), 0)
			equal(t, "inventory", len(r.d.pages["a"].Have), before)
			equal(t, "counted", r.d.Stats().Counts.Refused, 1)
			checkBooks(t, r.d)
		})
	}
	t.Run("An answer from the page that calls", func(t *testing.T) {
		r := newRoom(t)
		r.join("a", 0)
		r.join("b", 0)
		_, err := r.d.Signal(r.now, "b", "answer", Signal{To: "a", Session: 1})
		refused(t, err, "answer from the page that calls")
	})
}

func TestNoErrors(t *testing.T) {
	cases := []struct {
		sentence string
		in       Input
	}{
		{"A have for a title that is closed may be on its way", Input{Do: "have", Have: &Have{Add: []Span{{0, 1}}}}},
		{"So may a want", Input{Do: "want", Want: &Want{N: 5}}},
		{"A paused page may name any time", Input{Do: "want", Want: &Want{N: 5, In: math.MaxInt}}},
		{"A playhead may be anywhere", Input{Do: "have", Have: &Have{At: math.MaxFloat64}}},
		{"Even before the film", Input{Do: "have", Have: &Have{At: -math.MaxFloat64}}},
		{"A page may give up what it never wanted", Input{Do: "gone", Gone: &Gone{N: 5}}},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) {
			for _, open := range []Open{{}, film} {
				r := newRoom(t)
				r.join("a", 0)
				r.join("b", 0)
				r.take(r.d.Open(0, "a", open))
				c.in.Peer = "a"
				r.take(r.d.Apply(0, c.in))
				r.after(1e10)
			}
		})
	}
}

func TestInputsAsJSON(t *testing.T) {
	empty := ""
	line := 3
	for _, in := range []Input{
		{Peer: "a", Do: "join", Member: &Member{Name: "A", P2P: true, Viewer: "v"}},
		{Peer: "a", Do: "open", Open: &Open{Title: "t", Rendition: "r", Segments: 3, Seconds: 4, Have: []Span{{0, 2}}, At: 1.5, Budget: 9}},
		{Peer: "a", Do: "want", Want: &Want{ID: 1, N: 2, In: 3, Not: []PeerID{"b"}, Why: "play"}, Segment: Segment{digest, 7}},
		{Peer: "a", Do: "have", Have: &Have{Add: []Span{{1, 1}}, At: 2, Uploads: 1, P2PBytes: 3, Rejected: 1, Stalls: 1, Segments: 4}},
		{Peer: "a", Do: "gone", Gone: &Gone{Peer: "b", Session: 1, N: 2, Why: "ice"}},
		{Peer: "a", Do: "candidate", Signal: &Signal{To: "b", Session: 1, Candidate: &empty, Mid: "0", MLine: &line}},
		{Peer: "a", Do: "leave"},
		{Do: "tick"},
		{Do: "policy", Policy: &Policy{Mode: "on", Role: "wired"}},
	} {
		raw, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		var back Input
		if err = json.Unmarshal(raw, &back); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(back)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, in.Do, string(again), string(raw))
	}
	for _, bad := range []string{`{"do":"dance"}`, `{"do":"want","m":7}`, `{"do":"open","m":{"have":[[1]],"segments":"x"}}`, `[]`} {
		var in Input
		if err := json.Unmarshal([]byte(bad), &in); err == nil {
			t.Errorf("%s was read as %+v", bad, in)
		}
	}
}
