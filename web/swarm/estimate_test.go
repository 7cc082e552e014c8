package swarm

import (
	"testing"
	"time"
)

// How long the box takes is everybody's affair: one page's word moves it by half or to twice at most.
func TestOnePageDoesNotSetTheBoxsSpeed(t *testing.T) {
	// fetch lets a page take segments from the box, one after the other, so long each.
	fetch := func(r *room, id PeerID, first, count int, each time.Duration) {
		for n := first; n < first+count; n++ {
			if g := r.want(id, n, 60*time.Second); g.Why == "turn" {
				r.after(r.d.limits.Turn)
			}
			r.after(each)
			r.have(id, 0, Span{n, n})
		}
	}
	const most = 4 * time.Second // of a lease, where an honest segment takes half a second
	cases := []struct {
		sentence    string
		do          func(*room)
		least, most time.Duration // of a lease
	}{
		{"Haves that come late, after others have said how it is", func(r *room) {
			fetch(r, "y", 200, 2, time.Second)
			fetch(r, "b", 300, 2, time.Second)
			fetch(r, "x", 100, 12, 14*time.Second)
			fetch(r, "y", 202, 1, time.Second)
		}, 0, most},
		{"Haves that come late, before anybody else has fetched anything", func(r *room) {
			fetch(r, "x", 100, 12, 14*time.Second)
			fetch(r, "y", 200, 1, time.Second)
		}, 0, most},
		{"Haves that come before the segment can be there", func(r *room) {
			fetch(r, "y", 200, 3, 6*time.Second)
			fetch(r, "b", 300, 3, 6*time.Second)
			fetch(r, "x", 100, 20, time.Millisecond)
		}, 6 * time.Second, 15 * time.Second},
		{"A box that has become slow is slow when half of those who fetch say so", func(r *room) {
			for i, id := range []PeerID{"x", "y", "b"} {
				fetch(r, id, 100*(i+1), 3, time.Second)
			}
			for n := range 4 {
				for i, id := range []PeerID{"y", "b"} {
					fetch(r, id, 500+100*i+n, 1, 7*time.Second)
				}
			}
		}, 8 * time.Second, 15 * time.Second},
		{"What those said who fetch no more holds for a minute", func(r *room) {
			fetch(r, "y", 200, 3, time.Second)
			fetch(r, "b", 300, 3, time.Second)
			r.pass(61 * time.Second)
			fetch(r, "x", 100, 12, 7*time.Second)
		}, 8 * time.Second, 15 * time.Second},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) {
			r := newRoom(t)
			for _, id := range []PeerID{"x", "y", "b"} {
				r.join(id, 0)
			}
			r.connect()
			c.do(r)
			if got := r.d.leaseTime(r.d.ordered[0]); got < c.least || got > c.most {
				t.Errorf("a lease lasts %v, want %v…%v", got, c.least, c.most)
			}
		})
	}
}

func TestASegmentOfAFewBytesSaysNothingOfLargeOnes(t *testing.T) {
	r := newRoom(t)
	r.join("x", 0)
	r.join("y", 0)
	r.take(r.d.Want(r.now, "x", Want{ID: 1, N: 999, In: 60_000}, Segment{digest, 100}))
	r.after(14 * time.Second)
	r.have("x", 0, Span{999, 999})
	g := r.d.ordered[0]
	equal(t, "a mebibyte", r.d.expected(g, 1<<20), time.Minute)
	equal(t, "a hundred", r.d.expected(g, 100<<20), 100*time.Minute)
}
