package swarm

import (
	"slices"
	"time"
)

// viewer is a cookie, with all its pages. What it has done badly outlives them,
// or a reload would wipe it out.
type viewer struct {
	Key     string        `json:"key"`
	Until   time.Duration `json:"until,omitempty"`
	Why     string        `json:"why,omitempty"`     // penalty | failing
	Expired []lapse       `json:"expired,omitempty"` // leases that ended without a have
	GivenUp int           `json:"givenUp,omitempty"` // leases given back late since the last one fulfilled
	Reports []report      `json:"reports,omitempty"` // of others about this one
	Accused []report      `json:"accused,omitempty"` // of this one about others
	ICE     []report      `json:"ice,omitempty"`     // with whom ICE failed
	Liars   []string      `json:"liars,omitempty"`   // viewers who gave this one a wrong segment
	Forget  time.Duration `json:"forget,omitempty"`  // when it may be forgotten, having no page

	Gave bool `json:"gave,omitempty"` // somebody got a segment of it

	pages []*page // as they joined
}

func (v *viewer) punished(now time.Duration) bool { return v.Until > now }

// memorable says whether there is anything to remember of a viewer without pages.
func (v *viewer) memorable() bool {
	return v.Until != 0 || v.Gave || v.GivenUp > 0 ||
		len(v.Expired)+len(v.Reports)+len(v.Accused)+len(v.ICE)+len(v.Liars) > 0
}

// Of those who lied to a viewer, so many are remembered; the oldest may go.
const maxLiars = 16

// distrust: o gave v a wrong segment. It is remembered of the cookie and not of the
// page, whose name is new with each connection, for as long as v is known: in a room
// of three no penalty ever comes together.
func (v *viewer) distrust(o *viewer) {
	if slices.Contains(v.Liars, o.Key) {
		return
	}
	if len(v.Liars) == maxLiars {
		v.Liars = slices.Delete(v.Liars, 0, 1)
	}
	v.Liars = append(v.Liars, o.Key)
}

// estranged says that one of the two lied to the other: they have nothing to do
// with each other any more, in both directions.
func estranged(a, b *viewer) bool {
	return slices.Contains(a.Liars, b.Key) || slices.Contains(b.Liars, a.Key)
}

// part ends what is between the pages of two viewers.
func (d *Director) part(a, b *viewer) {
	for _, p := range a.pages {
		for _, o := range b.pages {
			if x := p.pairWith(o); x != nil {
				d.endPair(x)
			}
		}
	}
}

// came books a page on its viewer, who may be a new one.
func (d *Director) came(p *page) {
	key := p.Viewer
	if key == "" {
		key = "page " + string(p.ID)
	}
	v := d.viewers[key]
	switch {
	case v == nil:
		v = &viewer{Key: key}
		d.viewers[key] = v
		d.known = append(d.known, v)
	case len(v.pages) == 0:
		d.absent--
	}
	v.pages = append(v.pages, p)
	p.viewer = v
}

// went: a page of the viewer is no more. After the last one a viewer is remembered
// for a while, if there is anything to remember: a cookie costs nothing, and who
// comes with a new one each time must find no place to fill. Of those with a past
// so many are kept; then who went first is forgotten, which wins nobody more than
// another cookie would.
func (d *Director) went(p *page) {
	v := p.viewer
	v.pages = slices.DeleteFunc(v.pages, func(o *page) bool { return o == p })
	if len(v.pages) > 0 {
		return
	}
	d.absent++
	v.Forget = d.now + d.limits.Penalty
	if !v.memorable() {
		d.forget(func(o *viewer) bool { return o == v })
		return
	}
	if d.absent <= d.limits.Absent {
		return
	}
	var first *viewer
	for _, o := range d.known {
		if o != v && len(o.pages) == 0 && (first == nil || o.Forget < first.Forget) {
			first = o
		}
	}
	d.forget(func(o *viewer) bool { return o == first })
}

// forget lets viewers without pages go, all at once.
func (d *Director) forget(which func(*viewer) bool) {
	d.known = slices.DeleteFunc(d.known, func(v *viewer) bool {
		if len(v.pages) > 0 || !which(v) {
			return false
		}
		delete(d.viewers, v.Key)
		d.absent--
		return true
	})
}
