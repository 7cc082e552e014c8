package mdns

import (
	"net/netip"
	"slices"
	"time"
)

// The times of RFC 6762.
const (
	probes        = 3
	probeEvery    = 250 * time.Millisecond // 8.1; also the most that a first probe waits
	announcements = 3                      // 8.3: two at least; air loses multicast
	announceAgain = time.Second            // doubles with each
	lostWait      = time.Second            // 8.2: after a lost tie-break
	conflictsIn   = 10 * time.Second       // 8.1: so many conflicts in this time …
	conflictsMost = 15
	conflictWait  = 5 * time.Second // … and we wait so long before asking again
	formerFor     = addressTTL * time.Second
)

// stage is how far the name is on a link.
type stage int

const (
	probing stage = iota
	ours
)

// linkState is the name's life on one link.
type linkState struct {
	link
	stage   stage
	step    int       // probes or announcements sent
	at      time.Time // of the next; zero: none
	said    map[tellKey]time.Time
	unicast bucket
	waiting []question // for the rest of what the asker knows
}

// tellKey is what the limits of multicast are counted for.
type tellKey struct {
	family family
	kind   uint16
}

// machine is the responder without effects: see the package comment. Not for
// concurrent use.
type machine struct {
	base      string
	number    int
	links     []*linkState             // by index
	former    map[netip.Addr]time.Time // addresses that were ours → until when they may still be heard of
	conflicts []time.Time
	service   service                           // what is told of it by whoever advertises; port 0: nothing
	slow      bool                              // too many conflicts; until a name is ours
	random    func(time.Duration) time.Duration // below the given
	out       []outgoing
}

// newMachine begins with the name of a number, see numbered.
func newMachine(base string, number int, random func(time.Duration) time.Duration) *machine {
	return &machine{base: base, number: max(number, 1), random: random, former: map[netip.Addr]time.Time{}}
}

// name is what is asked for, or had.
func (m *machine) name() string { return numbered(m.base, m.number) }

// take returns what is to be sent.
func (m *machine) take() []outgoing {
	out := m.out
	m.out = nil
	return out
}

// next is when tick has something to do; false: never, as things are.
func (m *machine) next() (at time.Time, ok bool) {
	sooner := func(t time.Time) {
		if !t.IsZero() && (!ok || t.Before(at)) {
			at, ok = t, true
		}
	}
	for _, l := range m.links {
		sooner(l.at)
		for _, q := range l.waiting {
			sooner(q.at)
		}
	}
	return at, ok
}

// setLinks tells of links and addresses as they are now.
func (m *machine) setLinks(now time.Time, links []link) {
	m.forgetFormer(now)
	var states []*linkState
	for _, l := range links {
		at := slices.IndexFunc(m.links, func(s *linkState) bool { return s.index == l.index && s.name == l.name })
		if at < 0 {
			states = append(states, &linkState{
				link: l, at: now.Add(m.random(probeEvery)), said: map[tellKey]time.Time{}, unicast: newBucket(unicastRate, now),
			})
			continue
		}
		states = append(states, m.links[at])
		m.readdress(now, m.links[at], l)
	}
	for _, old := range m.links {
		if !slices.Contains(states, old) {
			m.remember(now, old.own)
		}
	}
	m.links = states
}

// readdress takes over a link's new addresses. The name stays ours there (8.4):
// who has cached the old ones is told at once.
func (m *machine) readdress(now time.Time, s *linkState, l link) {
	if s.equal(l) {
		return
	}
	var gone []netip.Addr
	for _, a := range s.told {
		if !slices.Contains(l.told, a) {
			gone = append(gone, a)
		}
	}
	m.remember(now, s.own)
	same := slices.Equal(s.told, l.told) && l.sends&^s.sends == 0
	s.link = l
	if s.stage != ours || same {
		return
	}
	if len(gone) > 0 {
		m.goodbye(s, gone)
	}
	s.step, s.at = 0, now
}

func (m *machine) remember(now time.Time, addresses []netip.Addr) {
	for _, a := range addresses {
		m.former[a] = now.Add(formerFor)
	}
}

func (m *machine) forgetFormer(now time.Time) {
	for a, until := range m.former {
		if now.After(until) {
			delete(m.former, a)
		}
	}
}

func (m *machine) link(index int) *linkState {
	for _, s := range m.links {
		if s.index == index {
			return s
		}
	}
	return nil
}

// owned is the name while it is ours on some link, else "".
func (m *machine) owned() string {
	if len(m.ownedOn()) == 0 {
		return ""
	}
	return m.name()
}

// ownedOn are the links on which the name is ours.
func (m *machine) ownedOn() []link {
	var out []link
	for _, s := range m.links {
		if s.stage == ours {
			out = append(out, s.link)
		}
	}
	return out
}
