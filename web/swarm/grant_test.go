package swarm

import (
	"slices"
	"testing"
	"time"
)

const soon, far = 3 * time.Second, 20 * time.Second

func TestGrants(t *testing.T) {
	cases := []struct {
		sentence string
		do       func(*room)
	}{
		{"Who is alone goes to the box, and nobody is granted anything by it", func(r *room) {
			r.join("a", 0)
			g := r.want("a", 0, 0)
			equal(r.t, "how", g.How, "http")
			equal(r.t, "why", g.Why, "alone")
			equal(r.t, "leases", r.d.Stats().Counts.Leases, 0)
		}},
		{"The first who wants a segment fetches it, the second waits for that and then has it from the first", func(r *room) {
			r.join("a", 0)
			r.join("b", 0)
			r.connect()
			equal(r.t, "first", r.want("a", 5, far).How, "http")
			g := r.want("b", 5, far)
			equal(r.t, "second", g.How, "wait")
			equal(r.t, "why", g.Why, "leased")
			r.have("a", 0, Span{5, 5})
			g = r.granted("b", 5)
			equal(r.t, "then", g.How, "peers")
			equal(r.t, "from", g.Peers[0], PeerID("a"))
			equal(r.t, "digest", g.SHA256, digest)
			equal(r.t, "size", g.Bytes, 1_500_000)
		}},
		{"A lease that ends goes to the waiter with the nearest deadline, and the others wait for that one", func(r *room) {
			for _, id := range []PeerID{"a", "b", "c"} {
				r.join(id, 0)
			}
			r.want("a", 5, far)
			r.want("b", 5, far)
			r.want("c", 5, far-time.Second)
			r.after(2500 * time.Millisecond)
			equal(r.t, "nearest", r.granted("c", 5).How, "http")
			equal(r.t, "other", r.granted("b", 5).How, "wait")
			equal(r.t, "expired", r.d.Stats().Counts.Expired, 1)
		}},
		{"Nobody is told to wait when the deadline is nearer than the lease's end", func(r *room) {
			r.join("a", 0)
			r.join("b", 0)
			r.want("a", 5, far)
			g := r.want("b", 5, 1900*time.Millisecond)
			equal(r.t, "how", g.How, "http")
			equal(r.t, "why", g.Why, "due")
			equal(r.t, "leases", r.d.Stats().Counts.Leases, 1)
		}},
		{"What is due now comes from the box even while another page fetches it", func(r *room) {
			r.join("a", 0)
			r.join("b", 0)
			r.want("a", 5, far)
			equal(r.t, "how", r.want("b", 5, 0).How, "http")
		}},
		{"What is due now comes from a peer that has it and is connected", func(r *room) {
			r.join("a", 0, Span{0, 9})
			r.join("b", 0)
			r.connect()
			equal(r.t, "how", r.want("b", 5, 0).How, "peers")
		}},
		{"A newcomer's first segment comes from the box: the connections are not there yet", func(r *room) {
			r.join("a", 40, Span{0, 19})
			r.join("b", 0)
			g := r.want("b", 0, 0)
			equal(r.t, "how", g.How, "http")
			equal(r.t, "why", g.Why, "connecting")
			r.connect()
			r.have("b", 0, Span{0, 0})
			equal(r.t, "the second one", r.want("b", 1, soon).How, "peers")
		}},
		{"A segment without a digest is fetched from the box by everybody", func(r *room) {
			r.join("a", 0, Span{0, 9})
			r.join("b", 0)
			r.take(r.d.Want(r.now, "b", Want{ID: 1, N: 5, In: 20000}, Segment{}))
			equal(r.t, "why", r.granted("b", 5).Why, "noDigest")
		}},
		{"A page has two leases at most; the third want waits until one is fulfilled", func(r *room) {
			r.join("a", 0)
			r.join("b", 100)
			r.want("a", 5, far)
			r.want("a", 6, far)
			g := r.want("a", 7, far)
			equal(r.t, "how", g.How, "wait")
			equal(r.t, "why", g.Why, "leases")
			r.have("a", 0, Span{5, 5})
			equal(r.t, "then", r.granted("a", 7).How, "http")
		}},
		{"A saturated holder is not named: who has time waits until a slot is free", func(r *room) {
			r.join("a", 0, Span{0, 9})
			for _, id := range []PeerID{"b", "c", "d", "e", "f"} {
				r.join(id, 0)
			}
			r.connect()
			for _, id := range []PeerID{"b", "c", "d", "e"} {
				equal(r.t, string(id), r.want(id, 5, far).How, "peers")
			}
			g := r.want("f", 5, far)
			equal(r.t, "fifth", g.How, "wait")
			equal(r.t, "why", g.Why, "busy")
			r.got("c", 5)
			g = r.granted("f", 5)
			equal(r.t, "then", g.How, "peers")
			if !slices.Contains(g.Peers, "c") || !slices.Contains(g.Peers, "a") {
				r.t.Errorf("named %v, want the new holder and the one with the free slot", g.Peers)
			}
		}},
		{"A saturated holder and no time: the box", func(r *room) {
			r.join("a", 0, Span{0, 9})
			for _, id := range []PeerID{"b", "c", "d", "e", "f"} {
				r.join(id, 0)
			}
			r.connect()
			for _, id := range []PeerID{"b", "c", "d", "e"} {
				r.want(id, 5, far)
			}
			g := r.want("f", 5, 700*time.Millisecond)
			equal(r.t, "how", g.How, "http")
			equal(r.t, "why", g.Why, "busy")
		}},
		{"Of several holders the least busy is named first, and five at most", func(r *room) {
			for _, id := range []PeerID{"a", "b", "c", "d", "e", "f"} {
				r.join(id, 0, Span{0, 9})
			}
			r.join("g", 0)
			r.join("h", 0)
			r.mesh()
			r.connect()
			first := r.want("g", 5, far)
			equal(r.t, "named", len(first.Peers), 5)
			second := r.want("h", 5, far)
			if second.Peers[0] == first.Peers[0] {
				r.t.Errorf("%s was named first twice while others were idle", first.Peers[0])
			}
		}},
		{"Who comes and says that it has everything is believed where there is time to find out otherwise", func(r *room) {
			r.join("a", 0)
			boast := film
			boast.Have = []Span{{0, 999}}
			r.take(r.d.Join(r.now, "b", Member{P2P: true, Viewer: "b"}), nil)
			r.take(r.d.Open(r.now, "b", boast))
			r.connect()
			equal(r.t, "needed soon", r.want("a", 1, soon).How, "http")
			equal(r.t, "needed later", r.want("a", 7, far).How, "peers")
			r.got("a", 7)
			equal(r.t, "needed soon, after it has given one", r.want("a", 2, soon).How, "peers")
		}},
		{"Who failed to deliver is not named again to the same page", func(r *room) {
			r.join("a", 0, Span{0, 9})
			r.join("b", 0)
			r.connect()
			r.want("b", 5, far)
			r.gone("b", Gone{Peer: "a", N: 5, Why: "timeout"})
			equal(r.t, "that segment", r.want("b", 5, far, "a").How, "http")
			equal(r.t, "another one", r.want("b", 6, far).How, "http")
			r.have("b", 0, Span{5, 6})
			r.pass(31 * time.Second)
			equal(r.t, "after half a minute", r.want("b", 7, far).How, "peers")
		}},
		{"A page that gives its segment up lets the next one fetch it", func(r *room) {
			r.join("a", 0)
			r.join("b", 0)
			r.want("a", 5, far)
			r.want("b", 5, far)
			r.gone("a", Gone{N: 5})
			equal(r.t, "how", r.granted("b", 5).How, "http")
		}},
		{"A page that leaves lets the next one fetch what it had leased", func(r *room) {
			r.join("a", 0)
			r.join("b", 0)
			r.join("c", 0)
			r.want("a", 5, far)
			r.want("b", 5, far)
			r.take(r.d.Leave(r.now, "a"), nil)
			equal(r.t, "how", r.granted("b", 5).How, "http")
			if slices.ContainsFunc(r.peers("b"), func(p Peer) bool { return p.ID == "a" }) {
				r.t.Error("the page that left is still told")
			}
		}},
		{"Who fetched more than its share lets somebody in step go first, but not for ever", func(r *room) {
			r.join("a", 0)
			r.join("b", 0)
			for n := range 3 {
				r.want("a", n, far)
				r.have("a", 0, Span{n, n})
			}
			g := r.want("a", 5, far)
			equal(r.t, "how", g.How, "wait")
			equal(r.t, "why", g.Why, "turn")
			r.after(time.Second)
			equal(r.t, "nobody came", r.granted("a", 5).How, "http")
			equal(r.t, "turn of another segment", r.want("a", 6, far).Why, "turn")
			equal(r.t, "who has the turn", r.want("b", 6, far).How, "http")
			r.after(time.Second)
			equal(r.t, "and then", r.granted("a", 6).Why, "leased")
		}},
		{"The end of a wait is decided by the director, and the page hears of it first", func(r *room) {
			r.join("a", 0)
			r.join("b", 0)
			r.want("a", 5, far)
			g := r.want("b", 5, far)
			r.after(time.Duration(g.Milliseconds) * time.Millisecond)
			equal(r.t, "how", r.granted("b", 5).How, "http")
		}},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) { c.do(newRoom(t)) })
	}
}
