package swarm

// Messages of WebSocket protocol 1 that concern the swarm. web adds "type" and
// puts them on the wire; package web's doc.go describes them for the page's side.

// PeerID names one WebSocket of one page, for other pages to see: 1–8 small
// letters and digits, drawn anew for each connection. Nothing leads from it to
// the viewer's cookie.
type PeerID string

// Group is whose segments can be exchanged: one rendition of one title.
type Group struct {
	Title     string `json:"title"`
	Rendition string `json:"rendition"`
}

// Span is a run of segments, both ends included: [3,3] is one.
type Span [2]int

// Segment is what the box knows of one, given with each want.
type Segment struct {
	SHA256 string `json:"sha256,omitempty"` // hex; "": not known (yet), so it cannot be exchanged
	Bytes  int64  `json:"bytes,omitempty"`
}

// What a page says.
type (
	// Open says what a page plays, and what it has of it. Rendition "" plays without the swarm; Title "" plays nothing.
	Open struct {
		Title     string  `json:"title"`
		Rendition string  `json:"rendition,omitempty"`
		Segments  int     `json:"segments,omitempty"`       // in the playlist now
		Seconds   float64 `json:"segmentSeconds,omitempty"` // mean length of one
		Have      []Span  `json:"have,omitempty"`           // the whole inventory: a page that was away is back at once
		At        float64 `json:"at,omitempty"`             // playhead, seconds
		Budget    int64   `json:"budget,omitempty"`         // bytes of the cache; 0: not told, 64 MB is taken
		Cannot    bool    `json:"cannot,omitempty"`         // this page cannot play the title's first rendition: for web, not for the swarm
	}
	// Want asks from whom to take a segment.
	Want struct {
		ID  uint32   `json:"id"` // the page's own counter; grants repeat it
		N   int      `json:"n"`
		In  int      `json:"in"`            // milliseconds until it is needed; 0: now
		Not []PeerID `json:"not,omitempty"` // who failed to deliver it to this page; at most 8
		Why string   `json:"why,omitempty"` // play | ahead | past: the scheduler's zone
	}
	// Have is a change of what a page has and where it is; at least one every 10 s.
	Have struct {
		Add      []Span  `json:"add,omitempty"`
		Drop     []Span  `json:"drop,omitempty"`
		At       float64 `json:"at"`                 // playhead, seconds
		Uploads  int     `json:"up,omitempty"`       // running now
		P2PBytes int64   `json:"p2p,omitempty"`      // taken from peers since this WebSocket began; only grows
		Rejected int     `json:"rejected,omitempty"` // segments of peers that were not what the box promised; only grows
		Stalls   int     `json:"stalls,omitempty"`   // times the picture stood since open; only grows
		Segments int     `json:"segments,omitempty"` // the playlist has grown
	}
	// Gone says that a connection or a delivery failed (Peer), or that this page no longer fetches N (no Peer).
	Gone struct {
		Peer    PeerID `json:"peer,omitempty"`
		Session uint32 `json:"session,omitempty"`
		N       int    `json:"n,omitempty"`
		Why     string `json:"why,omitempty"` // ice | timeout | bad | refused | busy | closed | idle
	}
	// Signal is an offer, an answer or a candidate on its way to another page.
	Signal struct {
		To        PeerID  `json:"to,omitempty"`   // from the page
		From      PeerID  `json:"from,omitempty"` // to the page
		Session   uint32  `json:"session"`        // of the introduction; another one is dropped
		SDP       string  `json:"sdp,omitempty"`
		Candidate *string `json:"candidate,omitempty"` // "": there are no more
		Mid       string  `json:"mid,omitempty"`
		MLine     *int    `json:"mline,omitempty"`
	}
)

// What the box says.
type (
	// Config is how a page takes part; after open, and when it changes.
	Config struct {
		Title            string  `json:"title"`
		Rendition        string  `json:"rendition"`
		Tag              string  `json:"tag"` // 16 hex digits that name title and rendition on DataChannels
		On               bool    `json:"on"`  // false: no wants, plain HTTP; the inventory is told all the same
		Why              string  `json:"why"` // why on or off: shared | alone | off | accessPoint | failing | penalty | cannot
		LookAheadSeconds float64 `json:"lookAheadSeconds"`
		Keep             Keep    `json:"keep"`
		Uploads          int     `json:"uploads"` // at once, at most
	}
	// Keep says what to hold for latecomers when the cache is full.
	Keep struct {
		Mode string `json:"mode"`         // assigned: segments with n % Of == Is | rarest: drop what most others have
		Of   int    `json:"of,omitempty"` // assigned
		Is   int    `json:"is,omitempty"` // assigned
	}
	// Grant answers a want; a wait is followed by another one with the same ID, unasked.
	Grant struct {
		ID           uint32   `json:"id"`
		N            int      `json:"n"`
		How          string   `json:"how"`             // http | peers | wait
		Peers        []PeerID `json:"peers,omitempty"` // best first, at most 5
		Milliseconds int      `json:"ms,omitempty"`    // http: how long the lease lasts; wait: then ask again
		SHA256       string   `json:"sha256,omitempty"`
		Bytes        int64    `json:"bytes,omitempty"`
		Why          string   `json:"why"` // a word for logs, traces and the event list
	}
	// Peers is everybody this page is introduced to, whole when it has changed and after
	// an open: who is not in it any more has gone. Absent: as before. Copies says how often segments lie in the room,
	// of those where that has changed: a segment not named is as before, and 0
	// after an open. 15 stands for 15 and more. At most 512 runs at once, from where
	// the page plays on; the others follow.
	Peers struct {
		Peers  []Peer   `json:"peers,omitzero"`
		Copies [][3]int `json:"copies,omitempty"` // [first, last, copies] without one's own
		// Heads are the playheads of the others in seconds, ascending, at most 32
		// (of more, evenly chosen ones), when they are not where playing on would
		// have brought those told before. Absent: as before; it is never told empty.
		Heads []float64 `json:"heads,omitempty"`
	}
	// Peer is one introduction. Exactly one of the two pages calls.
	Peer struct {
		ID      PeerID `json:"id"`
		Name    string `json:"name"`
		Session uint32 `json:"session"`
		Call    bool   `json:"call"` // this page makes the offer
	}
)

// Relay is a Signal on its way, with the kind that its "type" will be.
type Relay struct {
	Kind string `json:"-"` // offer | answer | candidate
	Signal
}

// Type is the "type" that a message of the box bears on the wire, "" for what is none.
func Type(message any) string {
	switch m := message.(type) {
	case Config:
		return "config"
	case Grant:
		return "grant"
	case Peers:
		return "peers"
	case Relay:
		return m.Kind
	}
	return ""
}
