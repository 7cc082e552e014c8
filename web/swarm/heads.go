package swarm

import (
	"cmp"
	"slices"
	"time"
)

// Playheads are told to every page, because what to drop depends on who will
// come by: a copy is worth nothing that nobody behind will need.
const (
	mostHeads  = 32
	headsEvery = 10 * time.Second
	headsOff   = 4 // seconds by which a playhead may be elsewhere before all are told anew
)

type head struct {
	page *page
	at   int64 // seconds
}

// playheads are those of all, in their order.
func (g *group) playheads(now time.Duration) []head {
	out := make([]head, 0, len(g.members))
	for _, p := range g.members {
		out = append(out, head{p, int64(p.playhead(now).Round(time.Second) / time.Second)})
	}
	slices.SortFunc(out, func(a, b head) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.page.Seq, b.page.Seq))
	})
	return out
}

// headsChanged says whether somebody came, left, jumped or stood still since the
// playheads were told, and takes them for told if so.
func (d *Director) headsChanged(g *group, heads []head) bool {
	changed := len(g.Heads) != len(heads)
	if !changed && d.now-g.Headed < headsEvery {
		return false
	}
	passed := int64((d.now - g.Headed) / time.Second)
	for i := 0; i < len(heads) && !changed; i++ {
		off := heads[i].at - g.Heads[i] - passed
		changed = max(off, -off) > headsOff
	}
	if !changed {
		return false
	}
	g.Headed = d.now
	g.Heads = g.Heads[:0]
	for _, h := range heads {
		g.Heads = append(g.Heads, h.at)
	}
	return true
}

// thin leaves 32 at even places of many.
func thin(heads []head) []head {
	n := len(heads)
	if n <= mostHeads+1 {
		return heads
	}
	out := make([]head, 0, mostHeads)
	for i := range mostHeads {
		out = append(out, heads[i*n/mostHeads])
	}
	return out
}

// headsFor leaves out the page itself.
func headsFor(p *page, heads []head) []float64 {
	others := make([]float64, 0, len(heads))
	for _, h := range heads {
		if h.page != p {
			others = append(others, float64(h.at))
		}
	}
	return others
}
