package swarm

import (
	"slices"
	"testing"
)

// checkBooks holds after every call, whatever was said before it.
func checkBooks(t *testing.T, d *Director) {
	t.Helper()
	serving, of, wants, fetching := map[*page]int{}, map[*page]int{}, 0, 0
	for _, p := range d.list {
		for _, w := range p.Wants {
			wants++
			if w.Fetching {
				fetching++
				of[p]++
			}
			if w.first != nil {
				serving[w.first]++
				if d.pages[w.first.ID] != w.first {
					t.Fatalf("a want is booked on %s, which has left", w.first.ID)
				}
			}
			if w.place == 0 || d.timers[w.place-1] != w || w.State == ended {
				t.Fatalf("want %d of %s is in no timer", w.N, p.ID)
			}
		}
	}
	if d.fetching != fetching {
		t.Fatalf("%d fetches from the box, booked %d", fetching, d.fetching)
	}
	if len(d.timers) != wants {
		t.Fatalf("%d timers for %d wants", len(d.timers), wants)
	}
	for _, p := range d.list {
		checkPage(t, d, p)
		if p.fetching != of[p] || of[p] > mostFetches {
			t.Fatalf("%s fetches %d segments, booked %d", p.ID, of[p], p.fetching)
		}
		if p.serving != serving[p] {
			t.Fatalf("%s is booked with %d uploads, wants name it %d times", p.ID, p.serving, serving[p])
		}
	}
	members := 0
	for _, g := range d.ordered {
		checkGroup(t, d, g)
		members += len(g.members)
	}
	for _, p := range d.list {
		if p.group != nil {
			members--
		}
	}
	if len(d.voices) > maxVoices {
		t.Fatalf("%d voices about the box", len(d.voices))
	}
	absent := 0
	for _, v := range d.known {
		if len(v.pages) == 0 {
			absent++
			if !v.memorable() {
				t.Fatalf("viewer %s went with nothing to remember and is remembered", v.Key)
			}
		}
	}
	if absent != d.absent || absent > d.limits.Absent {
		t.Fatalf("%d viewers without a page, booked %d, at most %d", absent, d.absent, d.limits.Absent)
	}
	if members != 0 || len(d.groups) != len(d.ordered) || len(d.pages) != len(d.list) || len(d.viewers) != len(d.known) {
		t.Fatal("maps and lists differ")
	}
}

func checkPage(t *testing.T, d *Director, p *page) {
	t.Helper()
	leases := 0
	var segments []int
	for _, w := range p.Wants {
		if w.State == leased {
			leases++
		}
		segments = append(segments, w.N)
	}
	slices.Sort(segments)
	switch {
	case leases != p.leases || p.group != nil && p.viewer.leases(p.group) > d.limits.Leases:
		t.Fatalf("%s has %d leases, booked %d", p.ID, leases, p.leases)
	case len(slices.Compact(segments)) != len(p.Wants):
		t.Fatalf("%s has two wants for one segment", p.ID)
	case len(p.Wants) > d.limits.Wants, len(p.pairs) > d.limits.Pairs, len(p.Avoid) > maxAvoid,
		len(p.Have) > d.limits.Segments/64+1, len(p.viewer.Reports) > keptReports, incidents(p.viewer.Reports) > maxReports, len(p.viewer.Accused) > maxAccused,
		len(p.viewer.ICE) > maxICE, len(p.viewer.Liars) > maxLiars:
		t.Fatalf("%s takes more memory than it may", p.ID)
	case p.group == nil && (len(p.Wants) > 0 || len(p.pairs) > 0):
		t.Fatalf("%s is in no group and has wants or pairs", p.ID)
	}
	for _, x := range p.pairs {
		if o := x.other(p); o == p || o.group != p.group || o.pairWith(p) != x || estranged(p.viewer, o.viewer) || !p.able(d.now) && d.house > d.now {
			t.Fatalf("pair %d of %s and %s should have ended", x.Session, x.Caller, x.Callee)
		}
	}
}

func checkGroup(t *testing.T, _ *Director, g *group) {
	t.Helper()
	leases, line := 0, 0
	for _, p := range g.members {
		for _, w := range p.Wants {
			switch w.State {
			case leased:
				leases++
				if g.leases[w.N] != w {
					t.Fatalf("two leases for segment %d", w.N)
				}
			case waits:
				line++
				if !slices.Contains(g.waiting[w.N], w) {
					t.Fatalf("%s waits for %d in no line", p.ID, w.N)
				}
			default:
			}
		}
	}
	inLine := 0
	for n, ws := range g.waiting {
		inLine += len(ws)
		if len(ws) == 0 || !slices.IsSortedFunc(ws, byDeadline) {
			t.Fatalf("the line for %d is empty or not by deadline", n)
		}
	}
	if leases != len(g.leases) || line != inLine {
		t.Fatalf("books: %d of %d leases, %d of %d waits", len(g.leases), leases, inLine, line)
	}
}
