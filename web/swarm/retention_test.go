package swarm

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// watching is a room of n pages at these playheads, some seconds on.
func watching(t *testing.T, at ...float64) *room {
	t.Helper()
	r := newRoom(t)
	for i, s := range at {
		r.join(PeerID(fmt.Sprintf("p%02d", i)), s)
	}
	r.want("p00", 999, far) // so that the director knows how long segments are: 43 fit into 64 MB
	r.have("p00", at[0])
	r.play(20 * time.Second)
	return r
}

// play is pass with playheads that move.
func (r *room) play(t time.Duration) {
	r.t.Helper()
	for ; t > 0; t -= 2 * time.Second {
		r.after(2 * time.Second)
		for _, p := range slices.Clone(r.d.list) {
			r.have(p.ID, p.At.Seconds()+2)
		}
	}
}

func (r *room) keeps() []Keep {
	var out []Keep
	for _, p := range r.d.list {
		out = append(out, p.Config.Keep)
	}
	return out
}

func TestRetention(t *testing.T) {
	cases := []struct {
		sentence string
		at       []float64
		of       []int // by page; 0: rarest
	}{
		{"Pages in step share out what to keep, a power of two of them", []float64{0, 1, 2, 3, 4, 5, 6}, []int{4, 4, 4, 4, 4, 4, 4}},
		{"Pages that joined some seconds apart are in step", []float64{40, 32, 24, 16, 8, 0}, []int{4, 4, 4, 4, 4, 4}},
		{"Pages all over the film drop what is most common", []float64{0, 300, 600, 900, 1200, 1500}, []int{0, 0, 0, 0, 0, 0}},
		{"A latecomer behind many in step: they keep for it, it keeps what is rare", []float64{600, 601, 602, 603, 0}, []int{4, 4, 4, 4, 0}},
		{"Two pages far apart are not in step", []float64{0, 1000}, []int{0, 0}},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) {
			r := watching(t, c.at...)
			for i, k := range r.keeps() {
				equal(t, fmt.Sprintf("of of page %d", i), k.Of, c.of[i])
				equal(t, "mode", k.Mode == "assigned", c.of[i] > 0)
			}
		})
	}
}

func TestEverySlotIsHeldAndPagesKeepTheirs(t *testing.T) {
	r := watching(t, make([]float64, 12)...)
	held := func() (slots [8]int) {
		for _, k := range r.keeps() {
			if k.Of != 8 {
				t.Fatalf("kept %+v", k)
			}
			slots[k.Is]++
		}
		return slots
	}
	for s, n := range held() {
		if n < 1 || n > 2 {
			t.Errorf("slot %d is held by %d pages", s, n)
		}
	}
	before := map[PeerID]Keep{}
	for _, p := range r.d.list {
		before[p.ID] = p.Config.Keep
	}
	r.take(r.d.Leave(r.now, "p03"), nil)
	r.join("new", 20)
	r.play(10 * time.Second)
	moved := 0
	for _, p := range r.d.list {
		if k, was := before[p.ID]; was && k != p.Config.Keep {
			moved++
		}
	}
	if moved > 1 {
		t.Errorf("%d pages were assigned other segments because one left and one came", moved)
	}
	for s, n := range held() {
		if n == 0 {
			t.Errorf("slot %d is empty", s)
		}
	}
}

func TestTwiceAsManyPagesKeepHalfOfWhatTheyKept(t *testing.T) {
	r := watching(t, make([]float64, 8)...)
	before := map[PeerID]Keep{}
	for _, p := range r.d.list {
		before[p.ID] = p.Config.Keep
	}
	for i := range 8 {
		r.join(PeerID(fmt.Sprintf("q%d", i)), 20)
	}
	r.play(10 * time.Second)
	for id, was := range before {
		k := r.config(id).Keep
		if k.Of != 16 || k.Is%8 != was.Is {
			t.Errorf("%s kept %+v and keeps %+v", id, was, k)
		}
	}
}

