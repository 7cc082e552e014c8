package swarm

import (
	"slices"
	"time"
)

// most is where counting copies ends: 15 means 15 or more.
const most = 15

// mostRuns is how much one message tells, about 8 KB. More than that changes at once
// when a page comes to a full room; or when somebody tells and drops every second segment.
const mostRuns = 512

// tellCopies tells each page how often segments lie in the room, where that has
// changed since it was told. Counting is done for 64 segments at a time, in four
// planes of bits that are added to like a binary counter which stays at 15.
func (d *Director) tellCopies(g *group) {
	if d.now-g.Copied < d.limits.Copies {
		return
	}
	heads := g.playheads(d.now)
	moved := d.headsChanged(g, heads)
	if !g.Changed && !moved {
		return
	}
	heads = thin(heads)
	g.Changed, g.Copied = false, d.now
	planes := g.count()
	length := max(len(planes[0]), len(g.Planes[0]))
	differs := make(inventory, length)
	for w := range differs {
		for k := range planes {
			differs[w] |= word(planes[k], w) ^ word(g.Planes[k], w)
		}
	}
	g.Planes = planes
	for _, p := range g.members {
		if d.plain(p) != "" {
			p.Fresh, p.Touched = true, nil
			continue
		}
		runs, rest := copiesFor(p, p.segmentAt(d.now), planes, differs)
		m := Peers{Copies: runs}
		if moved || p.Fresh {
			m.Heads = headsFor(p, heads)
		}
		if len(m.Copies) > 0 || len(m.Heads) > 0 {
			d.told = append(d.told, telling{p, m})
		}
		p.Fresh, p.Touched = false, rest
		g.Changed = g.Changed || rest != nil // to be told next time
	}
}

// segmentAt is the segment that the page plays.
func (p *page) segmentAt(now time.Duration) int { return int(p.playhead(now) / p.Length) }

func word(v inventory, w int) uint64 {
	if w < len(v) {
		return v[w]
	}
	return 0
}

func (g *group) count() [4]inventory {
	var length int
	for _, p := range g.members {
		length = max(length, len(p.Have))
	}
	var planes [4]inventory
	for k := range planes {
		planes[k] = make(inventory, length)
	}
	for _, p := range g.members {
		for w, carry := range p.Have {
			carry &^= planes[0][w] & planes[1][w] & planes[2][w] & planes[3][w]
			for k := 0; carry != 0 && k < len(planes); k++ {
				planes[k][w], carry = planes[k][w]^carry, planes[k][w]&carry
			}
		}
	}
	return planes
}

// copiesFor lists runs of equal counts, without the page's own copy: what has
// changed in the room or with the page itself, or everything for one that has
// been told nothing. It begins where the page plays, at 64 segments exactly, goes on
// from the beginning after the end, and says what is left when it is too much.
func copiesFor(p *page, at int, planes [4]inventory, differs inventory) (out [][3]int, rest inventory) {
	length := max(len(differs), len(planes[0]), len(p.Touched))
	for i := range length {
		w := (i + at>>6) % length
		changed := word(differs, w) | word(p.Touched, w)
		if p.Fresh {
			changed = word(planes[0], w) | word(planes[1], w) | word(planes[2], w) | word(planes[3], w)
		}
		for n := w << 6; changed != 0; n, changed = n+1, changed>>1 {
			if changed&1 == 0 {
				continue
			}
			copies := countOf(planes, n)
			if copies < most && p.Have.has(n) {
				copies--
			}
			switch k := len(out) - 1; {
			case k >= 0 && out[k][1] == n-1 && out[k][2] == copies:
				out[k][1] = n
			case len(out) < mostRuns:
				out = append(out, [3]int{n, n, copies})
			default:
				rest.set(n)
			}
		}
	}
	return slices.Clip(out), rest
}

func countOf(planes [4]inventory, n int) int {
	c := 0
	for k := range planes {
		if planes[k].has(n) {
			c |= 1 << k
		}
	}
	return c
}
