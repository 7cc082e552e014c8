package swarm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// A page as the outside sees it: what it has been told and what it has said.
type outsider struct {
	known  map[PeerID]uint32 // sessions
	wants  map[int]Want
	asked  map[int]time.Duration // when
	sentTo map[int][]PeerID
	config Config
}

// storm throws random and hostile inputs at a director and holds what it does
// against what may never happen.
type storm struct {
	t      *testing.T
	random *rand.Rand
	d      *Director
	shadow *Director // restored from a snapshot; must do the same
	now    time.Duration
	pages  map[PeerID]*outsider
	ids    []PeerID
	born   int
	last   string // input and outputs, for messages
}

func TestNothingThatMayNotHappenHappens(t *testing.T) {
	var sum Counts
	for seed := range uint64(30) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			c := runStorm(t, seed, 2000)
			sum.PeerGrants += c.PeerGrants
			sum.Waits += c.Waits
			sum.Leases += c.Leases
			sum.Expired += c.Expired
			sum.Reports += c.Reports
			sum.ICEFailures += c.ICEFailures
			sum.Penalties += c.Penalties
			sum.Refused += c.Refused
		})
	}
	// A storm that never gets anywhere would find nothing.
	if min(sum.PeerGrants, sum.Waits, sum.Leases, sum.Expired, sum.Refused) < 400 ||
		min(sum.Penalties, sum.Reports, sum.ICEFailures) < 15 {
		t.Errorf("the storms were too tame: %+v", sum)
	}
	t.Logf("%+v", sum)
}

// FuzzDirector begins storms from seeds the fuzzer thinks of.
func FuzzDirector(f *testing.F) {
	for _, seed := range []uint64{0, 1, 0xdeadbeef, 1 << 40} {
		f.Add(seed, uint16(300))
	}
	f.Fuzz(func(t *testing.T, seed uint64, inputs uint16) { runStorm(t, seed, int(inputs%2000)) })
}

func runStorm(t *testing.T, seed uint64, inputs int) Counts {
	t.Helper()
	s := &storm{
		t: t, random: rand.New(rand.NewPCG(seed, 1)), pages: map[PeerID]*outsider{},
		d: New(Options{Policy: Policy{Mode: "on"}, Random: rand.NewPCG(seed, 2), Trace: NewTrace(400), Limits: Limits{Penalty: 10 * time.Second, Absent: 2}}),
	}
	for i := range inputs {
		if s.random.IntN(200) == 0 {
			s.fork()
		}
		s.apply(s.input())
		if s.random.IntN(8) == 0 {
			s.now += time.Duration(s.random.Int64N(int64(700 * time.Millisecond)))
		}
		if s.random.IntN(1000) == 0 {
			s.now += 35 * time.Second
		}
		if s.d.Next() <= s.now || i%50 == 0 {
			s.apply(Input{Do: "tick"})
			if s.d.Next() <= s.now {
				t.Fatalf("after a tick at %v the next is due at %v", s.now, s.d.Next())
			}
		}
	}
	n, first, err := Replay(bytes.NewReader(s.d.trace.Bytes()))
	if err != nil || first != nil || n < min(inputs, 400) {
		t.Fatalf("replay of %d inputs: %v, %v", n, err, first)
	}
	return s.d.counts
}

// fork goes on with a second director from a snapshot.
func (s *storm) fork() {
	raw, err := s.d.Snapshot()
	if err != nil {
		s.t.Fatal(err)
	}
	if s.shadow, err = Restore(raw, nil); err != nil {
		s.t.Fatal(err)
	}
}

func (s *storm) apply(in Input) {
	out, err := s.d.Apply(s.now, in)
	if s.shadow != nil {
		again, errAgain := s.shadow.Apply(s.now, in)
		a, _ := json.Marshal(out)
		b, _ := json.Marshal(again)
		if !bytes.Equal(a, b) || fmt.Sprint(err) != fmt.Sprint(errAgain) || s.d.Next() != s.shadow.Next() {
			s.t.Fatalf("%s: the director says\n%s %v\nand one from a snapshot\n%s %v", in.Do, a, err, b, errAgain)
		}
	}
	checkBooks(s.t, s.d)
	what, _ := json.Marshal(in)
	s.last = fmt.Sprintf("%s → %+v", what, out)
	for _, m := range out {
		s.check(in, m)
	}
}

