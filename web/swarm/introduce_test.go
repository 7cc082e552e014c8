package swarm

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestIntroductions(t *testing.T) {
	cases := []struct {
		sentence string
		do       func(*room)
	}{
		{"The newcomer calls, both are told the same session, and only one calls", func(r *room) {
			r.join("a", 0)
			r.join("b", 0)
			a, b := r.peers("a"), r.peers("b")
			if len(a) != 1 || len(b) != 1 {
				r.t.Fatalf("told %v and %v", a, b)
			}
			equal(r.t, "session", a[0].Session, b[0].Session)
			equal(r.t, "newcomer calls", b[0].Call, true)
			equal(r.t, "the other waits", a[0].Call, false)
			equal(r.t, "name", b[0].Name, "a")
		}},
		{"A page calls four at most, of those who hold what it needs next", func(r *room) {
			for i := range 12 {
				if i%2 == 0 {
					r.join(PeerID(fmt.Sprintf("h%d", i)), 100, Span{0, 30})
				} else {
					r.join(PeerID(fmt.Sprintf("e%d", i)), 100)
				}
			}
			r.join("new", 0)
			peers := r.peers("new")
			equal(r.t, "number", len(peers), 4)
			for _, p := range peers {
				if p.ID[0] != 'h' {
					r.t.Errorf("was introduced to %s, which holds nothing", p.ID)
				}
			}
		}},
		{"A grant of a page that is not known introduces it, and the one who wants calls", func(r *room) {
			for i := range 16 {
				r.join(PeerID(fmt.Sprintf("p%d", i)), 0)
			}
			var far1 PeerID
			for _, p := range r.d.list {
				if p.ID != "p0" && r.d.pages["p0"].pairWith(p) == nil {
					far1 = p.ID
				}
			}
			if far1 == "" {
				r.t.Fatal("everybody knows everybody")
			}
			r.have(far1, 0, Span{5, 5})
			g := r.want("p0", 5, far)
			equal(r.t, "how", g.How, "peers")
			equal(r.t, "from", g.Peers[0], far1)
			peers := r.peers("p0")
			i := slices.IndexFunc(peers, func(p Peer) bool { return p.ID == far1 })
			if i < 0 || !peers[i].Call {
				r.t.Errorf("told %v", peers)
			}
		}},
		{"What belongs to an introduction that has ended is dropped", func(r *room) {
			r.join("a", 0)
			r.join("b", 0)
			s := r.session("a", "b")
			r.gone("a", Gone{Peer: "b", Session: s, Why: "closed"})
			clear(r.sent)
			r.take(r.d.Signal(r.now, "b", "offer", Signal{To: "a", Session: s, SDP: "v=0"}))
			equal(r.t, "sent to a", len(r.sent["a"]), 0)
			equal(r.t, "dropped", r.d.Stats().Counts.Dropped, 1)
		}},
		{"A signal with a session of one's own making reaches nobody", func(r *room) {
			r.join("a", 0)
			r.join("b", 0)
			clear(r.sent)
			r.take(r.d.Signal(r.now, "b", "offer", Signal{To: "a", Session: 99, SDP: "v=0"}))
			r.take(r.d.Signal(r.now, "b", "candidate", Signal{To: "nobody", Session: 1}))
			equal(r.t, "sent to a", len(r.sent["a"]), 0)
		}},
		{"An offer arrives with who sent it, whatever it says itself", func(r *room) {
			r.join("a", 0)
			r.join("b", 0)
			clear(r.sent)
			r.take(r.d.Signal(r.now, "b", "offer", Signal{To: "a", From: "c", Session: r.session("a", "b"), SDP: "v=0"}))
			relay, ok := r.sent["a"][0].(Relay)
			if !ok || relay.From != "b" || relay.To != "" || Type(relay) != "offer" {
				r.t.Errorf("got %+v", r.sent["a"][0])
			}
		}},
		{"A page that is silent for thirty seconds is out, and its next message brings it back", func(r *room) {
			r.join("a", 0, Span{0, 9})
			r.join("b", 0)
			r.join("c", 0)
			r.connect()
			for range 7 {
				r.after(5 * time.Second)
				r.have("b", 0)
				r.have("c", 0)
			}
			equal(r.t, "asleep", r.d.Stats().Asleep, 1)
			equal(r.t, "what only it holds", r.want("b", 5, far).How, "http")
			r.gone("b", Gone{N: 5})
			clear(r.sent)
			r.have("a", 40)
			if _, ok := r.sent["a"][0].(Config); !ok {
				r.t.Errorf("was told %T first", r.sent["a"][0])
			}
			equal(r.t, "asleep", r.d.Stats().Asleep, 0)
			r.connect()
			equal(r.t, "what only it holds", r.want("b", 5, far).How, "peers")
		}},
		{"Whoever changes the title knows nobody of the old one any more", func(r *room) {
			r.join("a", 0)
			r.join("b", 0)
			r.take(r.d.Open(r.now, "b", Open{Title: "other", Rendition: "720p"}))
			equal(r.t, "a knows", len(r.peers("a")), 0)
			equal(r.t, "b knows", len(r.peers("b")), 0)
			equal(r.t, "a", r.config("a").Why, "alone")
		}},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) { c.do(newRoom(t)) })
	}
}

