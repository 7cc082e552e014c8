package swarm

import (
	"fmt"
	"testing"
	"time"
)

// tab is one more page of a cookie.
func tab(r *room, id PeerID, cookie, title string) {
	r.t.Helper()
	r.take(r.d.Join(r.now, id, Member{P2P: true, Viewer: cookie}), nil)
	m := film
	m.Title = title
	r.take(r.d.Open(r.now, id, m))
}

// Two leases are a viewer's, in however many tabs it plays a film.
func TestLeasesOfTabs(t *testing.T) {
	cases := []struct {
		sentence string
		do       func(*room)
	}{
		{"Eight tabs of a film have two leases between them", func(r *room) {
			leases := 0
			for i := range 8 {
				id := PeerID(fmt.Sprintf("t%d", i))
				tab(r, id, "one cookie", "film")
				for k := range 2 {
					if r.want(id, 100+2*i+k, far).Why == "lease" {
						leases++
					}
				}
			}
			equal(r.t, "leases", leases, 2)
		}},
		{"When one is fulfilled, the other tab's want has its turn at once", func(r *room) {
			tab(r, "t1", "one cookie", "film")
			tab(r, "t2", "one cookie", "film")
			r.want("t1", 100, far)
			r.want("t1", 101, far)
			g := r.want("t2", 102, far)
			equal(r.t, "how", g.How, "wait")
			equal(r.t, "why", g.Why, "leases")
			r.have("t1", 0, Span{100, 100})
			equal(r.t, "then", r.granted("t2", 102).Why, "lease")
		}},
		{"When the tab that has them is closed, also", func(r *room) {
			tab(r, "t1", "one cookie", "film")
			tab(r, "t2", "one cookie", "film")
			r.want("t1", 100, far)
			r.want("t1", 101, far)
			r.want("t2", 102, far)
			r.take(r.d.Leave(r.now, "t1"), nil)
			equal(r.t, "then", r.granted("t2", 102).Why, "lease")
		}},
		{"When the two have run out, also", func(r *room) {
			r.d.limits.Penalty = time.Millisecond // the cookie's, for that; it is not what this is about
			tab(r, "t1", "one cookie", "film")
			tab(r, "t2", "one cookie", "film")
			g := r.want("t1", 100, far)
			r.want("t1", 101, far)
			r.after(200 * time.Millisecond)
			r.want("t2", 102, far)
			r.after(time.Duration(g.Milliseconds)*time.Millisecond - 250*time.Millisecond)
			equal(r.t, "before", r.granted("t2", 102).How, "wait")
			r.after(50 * time.Millisecond)
			equal(r.t, "then", r.granted("t2", 102).How, "http")
		}},
		{"A tab whose cookie has its two goes to the box in time all the same", func(r *room) {
			tab(r, "t1", "one cookie", "film")
			tab(r, "t2", "one cookie", "film")
			r.want("t1", 100, far)
			r.want("t1", 101, far)
			equal(r.t, "how", r.want("t2", 102, 1500*time.Millisecond).How, "wait")
			r.after(900 * time.Millisecond)
			equal(r.t, "then", r.granted("t2", 102).How, "http")
			equal(r.t, "needed now", r.want("t2", 103, 0).How, "http")
		}},
		{"Two tabs of two films do not wait for each other", func(r *room) {
			tab(r, "other", "another cookie", "second film")
			tab(r, "t1", "one cookie", "film")
			tab(r, "t2", "one cookie", "second film")
			for _, id := range []PeerID{"t1", "t2"} {
				equal(r.t, "first of "+string(id), r.want(id, 100, far).Why, "lease")
				equal(r.t, "second of "+string(id), r.want(id, 101, far).Why, "lease")
			}
		}},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) {
			r := newRoom(t)
			r.join("b", 0)
			c.do(r)
		})
	}
}
