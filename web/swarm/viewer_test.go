package swarm

import (
	"fmt"
	"testing"
	"time"
)

// A cookie costs nothing: who comes with another one each time finds no place to fill.
func TestCookiesThatComeAndGo(t *testing.T) {
	idle := func(*room, PeerID, int) {}
	cases := []struct {
		sentence string
		cookies  int
		do       func(*room, PeerID, int)
		known    int // of them, when all have gone
	}{
		{"Who did nothing is forgotten at once", 200, idle, 0},
		{"Who has given something is known when it comes back", 3, func(r *room, id PeerID, i int) {
			r.have(id, 0, Span{i, i})
			r.connect()
			r.want("a", i, far)
			r.got("a", i)
		}, 3},
		{"Of those who let a lease expire so many are remembered as there is place for", 30, func(r *room, id PeerID, i int) {
			r.want(id, i, far)
			r.pass(2 * time.Second)
		}, 20},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) {
			r := newRoom(t)
			r.d.limits.Absent = 20
			r.join("a", 0)
			for i := range c.cookies {
				id := PeerID(fmt.Sprint(i))
				r.join(id, 0)
				c.do(r, id, i)
				r.take(r.d.Leave(r.now, id), nil)
			}
			equal(t, "known", len(r.d.known)-1, c.known)
			if c.known > 0 {
				equal(t, "the last who went", r.d.viewers[fmt.Sprintf("cookie of %d", c.cookies-1)] != nil, true)
				equal(t, "the first who went", r.d.viewers["cookie of 0"] != nil, c.known == c.cookies)
			}
			r.pass(5*time.Minute + time.Second)
			equal(t, "known after five minutes", len(r.d.known), 1)
		})
	}
}