func TestCopies(t *testing.T) {
	cases := []struct {
		sentence string
		do       func(*room)
	}{
		{"Everybody is told how often segments lie with others", func(r *room) {
			r.join("a", 0, Span{0, 9})
			r.join("b", 0, Span{5, 12})
			r.after(3 * time.Second)
			equal(r.t, "a", fmt.Sprint(r.copies("a")), "[[0 4 0] [5 12 1]]")
			equal(r.t, "b", fmt.Sprint(r.copies("b")), "[[0 9 1] [10 12 0]]")
		}},
		{"Only what has changed is told again", func(r *room) {
			r.join("a", 0, Span{0, 9})
			r.join("b", 0, Span{5, 12})
			r.after(3 * time.Second)
			clear(r.sent)
			r.have("b", 0, Span{20, 20})
			r.take(r.d.Have(r.now, "b", Have{Drop: []Span{{5, 6}}}))
			r.after(3 * time.Second)
			equal(r.t, "a", fmt.Sprint(r.copies("a")), "[[5 6 0] [20 20 1]]")
			equal(r.t, "b", fmt.Sprint(r.copies("b")), "[[5 6 1] [20 20 0]]")
		}},
		{"Not more often than every two seconds", func(r *room) {
			r.join("a", 0)
			r.join("b", 0)
			r.after(3 * time.Second)
			clear(r.sent)
			for n := range 40 {
				r.have("a", 0, Span{n, n})
				r.after(250 * time.Millisecond)
			}
			told := 0
			for _, m := range r.sent["b"] {
				if p, ok := m.(Peers); ok && p.Copies != nil {
					told++
				}
			}
			if told < 4 || told > 5 {
				r.t.Errorf("told %d times in ten seconds", told)
			}
		}},
		{"More than fifteen are fifteen", func(r *room) {
			for i := range 20 {
				r.join(PeerID(fmt.Sprintf("p%d", i)), 0, Span{0, 3})
			}
			r.after(3 * time.Second)
			equal(r.t, "copies", fmt.Sprint(r.copies("p0")), "[[0 3 15]]")
		}},
		{"A flood of changes is told in parts, the nearest first, and told in the end", func(r *room) {
			r.join("b", 3600)
			r.join("flood", 0)
			r.after(3 * time.Second)
			var every []Span
			for n := 0; n < 1000; n += 2 {
				every = append(every, Span{n, n})
			}
			long := film
			long.Segments = 100_000
			r.take(r.d.Open(r.now, "flood", long))
			for n := 1000; n < 4000; n += 2 {
				every = append(every, Span{n, n})
			}
			clear(r.sent)
			r.have("flood", 0, every...)
			r.after(20 * time.Second)
			told := map[int]int{}
			for i, m := range r.sent["b"] {
				p, ok := m.(Peers)
				if !ok {
					continue
				}
				if len(p.Copies) > mostRuns {
					r.t.Errorf("%d runs in a message", len(p.Copies))
				}
				if i == 0 && p.Copies[0][0] != 896 {
					r.t.Errorf("began with segment %d", p.Copies[0][0])
				}
				for _, run := range p.Copies {
					told[run[0]] = run[2]
				}
			}
			for _, s := range every {
				if told[s[0]] != 1 {
					r.t.Fatalf("of segment %d it was told %d copies", s[0], told[s[0]])
				}
			}
		}},
		{"Playheads of the others are told, and again when somebody seeks", func(r *room) {
			r.join("a", 10)
			r.join("b", 50)
			r.join("c", 90)
			r.after(3 * time.Second)
			heads := fmt.Sprint(r.heads("b"))
			equal(r.t, "heads", heads, "[12 92]")
			clear(r.sent)
			r.play(20 * time.Second)
			equal(r.t, "who plays on", len(r.heads("b")), 0)
			r.have("a", 500)
			r.play(12 * time.Second)
			if h := r.heads("b"); len(h) != 2 || h[1] < 500 {
				r.t.Errorf("after a seek told %v", h)
			}
		}},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) { c.do(newRoom(t)) })
	}
}

func TestCopiesAreToldWithoutTheListOfPeers(t *testing.T) {
	r := held(t, "a", "b")
	lists, copies := 0, 0
	r.sent["a"] = nil
	for n := range 8 {
		r.have("b", 0, Span{20 + n, 20 + n})
		r.pass(2 * time.Second)
	}
	for _, m := range r.sent["a"] {
		if p, ok := m.(Peers); ok && p.Peers != nil {
			lists++
		} else if ok {
			copies++
		}
	}
	equal(t, "lists of peers, which did not change", lists, 0)
	if copies < 4 {
		t.Errorf("%d messages of copies", copies)
	}
	r.take(r.d.Open(r.now, "a", film))
	equal(t, "after an open it hears whom it knows", len(r.peers("a")), 1)
}

func (r *room) copies(id PeerID) (last [][3]int) {
	for _, m := range r.sent[id] {
		if p, ok := m.(Peers); ok && p.Copies != nil {
			last = p.Copies
		}
	}
	return last
}

func (r *room) heads(id PeerID) (last []float64) {
	for _, m := range r.sent[id] {
		if p, ok := m.(Peers); ok && p.Heads != nil {
			last = p.Heads
		}
	}
	return last
}
