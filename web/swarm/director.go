package swarm

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Send is one message for one page.
type Send struct {
	To      PeerID
	Message any // Config, Grant, Peers or Relay; see Type
}

// Options are what a director is made with.
type Options struct {
	Policy Policy
	Random *rand.PCG // for choices among equals; its state is part of a snapshot
	Limits Limits
	Trace  *Trace // nil: nothing is recorded
}

// Director decides from whom each page takes what it wants. It is not safe for
// concurrent use, and starts nothing: each method takes the time, counted from
// wherever the caller likes, and returns what to send.
type Director struct {
	policy Policy
	random *rand.PCG
	limits Limits
	trace  *Trace

	now     time.Duration
	seq     uint64
	session uint32
	house   time.Duration // next housekeeping
	pages   map[PeerID]*page
	list    []*page // as they joined
	groups  map[Group]*group
	ordered []*group // as they began
	viewers map[string]*viewer
	known   []*viewer // as they came
	absent  int       // of known: without a page
	timers  timers
	counts  Counts

	box      estimate // time of a mebibyte alone, see estimate.go
	voices   []voice  // … as the last viewers said, the newest last
	fetching int      // wants that come from the box now
	// What is to be sent at the end of this call.
	touched []*page // Config or Peers
	relays  []Send
	answers []*want
	told    []telling
}

// telling is a message of copies and playheads.
type telling struct {
	page    *page
	message Peers
}

// New makes a director that knows nobody.
func New(o Options) *Director {
	if o.Random == nil {
		o.Random = rand.NewPCG(1, 2)
	}
	return &Director{
		policy: o.Policy, random: o.Random, limits: o.Limits.withDefaults(), trace: o.Trace,
		pages: map[PeerID]*page{}, groups: map[Group]*group{}, viewers: map[string]*viewer{},
	}
}

// Join is for a page that has said hello.
func (d *Director) Join(now time.Duration, id PeerID, m Member) []Send {
	out, _ := d.do(now, Input{Peer: id, Do: "join", Member: &m})
	return out
}

// Leave is for a page whose WebSocket has ended.
func (d *Director) Leave(now time.Duration, id PeerID) []Send {
	out, _ := d.do(now, Input{Peer: id, Do: "leave"})
	return out
}

// SetPolicy changes what --p2p says, or what the box knows of its link.
func (d *Director) SetPolicy(now time.Duration, p Policy) []Send {
	out, _ := d.do(now, Input{Do: "policy", Policy: &p})
	return out
}

// Tick does what has become due: call it when Next says so.
func (d *Director) Tick(now time.Duration) []Send {
	out, _ := d.do(now, Input{Do: "tick"})
	return out
}

// Never is what Next says when nothing will become due.
const Never = time.Duration(math.MaxInt64)

// Next says when Tick is to be called.
func (d *Director) Next() time.Duration {
	if len(d.list) == 0 && len(d.known) == 0 {
		return Never
	}
	at := d.house
	if t, ok := d.timers.next(); ok {
		at = min(at, t)
	}
	return at
}

func (d *Director) sequence() uint64 {
	d.seq++
	return d.seq
}

func (d *Director) join(id PeerID, m Member) {
	if d.pages[id] != nil {
		d.leave(id)
	}
	if len(d.list) == 0 {
		d.house = d.now + time.Second
	}
	p := &page{ID: id, Member: m, Seq: d.sequence(), Heard: d.now, Told: d.now, Length: 4 * time.Second}
	d.came(p)
	d.pages[id] = p
	d.list = append(d.list, p)
}

func (d *Director) leave(id PeerID) {
	p := d.pages[id]
	if p == nil {
		return
	}
	d.exit(p)
	d.went(p)
	delete(d.pages, id)
	d.list = slices.DeleteFunc(d.list, func(o *page) bool { return o == p })
	d.touched = slices.DeleteFunc(d.touched, func(o *page) bool { return o == p })
}

// changed notes that a page is to be sent what it knows of its part and its peers.
func (d *Director) changed(p *page) {
	if !p.dirty {
		p.dirty = true
		d.touched = append(d.touched, p)
	}
}

func (d *Director) reconfigure(p *page) {
	p.configure = true
	d.changed(p)
}

// flush gives what a call has to send: first who takes part how, then who knows
// whom, and last the grants, which name only peers that are known by then.
func (d *Director) flush() []Send {
	d.settle()
	var out []Send
	for _, p := range d.touched {
		if !p.configure || d.pages[p.ID] != p {
			continue
		}
		c := d.configOf(p)
		if p.anew || c != p.Config {
			p.Config = c
			out = append(out, Send{p.ID, c})
		}
		p.configure, p.anew = false, false
	}
	for _, p := range d.touched {
		p.dirty = false
		if d.pages[p.ID] != p {
			continue
		}
		if m := peersOf(p); !slices.Equal(m, p.Peers) {
			p.Peers = m
			out = append(out, Send{p.ID, Peers{Peers: m}})
		}
	}
	out = append(out, d.relays...)
	for _, w := range d.answers {
		if w.State != ended {
			out = append(out, Send{w.page.ID, *w.answer})
		}
		w.answer = nil
	}
	for _, t := range d.told {
		if d.pages[t.page.ID] == t.page {
			out = append(out, Send{t.page.ID, t.message})
		}
	}
	clear(d.touched)
	clear(d.answers)
	d.touched, d.relays, d.answers, d.told = d.touched[:0], nil, d.answers[:0], nil
	return out
}

func peersOf(p *page) []Peer {
	out := make([]Peer, 0, len(p.pairs))
	for _, x := range p.pairs {
		o := x.other(p)
		out = append(out, Peer{ID: o.ID, Name: o.Name, Session: x.Session, Call: x.a == p})
	}
	return out
}

func (d *Director) configOf(p *page) Config {
	c := Config{
		Title: p.Group.Title, Rendition: p.Group.Rendition,
		LookAheadSeconds: d.limits.LookAhead.Seconds(), Keep: Keep{Mode: "rarest"}, Uploads: d.limits.Uploads, Why: "off",
	}
	if p.group == nil {
		return c
	}
	c.Tag = p.Group.tag()
	c.Why = d.plain(p)
	c.On = c.Why == ""
	if c.On {
		c.Why = p.group.Why
	}
	if p.Near && p.group.Of > 0 {
		c.Keep = Keep{Mode: "assigned", Of: p.group.Of, Is: p.Slot % p.group.Of}
	}
	return c
}