// check holds one message against what may never happen.
func (s *storm) check(in Input, m Send) {
	o := s.pages[m.To]
	if o == nil {
		s.t.Fatalf("%s: a message for %s, which has left", in.Do, m.To)
	}
	switch v := m.Message.(type) {
	case Config:
		o.config = v
	case Peers:
		if v.Peers == nil {
			break
		}
		o.known = map[PeerID]uint32{}
		for _, p := range v.Peers {
			if s.pages[p.ID] == nil || p.ID == m.To {
				s.t.Fatalf("%s is introduced to %s", m.To, p.ID)
			}
			o.known[p.ID] = p.Session
		}
	case Relay:
		if o.known[v.From] != v.Session || v.To != "" {
			s.t.Fatalf("%s got a %s of %s, session %d, and knows %v", m.To, v.Kind, v.From, v.Session, o.known)
		}
	case Grant:
		s.checkGrant(m.To, o, v)
	default:
		s.t.Fatalf("a message of type %T", v)
	}
}

func (s *storm) checkGrant(to PeerID, o *outsider, g Grant) {
	w, asked := o.wants[g.N]
	if !asked || w.ID != g.ID {
		s.t.Fatalf("%s got a grant %d of segment %d that it did not ask for", to, g.ID, g.N)
	}
	deadline := o.asked[g.N] + time.Duration(min(w.In, mostPatience))*time.Millisecond
	switch g.How {
	case "http":
	case "wait":
		// Its own patience is a quarter of a second longer than the director's.
		if end := s.now + time.Duration(g.Milliseconds-250)*time.Millisecond; end > deadline && g.Why != "crowded" {
			s.t.Fatalf("%s is told to wait until %v and needs it at %v (%s)", to, end, deadline, g.Why)
		}
	case "peers":
		o.sentTo[g.N] = g.Peers
		if len(g.Peers) == 0 || len(g.Peers) > 5 {
			s.t.Fatalf("%s is sent to %d peers", to, len(g.Peers))
		}
		for _, id := range g.Peers {
			h := s.d.pages[id]
			switch {
			case o.known[id] == 0:
				s.t.Fatalf("%s is sent to %s, to which it is not introduced: %+v, knows %v", to, id, s.last, o.known)
			case h == nil || !h.Have.has(g.N) || h.group != s.d.pages[to].group:
				s.t.Fatalf("%s is sent to %s, which does not hold %d", to, id, g.N)
			case estranged(h.viewer, s.d.pages[to].viewer), h.viewer.punished(s.now) || slices.Contains(w.Not, id):
				s.t.Fatalf("%s is sent to %s, which is not to be named", to, id)
			}
		}
	default:
		s.t.Fatalf("granted %q", g.How)
	}
}

func (s *storm) someone() PeerID {
	if len(s.ids) == 0 || s.random.IntN(100) == 0 {
		return PeerID(strings.Repeat("z", s.random.IntN(9)))
	}
	return s.ids[s.random.IntN(len(s.ids))]
}

func (s *storm) segment() int {
	switch s.random.IntN(200) {
	case 0:
		return -1
	case 1:
		return 99_999
	case 2:
		return 1 << 40
	}
	return s.random.IntN(40)
}

func (s *storm) spans() []Span {
	out := make([]Span, s.random.IntN(3))
	for i := range out {
		n := s.segment()
		out[i] = Span{n, n + s.random.IntN(8)}
		if s.random.IntN(100) == 0 {
			out[i] = Span{0, s.random.IntN(120_000)}
		}
	}
	return out
}

func (s *storm) input() Input {
	if len(s.ids) < 3 {
		return s.join()
	}
	id := s.someone()
	switch s.random.IntN(24) {
	case 0:
		if len(s.ids) < 25 {
			return s.join()
		}
		fallthrough
	case 1:
		if s.random.IntN(3) > 0 {
			return s.open(id)
		}
		delete(s.pages, id)
		s.ids = slices.DeleteFunc(s.ids, func(o PeerID) bool { return o == id })
		return Input{Peer: id, Do: "leave"}
	case 2, 3, 4, 5, 6, 7, 8, 9, 10:
		return s.want(id)
	case 11, 12, 13, 14, 15:
		return s.have(id)
	case 16, 17:
		return s.gone(id)
	case 18, 19, 20:
		return s.signal(id)
	case 21:
		if s.random.IntN(8) == 0 {
			if s.d.pages[id] == nil {
				break
			}
			return Input{Peer: id, Do: "role", Member: &Member{Role: []string{"wired", "accessPoint"}[s.random.IntN(2)]}}
		}
		if s.random.IntN(20) == 0 {
			return Input{Do: "policy", Policy: &Policy{Mode: []string{"on", "auto", "on", "auto", "off"}[s.random.IntN(5)], Role: "wired"}}
		}
	}
	return Input{Do: "tick"}
}

