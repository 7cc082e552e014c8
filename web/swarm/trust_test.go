package swarm

import "testing"

// An unknown that says what it holds is not named for what is needed soon, whatever it says.
func TestTrust(t *testing.T) {
	cases := []struct {
		sentence string
		do       func(*room)
		soon     string // how a want that is needed soon is answered …
		farther  string // … and one that is not
	}{
		{"An inventory that comes with open is a page's word", func(r *room) {
			m := film
			m.Have = []Span{{0, 999}}
			r.take(r.d.Open(r.now, "x", m))
		}, "http", "peers"},
		{"And so is one that grows afterwards", func(r *room) {
			r.have("x", 0, Span{0, 999})
		}, "http", "peers"},
		{"And one that grows one by one", func(r *room) {
			for n := range 10 {
				r.have("x", 0, Span{n, n})
			}
		}, "http", "peers"},
		{"Who was granted one segment is not believed about another", func(r *room) {
			r.want("x", 900, far)
			r.have("x", 0, Span{0, 999})
		}, "http", "peers"},
		{"Nor about one that it asked for and was not granted", func(r *room) {
			r.want("a", 5, far)
			equal(r.t, "is to wait", r.want("x", 5, far).How, "wait")
			r.have("x", 0, Span{0, 9})
			r.gone("a", Gone{N: 5})
		}, "http", "peers"},
		{"Nor about one that it was granted, had, and does not have any more", func(r *room) {
			r.want("x", 5, far)
			r.have("x", 0, Span{5, 5})
			r.take(r.d.Have(r.now, "x", Have{Drop: []Span{{5, 5}}}))
			r.have("x", 0, Span{0, 9})
		}, "http", "peers"},
		{"Who has what it was granted is believed", func(r *room) {
			r.want("x", 5, far)
			r.have("x", 0, Span{5, 5})
		}, "peers", "peers"},
		{"Also when it says so again after its connection to the box was lost for a moment", func(r *room) {
			r.want("x", 5, far)
			r.have("x", 0, Span{5, 5})
			m := film
			m.Have = []Span{{5, 5}}
			r.take(r.d.Open(r.now, "x", m))
			r.connect()
		}, "peers", "peers"},
		{"Who has given something is believed about everything", func(r *room) {
			r.want("x", 800, far)
			r.have("x", 0, Span{0, 9}, Span{800, 800})
			equal(r.t, "how", r.want("a", 800, far).How, "peers")
			r.got("a", 800)
		}, "peers", "peers"},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) {
			for in, how := range map[bool]string{true: c.soon, false: c.farther} {
				r := newRoom(t)
				for _, id := range []PeerID{"x", "a", "b"} {
					r.join(id, 0)
				}
				r.connect()
				c.do(r)
				if in {
					equal(t, "needed soon", r.want("b", 5, soon).How, how)
				} else {
					equal(t, "needed later", r.want("b", 5, far).How, how)
				}
			}
		})
	}
}

func TestTrustInWhoWasAlone(t *testing.T) {
	for sentence, c := range map[string]struct {
		have []Span
		n    int
		how  string
	}{
		"What it can have taken from the box is believed":      {[]Span{{0, 7}}, 5, "peers"},
		"What it cannot have taken in so short a time, is not": {[]Span{{0, 999}}, 500, "http"},
	} {
		t.Run(sentence, func(t *testing.T) {
			r := newRoom(t)
			r.join("x", 0)
			r.have("x", 0, c.have...)
			r.join("b", 0)
			r.connect()
			equal(t, "how", r.want("b", c.n, soon).How, c.how)
		})
	}
}