func TestPolicy(t *testing.T) {
	cases := []struct {
		sentence, why string
		policy        Policy
		pages         int
	}{
		{"auto shares when two watch the same", "shared", Policy{Mode: "auto", Role: "client"}, 2},
		{"auto does not share where the box is the access point", "accessPoint", Policy{Mode: "auto", Role: "accessPoint"}, 2},
		{"on shares there too", "shared", Policy{Mode: "on", Role: "accessPoint"}, 2},
		{"on with nobody to share with is alone", "alone", Policy{Mode: "on"}, 1},
		{"off is off", "off", Policy{Mode: "off"}, 3},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) {
			r := newRoom(t)
			for i := range c.pages {
				r.join(PeerID(fmt.Sprintf("p%d", i)), 0)
			}
			r.take(r.d.SetPolicy(r.now, c.policy), nil)
			equal(t, "why", r.config("p0").Why, c.why)
			equal(t, "on", r.config("p0").On, c.why == "shared")
			r.take(r.d.SetPolicy(r.now, Policy{Mode: "off"}), nil)
			equal(t, "turned off", r.config("p0").Why, "off")
			equal(t, "who knows whom", len(r.d.pages["p0"].pairs), 0)
		})
	}
	t.Run("A browser that cannot is counted as watching and shares with nobody", func(t *testing.T) {
		r := newRoom(t)
		r.join("a", 0)
		r.take(r.d.Join(r.now, "tv", Member{Viewer: "tv"}), nil)
		r.take(r.d.Open(r.now, "tv", film))
		equal(t, "tv", r.config("tv").Why, "cannot")
		equal(t, "a", r.config("a").Why, "alone")
		equal(t, "watching", r.d.Stats().Watching, 2)
		equal(t, "its wants", r.want("tv", 1, 0).How, "http")
	})
}

// linked joins a page that came over a link of this kind.
func (r *room) linked(id PeerID, role string) {
	r.t.Helper()
	r.take(r.d.Join(r.now, id, Member{Name: string(id), P2P: true, Viewer: "cookie of " + string(id), Role: role}), nil)
	r.take(r.d.Open(r.now, id, film))
	r.d.pages[id].viewer.Gave = true
}

func (r *room) becomes(id PeerID, role string) {
	r.t.Helper()
	r.take(r.d.Apply(r.now, Input{Peer: id, Do: "role", Member: &Member{Role: role}}))
}

func TestRoleIsThatOfThePagesOwnLink(t *testing.T) {
	cases := []struct {
		sentence string
		do       func(r *room)
	}{
		{"Beside a cable a page of the box's own Wi-Fi takes all from the box, and the wired ones share", func(r *room) {
			r.take(r.d.SetPolicy(r.now, Policy{Mode: "auto", Role: "accessPoint"}), nil)
			r.linked("cable 1", "wired")
			r.linked("cable 2", "client")
			r.linked("air", "accessPoint")
			for _, id := range []PeerID{"cable 1", "cable 2"} {
				equal(r.t, string(id), r.config(id).Why, "shared")
				equal(r.t, "it knows", len(r.peers(id)), 1)
			}
			equal(r.t, "air", r.config("air").Why, "accessPoint")
			equal(r.t, "air", r.config("air").On, false)
			equal(r.t, "air knows", len(r.peers("air")), 0)
			r.have("air", 0, Span{5, 5})
			equal(r.t, "what only the air holds", r.want("cable 1", 5, far).How, "http")
			r.have("cable 1", 0, Span{6, 6})
			g := r.want("air", 6, far)
			equal(r.t, "what a wired one holds", g.How+" "+g.Why, "http accessPoint")
		}},
		{"One page on the cable and one on the box's own Wi-Fi share nothing", func(r *room) {
			r.linked("cable", "wired")
			r.linked("air", "accessPoint")
			equal(r.t, "cable", r.config("cable").Why, "alone")
			equal(r.t, "air", r.config("air").Why, "accessPoint")
		}},
		{"With p2p on the box's own Wi-Fi shares with everybody", func(r *room) {
			r.take(r.d.SetPolicy(r.now, Policy{Mode: "on"}), nil)
			r.linked("cable", "wired")
			r.linked("air", "accessPoint")
			equal(r.t, "cable", r.config("cable").Why, "shared")
			equal(r.t, "air", r.config("air").Why, "shared")
		}},
		{"A link that becomes the box's own Wi-Fi leaves the swarm, and comes back", func(r *room) {
			for _, id := range []PeerID{"a", "b", "c"} {
				r.linked(id, "wired")
			}
			equal(r.t, "it leases", r.want("c", 9, far).Why, "lease")
			equal(r.t, "another waits for it", r.want("a", 9, far).How, "wait")
			r.becomes("c", "accessPoint")
			equal(r.t, "c", r.config("c").Why, "accessPoint")
			equal(r.t, "a", r.config("a").Why, "shared")
			equal(r.t, "who waited is served", r.granted("a", 9).How, "http")
			equal(r.t, "c knows", len(r.d.pages["c"].pairs), 0)
			r.becomes("c", "wired")
			equal(r.t, "c", r.config("c").Why, "shared")
			equal(r.t, "c knows", len(r.d.pages["c"].pairs), 2)
		}},
		{"A box whose mode begins to allow it lets all links share", func(r *room) {
			r.linked("a", "wired")
			r.linked("b", "wired")
			r.linked("air", "accessPoint")
			r.take(r.d.SetPolicy(r.now, Policy{Mode: "on"}), nil)
			equal(r.t, "air", r.config("air").Why, "shared")
			equal(r.t, "air knows", len(r.d.pages["air"].pairs), 2)
		}},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) { c.do(newRoom(t)) })
	}
}