func (s *storm) join() Input {
	s.born++
	id := PeerID(fmt.Sprintf("p%d", s.born))
	s.ids = append(s.ids, id)
	s.pages[id] = &outsider{known: map[PeerID]uint32{}, wants: map[int]Want{}, asked: map[int]time.Duration{}, sentTo: map[int][]PeerID{}}
	return Input{Peer: id, Do: "join", Member: &Member{
		Name: "N", P2P: s.random.IntN(10) > 0, Viewer: []string{"", "v1", string(id), string(id), string(id)}[s.random.IntN(5)],
		Role: []string{"", "wired", "wired", "client", "accessPoint"}[s.random.IntN(5)],
	}}
}

func (s *storm) open(id PeerID) Input {
	m := Open{Title: "t", Rendition: "r", Segments: 40, Seconds: 4, At: float64(s.random.IntN(160)), Have: s.spans()}
	switch s.random.IntN(30) {
	case 0:
		m.Title = "u"
	case 1:
		m.Segments, m.Seconds = 0, -1
	case 2:
		m.Rendition = ""
	case 3:
		m.Title = ""
	}
	return Input{Peer: id, Do: "open", Open: &m}
}

func (s *storm) want(id PeerID) Input {
	m := Want{ID: s.random.Uint32(), N: s.segment(), In: s.random.IntN(30_000), Why: "ahead"}
	if s.random.IntN(4) == 0 {
		m.In = 0
	}
	for range s.random.IntN(3) {
		m.Not = append(m.Not, s.someone())
	}
	if o := s.pages[id]; o != nil {
		o.wants[m.N], o.asked[m.N] = m, s.now
	}
	in := Input{Peer: id, Do: "want", Want: &m, Segment: Segment{digest, 1_500_000}}
	if s.random.IntN(20) == 0 {
		in.Segment = Segment{}
	}
	return in
}

func (s *storm) have(id PeerID) Input {
	m := Have{Add: s.spans(), At: float64(s.random.IntN(160)), Uploads: s.random.IntN(6), P2PBytes: s.random.Int64N(1e9)}
	if o := s.pages[id]; o != nil && s.random.IntN(2) == 0 {
		for n := range 40 { // most often it got what it asked for
			if _, ok := o.wants[n]; ok {
				m.Add = []Span{{n, n}}
				break
			}
		}
	}
	if s.random.IntN(5) == 0 {
		m.Drop = s.spans()
	}
	return Input{Peer: id, Do: "have", Have: &m}
}

func (s *storm) gone(id PeerID) Input {
	m := Gone{Peer: s.someone(), N: s.segment(), Why: []string{"ice", "timeout", "bad", "refused", "closed", "idle", ""}[s.random.IntN(7)]}
	if o := s.pages[id]; o != nil && s.random.IntN(4) > 0 {
		for _, other := range s.ids { // somebody it knows, and what it was sent to it for
			if o.known[other] == 0 || s.random.IntN(3) > 0 {
				continue
			}
			m.Peer, m.Session = other, o.known[other]
			for n := range 40 {
				if slices.Contains(o.sentTo[n], other) {
					m.N = n
				}
			}
		}
	}
	if s.random.IntN(3) == 0 {
		m.Peer = ""
	}
	return Input{Peer: id, Do: "gone", Gone: &m}
}

func (s *storm) signal(id PeerID) Input {
	m := Signal{To: s.someone(), SDP: "v=0", Session: s.random.Uint32N(20)}
	if o := s.pages[id]; o != nil {
		for _, to := range s.ids {
			if o.known[to] != 0 && s.random.IntN(3) == 0 {
				m.To, m.Session = to, o.known[to]
			}
		}
	}
	return Input{Peer: id, Do: []string{"offer", "answer", "candidate"}[s.random.IntN(3)], Signal: &m}
}
