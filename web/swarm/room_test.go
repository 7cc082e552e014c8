package swarm

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"
)

// room is a director with pages that say what a test lets them say.
type room struct {
	t    *testing.T
	d    *Director
	now  time.Duration
	ids  uint32
	sent map[PeerID][]any // since the last drain
}

const digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

var film = Open{Title: "film", Rendition: "720p", Segments: 1000, Seconds: 4}

func newRoom(t *testing.T) *room {
	t.Helper()
	return &room{t: t, d: New(Options{Policy: Policy{Mode: "auto"}, Random: rand.NewPCG(7, 7)}), sent: map[PeerID][]any{}}
}

func (r *room) take(out []Send, err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, s := range out {
		r.sent[s.To] = append(r.sent[s.To], s.Message)
	}
	r.t.Helper()
	checkBooks(r.t, r.d)
}

// join lets a page in that opens the film and has these segments; such a one is
// known to give. What becomes of those that only say so: TestTrust.
func (r *room) join(id PeerID, at float64, have ...Span) {
	r.t.Helper()
	r.take(r.d.Join(r.now, id, Member{Name: string(id), P2P: true, Viewer: "cookie of " + string(id)}), nil)
	m := film
	m.At = at
	r.take(r.d.Open(r.now, id, m))
	if len(have) > 0 {
		r.have(id, at, have...)
		r.d.pages[id].viewer.Gave = true
	}
}

// after lets time pass, with every tick that is due in it.
func (r *room) after(t time.Duration) {
	r.t.Helper()
	end := r.now + t
	for r.d.Next() <= end {
		r.now = max(r.now, r.d.Next())
		r.take(r.d.Tick(r.now), nil)
		if r.d.Next() <= r.now {
			r.t.Fatalf("after a tick at %v the next is due at %v", r.now, r.d.Next())
		}
	}
	r.now = end
}

// pass is after, with everybody speaking often enough to be awake.
func (r *room) pass(t time.Duration) {
	r.t.Helper()
	for ; t > 0; t -= 5 * time.Second {
		r.after(min(t, 5*time.Second))
		for _, p := range append([]*page(nil), r.d.list...) {
			if !p.Asleep {
				r.have(p.ID, p.At.Seconds())
			}
		}
	}
}

func (r *room) want(id PeerID, n int, in time.Duration, not ...PeerID) Grant {
	r.t.Helper()
	r.ids++
	delete(r.sent, id)
	r.take(r.d.Want(r.now, id, Want{ID: r.ids, N: n, In: int(in.Milliseconds()), Not: not}, Segment{digest, 1_500_000}))
	g := r.granted(id, n)
	if g.ID != r.ids {
		r.t.Fatalf("want %d of %s was not answered", n, id)
	}
	return g
}

// granted is the last grant of n that the page was sent.
func (r *room) granted(id PeerID, n int) Grant {
	var last Grant
	for _, m := range r.sent[id] {
		if g, ok := m.(Grant); ok && g.N == n {
			last = g
		}
	}
	return last
}

func (r *room) have(id PeerID, at float64, add ...Span) {
	r.t.Helper()
	r.take(r.d.Have(r.now, id, Have{At: at, Add: add}))
}

// got is a have of one segment that came from a peer.
func (r *room) got(id PeerID, n int) {
	r.t.Helper()
	r.take(r.d.Have(r.now, id, Have{Add: []Span{{n, n}}, P2PBytes: r.d.pages[id].P2PBytes + 1_500_000}))
}

// mesh introduces everybody to everybody.
func (r *room) mesh() {
	r.t.Helper()
	for i, p := range r.d.list {
		for _, o := range r.d.list[:i] {
			if p.pairWith(o) == nil {
				r.d.introduce(p, o)
			}
		}
	}
	r.take(r.d.Tick(r.now), nil)
}

// connect plays the handshake of all introductions and waits until they are open.
func (r *room) connect() {
	r.t.Helper()
	for _, p := range r.d.list {
		for _, x := range p.pairs {
			if x.a == p && !x.Answered {
				r.take(r.d.Signal(r.now, x.Caller, "offer", Signal{To: x.Callee, Session: x.Session, SDP: "v=0"}))
				r.take(r.d.Signal(r.now, x.Callee, "answer", Signal{To: x.Caller, Session: x.Session, SDP: "v=0"}))
			}
		}
	}
	r.after(300 * time.Millisecond)
}

func (r *room) gone(id PeerID, m Gone) {
	r.t.Helper()
	r.take(r.d.Gone(r.now, id, m))
}

func (r *room) session(a, b PeerID) uint32 {
	r.t.Helper()
	x := r.d.pages[a].pairWith(r.d.pages[b])
	if x == nil {
		r.t.Fatalf("%s and %s do not know each other", a, b)
	}
	return x.Session
}

// config is the last one that the page was sent.
func (r *room) config(id PeerID) Config { return r.d.pages[id].Config }

func (r *room) peers(id PeerID) []Peer {
	var last []Peer
	for _, m := range r.sent[id] {
		if p, ok := m.(Peers); ok && p.Peers != nil {
			last = p.Peers
		}
	}
	return last
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func refused(t *testing.T, err error, reason string) {
	t.Helper()
	var p *ProtocolError
	if !errors.As(err, &p) {
		t.Fatalf("got %v, want a protocol error", err)
	}
	equal(t, "reason", p.Reason, reason)
}
