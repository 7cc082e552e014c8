package swarm

// Counts only grow, as metrics want it.
type Counts struct {
	Messages      int    `json:"messages"`
	HTTPGrants    int    `json:"httpGrants"`
	PeerGrants    int    `json:"peerGrants"`
	Waits         int    `json:"waits"`
	Leases        int    `json:"leases"`
	Expired       int    `json:"expiredLeases"`
	Introductions int    `json:"introductions"`
	ICEFailures   int    `json:"iceFailures"`
	Reports       int    `json:"reports"`
	Penalties     int    `json:"penalties"`
	Rejected      int    `json:"rejectedSegments"` // as the pages say, like the next two
	Stalls        int    `json:"stalls"`
	P2PBytes      uint64 `json:"p2pBytes"`
	HandedBytes   uint64 `json:"handedBytes"` // of these, in segments that were granted to come from peers
	Dropped       int    `json:"droppedSignals"`
	Refused       int    `json:"refusedMessages"` // against the protocol
}

// Stats is what metrics and the library page need.
type Stats struct {
	Policy    Policy       `json:"policy"`
	Pages     int          `json:"pages"`
	Viewers   int          `json:"viewers"`  // cookies with a page
	Watching  int          `json:"watching"` // pages in a group
	Asleep    int          `json:"asleep"`
	Penalised int          `json:"penalised"` // viewers
	Counts    Counts       `json:"counts"`
	Groups    []GroupStats `json:"groups"`
}

// GroupStats is one group in a few numbers.
type GroupStats struct {
	Group
	On               bool   `json:"on"`
	Why              string `json:"why"`
	Pages            int    `json:"pages"`
	Leases           int    `json:"leases"`
	Waiting          int    `json:"waiting"`
	Pairs            int    `json:"pairs"`
	KeepOf           int    `json:"keepOf"` // 0: staggered
	HTTPMilliseconds int    `json:"httpMilliseconds"`
	PeerMilliseconds int    `json:"peerMilliseconds"`
}

// View is a group with everybody in it, for GET /api/v1/swarm.
type View struct {
	GroupStats
	Open    []WantView `json:"open"` // wants that are not fulfilled
	Members []PageView `json:"members"`
}

// WantView is one want.
type WantView struct {
	Peer         PeerID   `json:"peer"`
	N            int      `json:"n"`
	How          string   `json:"how"` // leased | late | http | peers | wait
	Why          string   `json:"why"`
	Milliseconds int      `json:"ms"` // until something becomes of it
	Named        []PeerID `json:"named,omitempty"`
}

// PageView is one page.
type PageView struct {
	ID      PeerID  `json:"id"`
	Name    string  `json:"name"`
	On      bool    `json:"on"`
	Why     string  `json:"why"`
	At      float64 `json:"at"`
	Have    []Span  `json:"have"`
	Uploads int     `json:"uploads"`
	Fetched int     `json:"fetched"`
	Pairs   []Peer  `json:"pairs"`
	Reports int     `json:"reports"`
	Keep    Keep    `json:"keep"`
}

// Handed is Counts.HandedBytes: what a page says came from peers, as far as it
// was sent to peers for it. It only grows.
func (d *Director) Handed() uint64 { return d.counts.HandedBytes }

// Stats counts.
func (d *Director) Stats() Stats {
	s := Stats{Policy: d.policy, Pages: len(d.list), Counts: d.counts, Groups: make([]GroupStats, 0, len(d.ordered))}
	for _, v := range d.known {
		if len(v.pages) > 0 {
			s.Viewers++
		}
		if v.punished(d.now) {
			s.Penalised++
		}
	}
	for _, p := range d.list {
		if p.Asleep {
			s.Asleep++
		}
		if p.group != nil {
			s.Watching++
		}
	}
	for _, g := range d.ordered {
		s.Groups = append(s.Groups, g.stats())
	}
	return s
}

func (g *group) stats() GroupStats {
	s := GroupStats{
		Group: g.Group, On: g.On, Why: g.Why, Pages: len(g.members), Leases: len(g.leases), KeepOf: g.Of,
		HTTPMilliseconds: ms(g.HTTP.or(0)), PeerMilliseconds: ms(g.Peer.or(0)),
	}
	for _, p := range g.members {
		s.Pairs += len(p.pairs)
		for _, w := range p.Wants {
			if w.State == waits {
				s.Waiting++
			}
		}
	}
	s.Pairs /= 2
	return s
}

// Views is everything there is to see.
func (d *Director) Views() []View {
	out := make([]View, 0, len(d.ordered))
	for _, g := range d.ordered {
		v := View{GroupStats: g.stats(), Open: []WantView{}}
		for _, p := range g.members {
			why := d.plain(p)
			v.Members = append(v.Members, PageView{
				ID: p.ID, Name: p.Name, On: why == "", Why: why, At: p.playhead(d.now).Seconds(), Have: p.Have.spans(),
				Uploads: p.load(d.now), Fetched: p.Fetched, Pairs: peersOf(p), Reports: len(p.viewer.Reports), Keep: p.Config.Keep,
			})
			for _, w := range p.Wants {
				v.Open = append(v.Open, WantView{p.ID, w.N, string(w.State), w.Why, ms(w.Until - d.now), w.Named})
			}
		}
		out = append(out, v)
	}
	return out
}
