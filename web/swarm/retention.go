package swarm

import (
	"cmp"
	"slices"
	"time"
)

// Cache taken for granted where a page does not tell its budget: that of a phone.
const usualBudget = 64 << 20

// maxOf: more pages than this keep some segments twice.
const maxOf = 64

// window is how much of the film a page's cache holds.
func (g *group) window(p *page) time.Duration {
	bytes := int64(g.Bytes)
	if bytes <= 0 {
		bytes = int64(p.Length.Seconds() * 3e6 / 8) // 3 Mbit/s, the ladder's 720p
	}
	budget := p.Budget
	if budget == 0 {
		budget = usualBudget
	}
	return time.Duration(budget/max(1, bytes)) * p.Length
}

// retain looks whether most pages are in step. If so, all hold nearly the same,
// and what a latecomer needs would soon be in no cache: each page in step is
// assigned the segments with n % Of == Is to keep, so that together they hold a
// stretch Of times as long. If the group is staggered, dropping what most others
// have does better (see doc.go).
func (d *Director) retain(g *group) {
	if g.Keeping != 0 && d.now-g.Keeping < d.limits.Retention {
		return
	}
	g.Keeping = d.now
	able := make([]*page, 0, len(g.members))
	for _, p := range g.members {
		if d.shares(p) {
			able = append(able, p)
		} else if p.Near {
			p.Near = false
		}
	}
	near := inStep(g, able, d.now)
	of := 0
	if len(near)*10 >= len(able)*6 && len(near) >= 2 || g.Of > 0 && len(near)*2 >= len(able) && len(near) >= 2 {
		of = g.slots(near)
	} else {
		near = nil
	}
	g.Of = of
	if of > 0 {
		assign(near, of)
	}
	for _, p := range able {
		p.Near = false
	}
	for _, p := range near {
		p.Near = true
	}
	for _, p := range g.members {
		d.reconfigure(p)
	}
}

// inStep gives the largest set of pages whose playheads lie within one cache's
// length. Pages that were in it have half as much again, so that nobody's part
// changes to and fro at the edge.
func inStep(g *group, able []*page, now time.Duration) []*page {
	sorted := slices.Clone(able)
	slices.SortFunc(sorted, func(a, b *page) int {
		return cmp.Or(cmp.Compare(a.playhead(now), b.playhead(now)), cmp.Compare(a.Seq, b.Seq))
	})
	var best []*page
	for i, first := range sorted {
		window := g.window(first)
		j := i
		for ; j < len(sorted); j++ {
			apart := sorted[j].playhead(now) - first.playhead(now)
			limit := window
			if sorted[j].Near && first.Near {
				limit += window / 2
			}
			if apart > limit {
				break
			}
		}
		if j-i > len(best) {
			best = sorted[i:j]
		}
		if j == len(sorted) {
			break
		}
	}
	out := slices.Clone(best)
	slices.SortFunc(out, func(a, b *page) int { return cmp.Compare(a.Seq, b.Seq) })
	return out
}

// slots is the largest power of two that the pages can fill, and not more than
// the film needs. A power of two, because then half of what a page kept for Of
// is what it keeps for twice Of: nothing has to be fetched when it changes.
func (g *group) slots(near []*page) int {
	segments := 0
	for _, p := range near {
		segments = max(segments, p.Segments)
	}
	need := maxOf
	if segments > 0 {
		window := max(1, int(g.window(near[0])/near[0].Length))
		need = (segments + window - 1) / window
	}
	of := 1
	for of*2 <= len(near) && of < need && of < maxOf {
		of *= 2
	}
	return of
}

// assign leaves every page the slot it has and gives newcomers the slots that
// fewest hold. Slots that are empty then are filled with the page that came last
// of those that share one: of the slot that differs by half of Of if it can be,
// which keeps those segments already.
func assign(near []*page, of int) {
	held := make([][]*page, of)
	for _, p := range near {
		if p.Near {
			held[p.Slot%of] = append(held[p.Slot%of], p)
		}
	}
	for _, p := range near {
		if p.Near {
			continue
		}
		p.Slot = 0
		for s := range of {
			if len(held[s]) < len(held[p.Slot]) {
				p.Slot = s
			}
		}
		held[p.Slot] = append(held[p.Slot], p)
	}
	for empty := range of {
		if len(held[empty]) > 0 {
			continue
		}
		from := (empty + of/2) % of
		if len(held[from]) < 2 {
			for s := range of {
				if len(held[s]) > len(held[from]) {
					from = s
				}
			}
		}
		if len(held[from]) < 2 {
			return
		}
		k := len(held[from]) - 1
		p := held[from][k]
		held[from] = held[from][:k]
		p.Slot = empty
		held[empty] = append(held[empty], p)
	}
}
