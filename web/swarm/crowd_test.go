package swarm

import (
	"fmt"
	"testing"
	"time"
)

// crowded is a room of ten whose box takes 12 s for a segment when ten fetch.
func crowded(t *testing.T) *room {
	t.Helper()
	r := newRoom(t)
	for i := range 10 {
		r.join(PeerID(fmt.Sprintf("p%d", i)), 0)
	}
	r.mesh()
	r.connect()
	for i := range 10 {
		r.want(PeerID(fmt.Sprintf("p%d", i)), 0, 0)
	}
	r.after(12 * time.Second)
	for i := range 9 {
		r.have(PeerID(fmt.Sprintf("p%d", i)), 0, Span{i, i})
		r.take(r.d.Have(r.now, PeerID(fmt.Sprintf("p%d", i)), Have{Drop: []Span{{i, i}}}))
		r.have(PeerID(fmt.Sprintf("p%d", i)), 0, Span{0, 0})
	}
	for i := range 9 {
		r.want(PeerID(fmt.Sprintf("p%d", i)), 100+i, 0)
	}
	return r
}

func TestACrowdAtTheBox(t *testing.T) {
	cases := []struct {
		sentence string
		do       func(*room)
	}{
		{"A late want waits for the fetch that runs, no longer than the box would take", func(r *room) {
			g := r.want("p9", 100, 0)
			equal(r.t, "how", g.How, "wait")
			equal(r.t, "why", g.Why, "crowded")
			if g.Milliseconds < 4000 || g.Milliseconds > 15_250 {
				r.t.Errorf("for %d ms", g.Milliseconds)
			}
			r.have("p0", 0, Span{100, 100})
			equal(r.t, "then", r.granted("p9", 100).How, "peers")
		}},
		{"Who waits in vain goes to the box in the end", func(r *room) {
			g := r.want("p9", 100, 0)
			r.after(time.Duration(g.Milliseconds) * time.Millisecond)
			equal(r.t, "how", r.granted("p9", 100).How, "http")
		}},
		{"What nobody fetches is fetched at once", func(r *room) {
			g := r.want("p9", 300, 0)
			equal(r.t, "how", g.How, "http")
			equal(r.t, "leases", len(r.d.ordered[0].leases), 10)
		}},
		{"A lease that ends is not held against a page", func(r *room) {
			r.after(16 * time.Second)
			equal(r.t, "penalties", r.d.Stats().Counts.Penalties, 0)
		}},
		{"One page that asks for everything is no crowd", func(r *room) {
			for i := range 9 {
				r.have(PeerID(fmt.Sprintf("p%d", i)), 0, Span{100 + i, 100 + i})
			}
			for n := range 16 {
				r.want("p8", 400+n, 0)
			}
			if r.d.fetching > mostFetches {
				r.t.Errorf("%d fetches are counted", r.d.fetching)
			}
		}},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) { c.do(crowded(t)) })
	}
}
