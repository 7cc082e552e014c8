package swarm

import (
	"testing"
	"time"
)

// held is a room in which each of these pages holds segments 0…9 and knows all others.
func held(t *testing.T, ids ...PeerID) *room {
	t.Helper()
	r := newRoom(t)
	for _, id := range ids {
		r.join(id, 0)
	}
	for _, id := range ids {
		r.have(id, 0, Span{0, 9})
	}
	r.connect()
	return r
}

// accuse lets a page want a segment of the accused alone, and report it.
func accuse(r *room, accuser, accused PeerID, n int, why string) {
	r.t.Helper()
	for _, p := range r.d.list {
		if p.ID != accused && p.Have.has(n) {
			r.take(r.d.Have(r.now, p.ID, Have{Drop: []Span{{n, n}}}))
		}
	}
	if g := r.want(accuser, n, far); g.How != "peers" || g.Peers[0] != accused {
		r.t.Fatalf("%s was sent to %s %v for segment %d, not to %s", accuser, g.How, g.Peers, n, accused)
	}
	r.gone(accuser, Gone{Peer: accused, N: n, Why: why})
}

func TestPenalties(t *testing.T) {
	cases := []struct {
		sentence string
		held     []PeerID // who knows all others and holds segments 0…9
		do       func(*room)
	}{
		{"Two leases that expire make a page HTTP-only for five minutes", []PeerID{"a", "b"}, func(r *room) {
			r.want("a", 20, far)
			r.want("a", 21, far)
			r.after(5 * time.Second)
			equal(r.t, "on", r.config("a").On, false)
			equal(r.t, "why", r.config("a").Why, "penalty")
			equal(r.t, "its wants", r.want("a", 22, far).Why, "penalty")
			equal(r.t, "the other is alone now", r.config("b").Why, "alone")
			r.pass(4 * time.Minute)
			equal(r.t, "after four minutes", r.config("a").On, false)
			r.pass(time.Minute)
			equal(r.t, "after five minutes", r.config("a").On, true)
		}},
		{"A lease fulfilled late is no strike, and takes back the penalty it led to", []PeerID{"a", "b"}, func(r *room) {
			r.want("a", 20, far)
			r.want("a", 21, far)
			r.after(5 * time.Second)
			equal(r.t, "on", r.config("a").On, false)
			r.have("a", 0, Span{20, 21})
			equal(r.t, "on", r.config("a").On, true)
		}},
		{"A reload does not wipe a penalty out: it belongs to the cookie", []PeerID{"a", "b", "c"}, func(r *room) {
			r.want("a", 20, far)
			r.want("a", 21, far)
			r.after(5 * time.Second)
			r.take(r.d.Leave(r.now, "a"), nil)
			r.take(r.d.Join(r.now, "a2", Member{P2P: true, Viewer: "cookie of a"}), nil)
			r.take(r.d.Open(r.now, "a2", film))
			equal(r.t, "why", r.config("a2").Why, "penalty")
		}},
		{"Leases taken and given back late, one after the other, are no way around it", []PeerID{"a", "b", "c"}, func(r *room) {
			for n := 20; n < 20+maxGivenUp; n++ {
				r.want("a", n, far)
				r.after(1500 * time.Millisecond)
				r.gone("a", Gone{N: n})
			}
			equal(r.t, "why", r.config("a").Why, "penalty")
		}},
		{"A page that seeks and gives back at once what it does not need any more does nothing wrong", []PeerID{"a", "b", "c"}, func(r *room) {
			for n := 20; n < 40; n++ {
				r.want("a", n, far)
				r.gone("a", Gone{N: n})
			}
			equal(r.t, "on", r.config("a").On, true)
		}},
		{"A holder whose slots are full is blamed by nobody, and the next one named carries the load", []PeerID{"full", "next", "a", "b", "c"}, func(r *room) {
			for _, id := range []PeerID{"a", "b", "c"} {
				g := r.want(id, 0, far)
				before := r.d.pages[g.Peers[0]].serving
				r.gone(id, Gone{Peer: g.Peers[0], N: 0, Why: "busy"})
				equal(r.t, "load of the first", r.d.pages[g.Peers[0]].serving, before-1)
				equal(r.t, "who carries it", r.d.pages[id].wantOf(0).first.ID, g.Peers[1])
				equal(r.t, "named again at once", r.d.pages[id].shuns(g.Peers[0], r.now), true)
				equal(r.t, "named again later", r.d.pages[id].shuns(g.Peers[0], r.now+r.d.limits.Busy), false)
			}
			equal(r.t, "reports", r.d.counts.Reports, 0)
		}},
		{"Three viewers who got nothing from a holder: it is not named for five minutes", []PeerID{"liar", "a", "b", "c", "d"}, func(r *room) {
			for i, id := range []PeerID{"a", "b", "c"} {
				equal(r.t, "before", r.config("liar").On, true)
				accuse(r, id, "liar", i, "timeout")
				r.after(sameMoment)
			}
			equal(r.t, "why", r.config("liar").Why, "penalty")
			equal(r.t, "how", r.want("d", 2, far).How, "http")
		}},
		{"A phone that stands still for a moment lets down all who wait for it: that is one report", []PeerID{"slow", "a", "b", "c"}, func(r *room) {
			for i, id := range []PeerID{"a", "b", "c"} {
				accuse(r, id, "slow", i, "timeout")
				r.after(time.Second)
			}
			equal(r.t, "incidents", incidents(r.d.pages["slow"].viewer.Reports), 1)
			equal(r.t, "on", r.config("slow").On, true)
		}},
		{"Wrong segments are no moment's weakness: each report counts", []PeerID{"liar", "a", "b", "c"}, func(r *room) {
			for i, id := range []PeerID{"a", "b", "c"} {
				accuse(r, id, "liar", i, "bad")
			}
			equal(r.t, "why", r.config("liar").Why, "penalty")
		}},
		{"One viewer's reports count once, however many and from however many tabs", []PeerID{"good", "a", "b"}, func(r *room) {
			accuse(r, "a", "good", 0, "timeout")
			r.after(31 * time.Second)
			for _, id := range []PeerID{"good", "a", "b"} {
				r.have(id, 0)
			}
			for i, id := range []PeerID{"t1", "t2", "t3"} {
				r.take(r.d.Join(r.now, id, Member{P2P: true, Viewer: "cookie of a"}), nil)
				r.take(r.d.Open(r.now, id, film))
				r.connect()
				r.have("good", 0, Span{1, 9})
				accuse(r, id, "good", i+1, "timeout")
				r.after(sameMoment)
			}
			equal(r.t, "on", r.config("good").On, true)
		}},
		{"A report about a segment that was not granted counts nothing", []PeerID{"good", "a", "b", "c"}, func(r *room) {
			for _, id := range []PeerID{"a", "b", "c"} {
				r.gone(id, Gone{Peer: "good", N: 3, Why: "bad"})
			}
			equal(r.t, "reports", r.d.Stats().Counts.Reports, 0)
			equal(r.t, "on", r.config("good").On, true)
		}},
		{"A report about a page one was never introduced to counts nothing", []PeerID{"good", "a", "b"}, func(r *room) {
			for _, id := range []PeerID{"a", "b"} {
				r.gone(id, Gone{Peer: "nobody", N: 3, Why: "bad"})
				r.gone(id, Gone{Peer: id, N: 3, Why: "bad"})
			}
			equal(r.t, "reports", r.d.Stats().Counts.Reports, 0)
		}},
		{"Who had said that it dropped the segment is not to blame", []PeerID{"good", "a", "b", "c"}, func(r *room) {
			for i, id := range []PeerID{"a", "b", "c"} {
				for _, o := range []PeerID{"a", "b", "c"} {
					r.take(r.d.Have(r.now, o, Have{Drop: []Span{{i, i}}}))
				}
				r.want(id, i, far)
				r.take(r.d.Have(r.now, "good", Have{Drop: []Span{{i, i}}}))
				r.gone(id, Gone{Peer: "good", N: i, Why: "refused"})
			}
			equal(r.t, "on", r.config("good").On, true)
		}},
		{"Who refuses because it has all the uploads it may have is not to blame", []PeerID{"good", "a", "b", "c"}, func(r *room) {
			for i, id := range []PeerID{"a", "b", "c"} {
				for _, o := range []PeerID{"a", "b", "c"} {
					r.take(r.d.Have(r.now, o, Have{Drop: []Span{{i, i}}}))
				}
				r.want(id, i, far)
				r.take(r.d.Have(r.now, "good", Have{Uploads: 4}))
				r.gone(id, Gone{Peer: "good", N: i, Why: "refused"})
				r.take(r.d.Have(r.now, "good", Have{}))
			}
			equal(r.t, "on", r.config("good").On, true)
		}},
		{"Three who lie together harm two at most", []PeerID{"x", "y", "z", "a", "b", "c"}, func(r *room) {
			for _, good := range []PeerID{"a", "b", "c"} {
				for i, liar := range []PeerID{"x", "y", "z"} {
					for _, id := range []PeerID{"a", "b", "c", "x", "y", "z"} {
						r.have(id, 0, Span{0, 9})
					}
					accuse(r, liar, good, i, "timeout")
					r.after(sameMoment)
				}
			}
			on := 0
			for _, id := range []PeerID{"a", "b", "c"} {
				if r.config(id).On {
					on++
				}
			}
			equal(r.t, "still on", on, 1)
		}},
		{"ICE that fails with two peers makes a page HTTP-only", []PeerID{"a", "b", "c", "d"}, func(r *room) {
			r.gone("a", Gone{Peer: "b", Session: r.session("a", "b"), Why: "ice"})
			equal(r.t, "with one", r.config("a").On, true)
			r.gone("a", Gone{Peer: "c", Session: r.session("a", "c"), Why: "ice"})
			equal(r.t, "with two", r.config("a").Why, "failing")
			equal(r.t, "the others", r.config("b").On && r.config("c").On, true)
		}},
		{"ICE that fails with the same peer twice counts once", []PeerID{"a", "b", "c"}, func(r *room) {
			r.gone("a", Gone{Peer: "b", Session: r.session("a", "b"), Why: "ice"})
			r.d.pages["a"].Avoid, r.d.pages["b"].Avoid = nil, nil
			r.d.introduce(r.d.pages["a"], r.d.pages["b"])
			r.connect()
			r.gone("a", Gone{Peer: "b", Session: r.session("a", "b"), Why: "ice"})
			equal(r.t, "on", r.config("a").On, true)
		}},
		{"Peers that never answer do not make a page look as if it could not connect", nil, func(r *room) {
			for _, id := range []PeerID{"a", "b", "c", "d"} {
				r.join(id, 0)
			}
			for _, x := range r.d.pages["d"].pairs {
				if x.Callee != "a" {
					r.take(r.d.Signal(r.now, "d", "offer", Signal{To: x.Callee, Session: x.Session, SDP: "v=0"}))
				}
			}
			for _, id := range []PeerID{"b", "c"} {
				r.gone("d", Gone{Peer: id, Session: r.session("d", id), Why: "ice"})
			}
			equal(r.t, "on", r.config("d").On, true)
		}},
		{"Who has a connection that works is not failing", []PeerID{"a", "b", "c", "d"}, func(r *room) {
			r.have("b", 0, Span{20, 20})
			r.want("a", 20, far)
			r.got("a", 20)
			for _, id := range []PeerID{"c", "d"} {
				r.gone("a", Gone{Peer: id, Session: r.session("a", id), Why: "ice"})
			}
			equal(r.t, "on", r.config("a").On, true)
		}},
		{"A squatter's lease ends and no waiter is late by it", []PeerID{"squatter", "a"}, func(r *room) {
			g := r.want("squatter", 20, far)
			deadline := r.now + 4*time.Second
			equal(r.t, "how", r.want("a", 20, 4*time.Second).How, "wait")
			r.after(time.Duration(g.Milliseconds)*time.Millisecond + 2*time.Millisecond)
			equal(r.t, "then", r.granted("a", 20).How, "http")
			if left := deadline - r.now; left < time.Second {
				r.t.Errorf("%v left to fetch it", left)
			}
		}},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) { c.do(held(t, c.held...)) })
	}
}
