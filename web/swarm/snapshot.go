package swarm

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// schema of snapshots and traces: one of another schema is refused.
const schema = 1

// saved is the whole state. What can be derived (who is in which group, who
// waits for what, what is due when) is not in it and is built anew.
type saved struct {
	Schema  int           `json:"schema"`
	Now     time.Duration `json:"now"`
	Seq     uint64        `json:"seq"`
	Session uint32        `json:"session"`
	House   time.Duration `json:"house"`
	Policy  Policy        `json:"policy"`
	Limits  Limits        `json:"limits"`
	Random  []byte        `json:"random"`
	Counts  Counts        `json:"counts"`
	Box     estimate      `json:"box"`
	Voices  []voice       `json:"voices,omitempty"`
	Pages   []*page       `json:"pages"`
	Groups  []*group      `json:"groups"`
	Viewers []*viewer     `json:"viewers"`
	Pairs   []*pair       `json:"pairs"`
}

// Snapshot is the director's state as JSON. Between two calls only.
func (d *Director) Snapshot() ([]byte, error) {
	random, err := d.random.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("save the random source: %w", err)
	}
	s := saved{
		Schema: schema, Now: d.now, Seq: d.seq, Session: d.session, House: d.house,
		Policy: d.policy, Limits: d.limits, Random: random, Counts: d.counts, Box: d.box, Voices: d.voices,
		Pages: d.list, Groups: d.ordered, Viewers: d.known,
	}
	for _, p := range d.list {
		for _, x := range p.pairs {
			if x.a == p {
				s.Pairs = append(s.Pairs, x)
			}
		}
	}
	slices.SortFunc(s.Pairs, func(a, b *pair) int { return cmp.Compare(a.Session, b.Session) })
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("write a snapshot: %w", err)
	}
	return raw, nil
}

// Restore makes a director that goes on where a snapshot was taken: the same
// inputs get the same outputs from there. trace may be nil.
func Restore(raw []byte, trace *Trace) (*Director, error) {
	var s saved
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("read a snapshot: %w", err)
	}
	if s.Schema != schema {
		return nil, fmt.Errorf("read a snapshot: schema %d, this release reads %d", s.Schema, schema)
	}
	d := New(Options{Policy: s.Policy, Random: new(rand.PCG), Limits: s.Limits, Trace: trace})
	if err := d.random.UnmarshalBinary(s.Random); err != nil {
		return nil, fmt.Errorf("read a snapshot: random source: %w", err)
	}
	d.now, d.seq, d.session, d.house, d.counts, d.box = s.Now, s.Seq, s.Session, s.House, s.Counts, s.Box
	d.voices = s.Voices
	if err := d.adopt(&s); err != nil {
		return nil, fmt.Errorf("read a snapshot: %w", err)
	}
	return d, nil
}

func (d *Director) adopt(s *saved) error {
	if slices.Contains(s.Pages, nil) || slices.Contains(s.Groups, nil) ||
		slices.Contains(s.Viewers, nil) || slices.Contains(s.Pairs, nil) {
		return errors.New("an entry is null")
	}
	d.known, d.list, d.ordered = s.Viewers, s.Pages, s.Groups
	for _, v := range d.known {
		d.viewers[v.Key] = v
	}
	for _, g := range d.ordered {
		g.leases, g.waiting = map[int]*want{}, map[int][]*want{}
		d.groups[g.Group] = g
	}
	for _, p := range d.list {
		d.pages[p.ID] = p
		key := p.Viewer
		if key == "" {
			key = "page " + string(p.ID)
		}
		if p.viewer = d.viewers[key]; p.viewer == nil {
			return errors.New("a page's viewer is missing")
		}
		p.viewer.pages = append(p.viewer.pages, p)
		if p.Asleep || p.Group.Rendition == "" {
			continue
		}
		if p.group = d.groups[p.Group]; p.group == nil {
			return errors.New("a page's group is missing")
		}
		p.group.members = append(p.group.members, p)
	}
	for _, v := range d.known {
		if len(v.pages) == 0 {
			d.absent++
		}
	}
	for _, g := range d.ordered {
		slices.SortFunc(g.members, func(a, b *page) int { return cmp.Compare(a.Seq, b.Seq) })
	}
	for _, x := range s.Pairs {
		if x.a, x.b = d.pages[x.Caller], d.pages[x.Callee]; x.a == nil || x.b == nil {
			return errors.New("a pair's page is missing")
		}
		x.a.pairs = append(x.a.pairs, x)
		x.b.pairs = append(x.b.pairs, x)
	}
	return d.adoptWants()
}

func (d *Director) adoptWants() error {
	for _, p := range d.list {
		for _, w := range p.Wants {
			if w == nil || p.group == nil {
				return errors.New("a want without its page's group")
			}
			w.page = p
			switch {
			case w.State == leased:
				p.leases++
				p.group.leases[w.N] = w
			case w.State == waits:
				p.group.waiting[w.N] = append(p.group.waiting[w.N], w)
				slices.SortFunc(p.group.waiting[w.N], byDeadline)
			case w.Booked && len(w.Named) > 0:
				if h := d.pages[w.Named[0]]; h != nil {
					w.book(h)
				}
			}
			if w.Fetching {
				d.fetching++
				p.fetching++
			}
			d.timers.set(w, w.Until)
		}
	}
	return nil
}
