package swarm

import "slices"

// Policy is --p2p and what the box knows of its link.
type Policy struct {
	Mode string `json:"mode"`           // auto | on | off; anything else is auto
	Role string `json:"role,omitempty"` // of the link of pages whose Member.Role is "": wired | client | accessPoint
}

// twice says whether a segment from one page of a link to another crosses the
// box's own air twice: up from one phone, down to the other, and one from the box
// once. Between such a page and one of another link it crosses that air once
// at least, and from the box not more: sharing can only cost there, too.
func (p Policy) twice(m Member) bool {
	role := m.Role
	if role == "" {
		role = p.Role
	}
	return p.Mode != "on" && role == "accessPoint"
}

// shares says whether a page takes part if somebody else does.
func (d *Director) shares(p *page) bool { return p.able(d.now) && !d.policy.twice(p.Member) }

// why says whether the pages of a group exchange segments.
func (d *Director) why(g *group) (on bool, why string) {
	able, twice := 0, 0
	for _, m := range g.members {
		if d.shares(m) {
			able++
		}
		if d.policy.twice(m.Member) {
			twice++
		}
	}
	switch {
	case d.policy.Mode == "off":
		return false, "off"
	case twice == len(g.members):
		return false, "accessPoint"
	case able < 2:
		return false, "alone"
	}
	return true, "shared"
}

// setPolicy changes what holds for all pages, or for those of no known link.
func (d *Director) setPolicy(p Policy) {
	d.relink(d.list, func() { d.policy = p })
}

// setRole notes that a page's link has become another kind of link.
func (d *Director) setRole(p *page, role string) {
	d.relink([]*page{p}, func() { p.Role = role })
}

// relink does what may let pages share, or no more. A group that begins or ends to
// share with it is switchGroup's; of one that goes on, pages leave and come.
func (d *Director) relink(pages []*page, do func()) {
	shared := map[*page]bool{}
	for _, p := range pages {
		shared[p] = d.shares(p)
	}
	were := map[*group]bool{}
	for _, g := range d.ordered {
		were[g] = g.On
	}
	do()
	for _, g := range d.ordered {
		d.switchGroup(g)
	}
	for _, p := range pages {
		shares := d.shares(p)
		if p.group == nil || shared[p] == shares {
			continue
		}
		d.reconfigure(p)
		switch goesOn := were[p.group] && p.group.On; {
		case goesOn && shares:
			d.befriend(p)
		case goesOn:
			d.endPairs(p)
			d.apart(p)
		}
	}
}

// apart lets a page that shares no more take from the box what it waits for; nobody waits
// for it.
func (d *Director) apart(p *page) {
	if p.group == nil {
		return
	}
	for _, w := range slices.Clone(p.Wants) {
		if w.State == leased {
			d.enterState(w, late, d.now+4*d.limits.LeaseMax)
			d.serveWaiting(p.group, w.N)
		}
	}
	d.regrant(p, "")
}
