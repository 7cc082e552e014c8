package room

import (
	"log/slog"
	"net/netip"
	"sync"
	"time"
)

// RoleAccessPoint is the role whose places are counted before anything is
// measured; every other role has no limit then.
const RoleAccessPoint = "accessPoint"

const (
	accessPointPlaces = 8               // a stock Pi's radio; see the package comment
	alwaysAdmitted    = 2               // so many are let in whatever was measured
	leaveGrace        = 8 * time.Second // a page that is loaded anew keeps its place
	playerGrace       = 30 * time.Second
	trialTime         = 8 * time.Second // how long a viewer from before the measurement may be put back
	roomMustLast      = 3 * time.Second // before somebody who waits is let in
	maxViewers        = 1024
	typicalBits       = 4e6 // bit/s of a film of which nothing is known
)

// Config is what a Room and a House need. Now must be given.
type Config struct {
	Now  func() time.Time
	Role string       // "wired" | "client" | "accessPoint"
	Log  *slog.Logger // optional: discards
}

// Room knows who watches and who waits on one link. Make one with New; safe for concurrent use.
type Room struct {
	now func() time.Time
	log *slog.Logger

	mu       sync.Mutex
	role     string
	viewers  map[string]*viewer
	byAddr   map[netip.Addr]string // of viewers with a cookie: the last one at that address
	waiting  []*viewer             // in order of arrival
	watching int                   // viewers that are admitted
	spared   float64
	capacity capacity
	distress distress
	crowd    crowd
	fitsAt   time.Time // since when the first one who waits would fit; zero: it does not
	shown    int       // places, as of the last change or Tick
	arrivals uint64
	swept    time.Time // when those who are gone were looked for
	full     bool      // has been logged
}

// viewer is one who watches or waits.
type viewer struct {
	key      string
	cookie   string
	addr     netip.Addr
	bits     float64 // bit/s, 0: unknown
	tabs     map[uint64]struct{}
	until    time.Time // without tabs: when it is gone
	admitted bool
	since    time.Time // admission or arrival
	order    uint64    // of arrival
	trial    bool      // admitted before anything was measured
	late     time.Time // its last late segment
	supply   supply
}

// Viewer is who asks. Cookie is "" without one; Addr is the other end's address,
// Link that of the box over which it comes.
type Viewer struct {
	Cookie string
	Addr   netip.Addr
	Link   Link
}

// Verdict is what a viewer is told.
type Verdict struct {
	Admitted bool
	Watching int // viewers that have a place
	Places   int // 0: no limit is known
}

// New starts nothing.
func New(cfg Config) *Room {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	r := &Room{
		now: cfg.Now, log: cfg.Log, role: cfg.Role,
		viewers: make(map[string]*viewer), byAddr: make(map[netip.Addr]string),
	}
	r.shown = r.places(r.now())
	return r
}

// Admit is asked for every segment: may this viewer have it? bitsPerSecond is
// the mean of what it plays, 0 when unknown. For those who have a place it is
// a look into a map.
func (r *Room) Admit(v Viewer, bitsPerSecond float64) Verdict {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	one := r.find(v)
	if one == nil {
		one = r.arrive(v, bitsPerSecond, now)
		if one == nil { // too many to remember
			return r.verdict(!r.limited(now))
		}
	}
	if bitsPerSecond > 0 {
		one.bits = bitsPerSecond
	}
	if len(one.tabs) == 0 {
		one.until = now.Add(playerGrace)
	}
	return r.verdict(one.admitted)
}

// Open notes that a page (tab is its number) shows a title.
func (r *Room) Open(v Viewer, tab uint64, bitsPerSecond float64) Verdict {
	verdict := r.Admit(v, bitsPerSecond)
	r.mu.Lock()
	defer r.mu.Unlock()
	if one := r.find(v); one != nil {
		if one.tabs == nil {
			one.tabs = make(map[uint64]struct{})
		}
		one.tabs[tab] = struct{}{}
	}
	return verdict
}

// Close notes that a page shows no title any more, or is gone.
func (r *Room) Close(v Viewer, tab uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := r.find(v)
	if one == nil {
		return
	}
	if _, had := one.tabs[tab]; !had {
		return
	}
	if delete(one.tabs, tab); len(one.tabs) == 0 {
		one.until = r.now().Add(leaveGrace)
	}
}

// Verdict looks and changes nothing; who is not known is not admitted.
func (r *Room) Verdict(v Viewer) Verdict {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := r.find(v)
	return r.verdict(one != nil && one.admitted)
}

// Late notes that a page had to wait for a segment.
func (r *Room) Late(v Viewer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if one := r.find(v); one != nil && one.admitted {
		one.late = r.now()
		one.supply = supply{} // nothing is ahead, whatever was thought
	}
}

// Spared notes which share (0…1) of the bytes watched lately came from peers.
func (r *Room) Spared(share float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	// Never all: somebody has to fetch what the others share.
	r.spared = min(max(share, 0), mostSpared)
}

// SetRole notes the box's role. What was measured on another link says nothing.
func (r *Room) SetRole(role string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if role != r.role {
		r.role, r.capacity, r.distress, r.crowd = role, capacity{}, distress{}, crowd{}
		r.shown = r.places(r.now())
	}
}

// Observe takes what the Meter saw.
func (r *Room) Observe(s Sample) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	r.capacity.observe(s, r.watching, r.crowd.on, now)
	near := r.capacity.measured(now) && r.capacity.total >= crowdedAfter && r.demand(r.typical()) >= crowdedFrom*r.capacity.limit(now)
	full := s.Backlogged >= quarter(r.watching) || r.crowd.on && s.Backlogged > 0
	r.crowd.observe(full, near, s.Span, now)
}
