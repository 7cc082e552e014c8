package swarm

import (
	"testing"
	"time"
)

// A room of three never brings three reports together: who was lied to once is on its own.
func TestALiarIsNotAskedAgain(t *testing.T) {
	again := func(r *room, id PeerID, cookie string, have ...Span) {
		r.take(r.d.Join(r.now, id, Member{P2P: true, Viewer: "cookie of " + cookie}), nil)
		m := film
		m.Have = have
		r.take(r.d.Open(r.now, id, m))
		r.connect()
	}
	comesBack := func(r *room) {
		r.take(r.d.Leave(r.now, "liar"), nil)
		again(r, "liar2", "liar", Span{0, 999})
	}
	cases := []struct {
		sentence string
		after    func(*room)
		by       PeerID // who wants a segment that only the liar says it has
		how      string
	}{
		{"Under the name it had", func(*room) {}, "a", "http"},
		{"Under the name of another connection", comesBack, "a", "http"},
		{"By another tab of the one it lied to", func(r *room) { again(r, "a2", "a") }, "a2", "http"},
		{"After the one it lied to has loaded the page anew, and it too", func(r *room) {
			r.take(r.d.Leave(r.now, "a"), nil)
			r.after(time.Minute)
			again(r, "a2", "a")
			comesBack(r)
		}, "a2", "http"},
		{"In ten minutes, while both stay", func(r *room) {
			r.pass(10 * time.Minute)
			r.take(r.d.Have(r.now, "liar", Have{Add: []Span{{0, 999}}}))
		}, "a", "http"},
		{"Somebody else it has not lied to yet may ask it", comesBack, "b", "peers"},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) {
			r := newRoom(t)
			for _, id := range []PeerID{"a", "b", "liar"} {
				r.join(id, 0)
			}
			r.have("liar", 0, Span{0, 999})
			r.connect()
			accuse(r, "a", "liar", 20, "bad")
			c.after(r)
			equal(t, "how", r.want(c.by, 500, far).How, c.how)
		})
	}
}

// It is cut off: the one it lied to gives it nothing either, and nobody introduces the two.
func TestALiarIsNotServed(t *testing.T) {
	r := newRoom(t)
	r.join("a", 0, Span{0, 99})
	r.join("liar", 0, Span{100, 199})
	r.connect()
	accuse(r, "a", "liar", 120, "bad")
	r.take(r.d.Leave(r.now, "liar"), nil)
	r.join("liar", 0)
	r.pass(time.Minute)
	equal(t, "introduced", r.d.pages["a"].pairWith(r.d.pages["liar"]) != nil, false)
	equal(t, "how", r.want("liar", 5, far).How, "http")
}

func TestLiarsAreRememberedWithinBounds(t *testing.T) {
	v := &viewer{Key: "v"}
	for i := range 3 * maxLiars {
		v.distrust(&viewer{Key: string(rune('A' + i))})
		v.distrust(&viewer{Key: string(rune('A' + i))})
	}
	equal(t, "liars", len(v.Liars), maxLiars)
	equal(t, "the last one", estranged(v, &viewer{Key: string(rune('A' + 3*maxLiars - 1))}), true)
}
