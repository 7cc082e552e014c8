package swarm

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// group is everybody awake who plays one rendition.
type group struct {
	Group
	Seq     uint64        `json:"seq"`
	On      bool          `json:"on"`
	Why     string        `json:"why"`
	HTTP    estimate      `json:"http"` // time of a segment from the box
	Peer    estimate      `json:"peer"` // … from a peer
	Bytes   estimate      `json:"bytes"`
	Of      int           `json:"of,omitempty"` // retention: 0 while staggered
	Copied  time.Duration `json:"copied,omitempty"`
	Planes  [4]inventory  `json:"planes"`            // copies told last: a number of four bits for each segment
	Changed bool          `json:"changed,omitempty"` // an inventory, since the last copies
	Heads   []int64       `json:"heads,omitempty"`   // seconds, as told last
	Headed  time.Duration `json:"headed,omitempty"`  // when that was
	Keeping time.Duration `json:"keeping,omitempty"`

	members []*page // by Seq
	leases  map[int]*want
	waiting map[int][]*want // by deadline, then Seq
}

// tag names title and rendition on DataChannels: the first 8 bytes of SHA-256
// over title, a zero byte and rendition, in hex.
func (g Group) tag() string {
	sum := sha256.Sum256([]byte(g.Title + "\x00" + g.Rendition))
	return hex.EncodeToString(sum[:8])
}

// enter puts a page into its group, which begins with it when there is none.
func (d *Director) enter(p *page) {
	if p.Group.Rendition == "" || p.group != nil {
		return
	}
	g := d.groups[p.Group]
	if g == nil {
		g = &group{Group: p.Group, Seq: d.sequence(), leases: map[int]*want{}, waiting: map[int][]*want{}}
		d.groups[p.Group] = g
		d.ordered = append(d.ordered, g)
	}
	p.Seq = d.sequence()
	p.group = g
	p.Alone, p.Entered = 0, d.now
	g.members = append(g.members, p)
	p.Fetched = g.meanFetched(p)
	g.Changed = true
	d.switchGroup(g)
}

// exit takes a page out of its group: whoever waited for it is served anew.
func (d *Director) exit(p *page) {
	g := p.group
	if g == nil {
		return
	}
	serve := d.endWants(p)
	d.endPairs(p)
	g.members = slices.DeleteFunc(g.members, func(m *page) bool { return m == p })
	for _, m := range g.members {
		for _, w := range m.Wants {
			if w.first == p {
				w.book(nil)
			}
		}
	}
	p.group = nil
	p.Near, p.Slot = false, 0
	g.Changed = true
	if len(g.members) == 0 {
		delete(d.groups, g.Group)
		d.ordered = slices.DeleteFunc(d.ordered, func(o *group) bool { return o == g })
		return
	}
	d.switchGroup(g)
	serve()
}

// switchGroup turns sharing on or off as the policy and the number of able
// pages say, and tells everybody whose part changes by it.
func (d *Director) switchGroup(g *group) {
	on, why := d.why(g)
	if on == g.On && why == g.Why {
		return
	}
	was := g.On
	g.On, g.Why = on, why
	for _, m := range g.members {
		d.reconfigure(m)
	}
	switch {
	case on && !was:
		for _, m := range slices.Backward(g.members) {
			d.befriend(m) // the newcomer first: it calls
		}
	case was && !on:
		for _, m := range g.members {
			d.endPairs(m)
			d.regrant(m, "")
		}
	}
}

func (g *group) meanFetched(except *page) int {
	sum, n := 0, 0
	for _, m := range g.members {
		if m != except && m.P2P {
			sum, n = sum+m.Fetched, n+1
		}
	}
	if n == 0 {
		return 0
	}
	return sum / n
}

// plain says why a page takes what it wants from the box and no one else; "": it does not have to.
func (d *Director) plain(p *page) string {
	switch {
	case !p.P2P:
		return "cannot"
	case p.viewer.punished(d.now):
		return p.viewer.Why
	case d.policy.Mode != "off" && d.policy.twice(p.Member):
		return "accessPoint"
	case !p.group.On:
		return p.group.Why
	}
	return ""
}
