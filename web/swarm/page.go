package swarm

import (
	"slices"
	"time"
)

// Member is who joins.
type Member struct {
	Name   string `json:"name,omitempty"`
	P2P    bool   `json:"p2p"`              // the browser can; false: counted as watching, nothing else
	Viewer string `json:"viewer,omitempty"` // the cookie, or a hash of it: penalties and reports belong to it
	Role   string `json:"role,omitempty"`   // of the link it came over: wired | client | accessPoint; "": Policy.Role
}

// page is one WebSocket. What bears a JSON name is its state and goes into a snapshot.
type page struct {
	ID PeerID `json:"id"`
	Member
	Seq    uint64        `json:"seq"` // order of joining, and of entering a group: ties are decided by it
	Heard  time.Duration `json:"heard"`
	Asleep bool          `json:"asleep,omitempty"`

	Group    Group         `json:"group"` // Rendition "": takes part in nothing
	Have     inventory     `json:"have,omitzero"`
	Segments int           `json:"segments,omitempty"` // as the page says; 0: not said
	Length   time.Duration `json:"length,omitempty"`   // of a segment
	At       time.Duration `json:"at,omitempty"`       // playhead, when told
	Told     time.Duration `json:"told,omitempty"`     // when that was
	Moved    bool          `json:"moved,omitempty"`    // the playhead moves
	Marked   [2]int64      `json:"marked"`             // at and told of two seconds ago or more: to see whether it does
	Budget   int64         `json:"budget,omitempty"`
	Uploads  int           `json:"uploads,omitempty"`
	P2PBytes int64         `json:"p2pBytes,omitempty"`
	Handed   int64         `json:"handed,omitempty"` // of P2PBytes, in segments that were granted
	Rejected int           `json:"rejected,omitempty"`
	Stalls   int           `json:"stalls,omitempty"`

	Wants    []*want       `json:"wants,omitempty"`
	Avoid    []avoid       `json:"avoid,omitempty"`
	Fetched  int           `json:"fetched,omitempty"` // leases fulfilled, beside the mean of the group at entering it
	Lost     int           `json:"lost,omitempty"`    // fetches from the box that did not end, since the last one that did
	Slot     int           `json:"slot,omitempty"`    // retention: Slot % Of is Keep.Is
	Near     bool          `json:"near,omitempty"`    // retention: among those in step
	Config   Config        `json:"config"`            // as sent last
	Peers    []Peer        `json:"peers,omitempty"`   // as sent last
	Seen     inventory     `json:"seen,omitzero"`     // of Have: believed at once, see trusted
	Alone    int           `json:"alone,omitempty"`   // how many of Seen it was not granted, because nobody shared
	Entered  time.Duration `json:"entered,omitempty"` // its group
	Touched  inventory     `json:"touched,omitzero"`  // changed since the last copies message
	Fresh    bool          `json:"fresh,omitempty"`   // … of which none was told yet
	Refilled time.Duration `json:"refilled,omitempty"`

	viewer    *viewer
	group     *group // nil: in none
	pairs     []*pair
	serving   int  // wants granted with this page named first
	leases    int  // open; what counts is viewer.leases
	fetching  int  // wants that come from the box now
	dirty     bool // is to get Peers
	configure bool // is to get Config when that has changed
	anew      bool // … and even when it has not
}

// avoid is a peer not to be named to this page, or not to be introduced again.
type avoid struct {
	Peer  PeerID        `json:"peer"`
	Until time.Duration `json:"until"`
}

// A page meets few peers at once; older grudges may go.
const maxAvoid = 16

func (p *page) shun(peer PeerID, now, until time.Duration) {
	p.Avoid = slices.DeleteFunc(p.Avoid, func(a avoid) bool {
		if a.Peer == peer {
			until = max(until, a.Until)
		}
		return a.Peer == peer || a.Until <= now
	})
	if len(p.Avoid) == maxAvoid {
		p.Avoid = slices.Delete(p.Avoid, 0, 1)
	}
	p.Avoid = append(p.Avoid, avoid{peer, until})
}

func (p *page) shuns(peer PeerID, now time.Duration) bool {
	for i := range p.Avoid {
		if p.Avoid[i].Peer == peer && p.Avoid[i].Until > now {
			return true
		}
	}
	return false
}

// able says whether the page can exchange segments at all; whether its link is one for it: shares.
func (p *page) able(now time.Duration) bool {
	return p.P2P && p.group != nil && !p.viewer.punished(now)
}

// playhead is where the page will be by now, as if it went on as it did. Pages
// speak every 10 s at least.
func (p *page) playhead(now time.Duration) time.Duration {
	if !p.Moved {
		return p.At
	}
	return p.At + min(now-p.Told, 10*time.Second)
}

// tell notes the playhead.
func (p *page) tell(at, now time.Duration) {
	p.At, p.Told = at, now
	elapsed := now - time.Duration(p.Marked[1])
	if elapsed < 2*time.Second {
		return
	}
	p.Moved = at-time.Duration(p.Marked[0]) > elapsed/4
	p.Marked = [2]int64{int64(at), int64(now)}
}

// load is how many uploads the page has to carry: what it was named for, or what
// it says itself as long as that is fresh.
func (p *page) load(now time.Duration) int {
	if now-p.Told <= 3*time.Second {
		return max(p.serving, p.Uploads)
	}
	return p.serving
}

func (p *page) pairWith(other *page) *pair {
	if p == other {
		return nil
	}
	for _, x := range p.pairs {
		if x.a == other || x.b == other {
			return x
		}
	}
	return nil
}

func (p *page) wantOf(n int) *want {
	for _, w := range p.Wants {
		if w.N == n {
			return w
		}
	}
	return nil
}
