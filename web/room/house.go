package room

import "sync"

// Link is the box's network link over which a phone comes. Name is the interface's,
// "" where it is not known (a proxy, loopback); such phones count together.
type Link struct {
	Name string
	Role string // "wired" | "client" | "accessPoint"
}

// House has a [Room] for each link: what one carries, and who waits there, says
// nothing of another. Make one with NewHouse; safe for concurrent use.
type House struct {
	cfg Config

	mu    sync.Mutex
	rooms map[string]*Room // by Link.Name
}

// NewHouse starts nothing. cfg.Role is that of the link "".
func NewHouse(cfg Config) *House {
	return &House{cfg: cfg, rooms: map[string]*Room{"": New(cfg)}}
}

// enter is the room of a link, which begins with the first viewer there, and
// has the role that the link has now.
func (h *House) enter(l Link) *Room {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[l.Name]
	if r == nil {
		cfg := h.cfg
		cfg.Role = l.Role
		r = New(cfg)
		h.rooms[l.Name] = r
	} else if l.Name != "" {
		r.SetRole(l.Role)
	}
	return r
}

// of is the room of a link, nil where nobody has come over it.
func (h *House) of(l Link) *Room {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rooms[l.Name]
}

// all are the rooms, that of the unknown link first.
func (h *House) all() []*Room {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := append(make([]*Room, 0, len(h.rooms)), h.rooms[""])
	for name, r := range h.rooms {
		if name != "" {
			all = append(all, r)
		}
	}
	return all
}

// Admit is [Room.Admit] of the viewer's link.
func (h *House) Admit(v Viewer, bitsPerSecond float64) Verdict {
	return h.enter(v.Link).Admit(v, bitsPerSecond)
}

// Open is [Room.Open] of the viewer's link.
func (h *House) Open(v Viewer, tab uint64, bitsPerSecond float64) Verdict {
	return h.enter(v.Link).Open(v, tab, bitsPerSecond)
}

// Close is [Room.Close] of the viewer's link.
func (h *House) Close(v Viewer, tab uint64) {
	if r := h.of(v.Link); r != nil {
		r.Close(v, tab)
	}
}

// Late is [Room.Late] of the viewer's link.
func (h *House) Late(v Viewer) {
	if r := h.of(v.Link); r != nil {
		r.Late(v)
	}
}

// Spared notes which share (0…1) of the bytes watched lately came from peers;
// apart: phones of an access point share nothing.
func (h *House) Spared(share float64, apart bool) {
	for _, r := range h.all() {
		if apart && r.State().Role == RoleAccessPoint {
			r.Spared(0)
			continue
		}
		r.Spared(share)
	}
}

// SetRole notes the role of the link "": the box's.
func (h *House) SetRole(role string) { h.of(Link{}).SetRole(role) }

// Tick is [Room.Tick] of all rooms. A room that nobody is in any more, and of
// whose link nothing is known, is forgotten.
func (h *House) Tick() []Change {
	var changes []Change
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, r := range h.rooms {
		for _, change := range r.Tick() {
			change.Link = name
			changes = append(changes, change)
		}
		if name != "" && r.forgotten() {
			delete(h.rooms, name)
		}
	}
	return changes
}

// forgotten says whether the room is as good as a new one.
func (r *Room) forgotten() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	return len(r.viewers) == 0 && !r.capacity.measured(now) && r.capacity.held.get(now) == 0 && r.capacity.rest.get(now) == 0
}

// State is what GET /api/v1/box shows: the sums over the links that phones use
// now. Role is the box's. Places is 0 as soon as one of those links has no known
// end, and where nobody watches what the box begins with.
func (h *House) State() State {
	all := h.all()
	sum := all[0].State()
	used, open := sum.Taken+sum.Waiting > 0, false
	if used {
		open = sum.Places == 0
	}
	for _, r := range all[1:] {
		s := r.State()
		sum.EgressMbitPerSecond += s.EgressMbitPerSecond
		if s.Taken+s.Waiting == 0 {
			continue
		}
		if !used {
			sum.Places, sum.MbitPerSecond, used = 0, 0, true
		}
		open = open || s.Places == 0
		sum.Places += s.Places
		sum.Taken += s.Taken
		sum.Waiting += s.Waiting
		sum.MbitPerSecond += s.MbitPerSecond
	}
	if open {
		sum.Places = 0
	}
	return sum
}

// observe tells each link's room (by Link.Name) what the Meter saw of it.
func (h *House) observe(samples map[string]Sample) {
	for name, s := range samples {
		if r := h.of(Link{Name: name}); r != nil {
			r.Observe(s)
		}
	}
}

func (h *House) begins(v Viewer, segment int) {
	if r := h.of(v.Link); r != nil {
		r.begins(v, segment)
	}
}

func (h *House) pace(v Viewer) float64 {
	if r := h.of(v.Link); r != nil {
		return r.pace(v)
	}
	return 0
}
