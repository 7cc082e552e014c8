package web

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"streambox.local/web/swarm"
)

// maxTraceEvents is how many calls of the director are remembered for who debugs.
const maxTraceEvents = 5000

// sharing runs the director: one mutex around it, a timer for what is due
// without a message, and what it says goes to the queues of the connections.
// Nothing under the mutex waits for anything: digests are looked up before, and
// messages become JSON in the writers of the connections.
type sharing struct {
	s       *Server
	digests *digests
	claims  claims
	since   time.Time     // origin of the director's clock
	wake    chan struct{} // the director is due sooner than run believes

	mu       sync.Mutex
	director *swarm.Director
	trace    *swarm.Trace // nil: nobody debugs
	pages    map[swarm.PeerID]*conn
	due      time.Duration // what run waits for
	policy   swarm.Policy
}

func newSharing(s *Server) (*sharing, error) {
	policy, err := policyOf(s.cfg)
	if err != nil {
		return nil, err
	}
	var seed [16]byte
	if _, err = io.ReadFull(s.cfg.Random, seed[:]); err != nil {
		return nil, fmt.Errorf("drawing the director's seed: %w", err)
	}
	options := swarm.Options{
		Policy: policy, Random: rand.NewPCG(binary.NativeEndian.Uint64(seed[:8]), binary.NativeEndian.Uint64(seed[8:])),
	}
	if s.cfg.Debug {
		options.Trace = swarm.NewTrace(maxTraceEvents)
	}
	return &sharing{
		s: s, trace: options.Trace, digests: newDigests(s), since: time.Now(), wake: make(chan struct{}, 1),
		director: swarm.New(options), pages: make(map[swarm.PeerID]*conn), policy: policy,
	}, nil
}

// run lets the director do what is due, until ctx ends.
func (sh *sharing) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-sh.wake:
		case <-timer.C:
			_ = sh.tell(swarm.Input{Do: "tick"}) // not a page's, so that it cannot be against the protocol
		}
		sh.mu.Lock()
		sh.due = sh.director.Next()
		wait := sh.due - sh.now()
		sh.mu.Unlock()
		timer.Reset(max(wait, time.Millisecond))
	}
}

func (sh *sharing) now() time.Duration { return time.Since(sh.since) }

// tell asks the director and hands on what it says, to every page in that order.
func (sh *sharing) tell(in swarm.Input) error {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return sh.apply(in)
}

// ask is tell, and says how many bytes the director saw come from peers by it.
func (sh *sharing) ask(in swarm.Input) (handed uint64, err error) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	before := sh.director.Handed()
	err = sh.apply(in)
	return sh.director.Handed() - before, err
}

// apply is tell; the caller holds the lock.
func (sh *sharing) apply(in swarm.Input) error {
	sends, err := sh.director.Apply(sh.now(), in)
	for _, send := range sends {
		sh.deliver(send)
	}
	if sh.director.Next() < sh.due {
		select {
		case sh.wake <- struct{}{}:
		default: // run is on its way
		}
	}
	return err //nolint:wrapcheck // the director's, for refuse to take apart
}

// join makes a page known that has said hello. The director gets a hash of the
// cookie: what it knows can be read by who debugs.
func (sh *sharing) join(c *conn, p2p bool) {
	sum := sha256.Sum256([]byte(c.viewer))
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.pages[c.peer], c.label, c.role = c, c.name, sh.s.linkAt(c.local).Role
	member := &swarm.Member{Name: c.name, P2P: p2p, Viewer: hex.EncodeToString(sum[:8]), Role: c.role}
	_ = sh.apply(swarm.Input{Do: "join", Peer: c.peer, Member: member}) // cannot be against the protocol
}

// rename tells the pages that know this one of its other name.
func (sh *sharing) rename(c *conn, name string) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if c.label == name {
		return
	}
	c.label = name
	for id, other := range sh.pages {
		if slices.ContainsFunc(other.peers, func(p swarm.Peer) bool { return p.ID == c.peer }) {
			sh.deliver(swarm.Send{To: id, Message: swarm.Peers{Peers: other.peers}})
		}
	}
}

// leave forgets a page whose connection is over.
func (sh *sharing) leave(c *conn) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.pages[c.peer] != c {
		return // it never said hello
	}
	delete(sh.pages, c.peer)
	_ = sh.apply(swarm.Input{Do: "leave", Peer: c.peer}) // cannot be against the protocol
}

// hear does what a page's message says; it is called by the connection's
// reader. It returns the code to close with, or 0.
func (sh *sharing) hear(c *conn, kind string, text []byte) (code int) {
	in, known, sound := parseSwarm(kind, text)
	switch {
	case !known:
		return 0 // of a later release
	case !sound:
		return sh.s.hub.refuse(c, kind, "malformed")
	}
	in.Peer = c.peer
	switch {
	case in.Open != nil:
		sh.s.shows(c, in.Open)
		c.group = swarm.Group{Title: in.Open.Title, Rendition: in.Open.Rendition}
		if !sh.lists(c, in.Open.Segments) {
			return sh.s.hub.refuse(c, kind, tooManySegments)
		}
	case in.Have != nil && !sh.lists(c, in.Have.Segments):
		return sh.s.hub.refuse(c, kind, tooManySegments)
	case in.Want != nil && c.group.Rendition != "" && !sh.outside(c):
		in.Segment = sh.digests.find(c.group, in.Want.N, time.Duration(in.Want.In)*time.Millisecond/4)
	}
	var err error
	var handed uint64
	if in.Open != nil {
		err = sh.open(c, in)
	} else {
		handed, err = sh.ask(in)
	}
	if err != nil {
		why := "director"
		if wrong, ok := errors.AsType[*swarm.ProtocolError](err); ok {
			why = wrong.Reason
		}
		return sh.s.hub.refuse(c, kind, why)
	}
	switch {
	case in.Have != nil:
		sh.count(c, *in.Have, handed)
	case in.Gone != nil && in.Gone.Why == "ice":
		sh.s.meters.iceFailures.Inc()
	}
	return 0
}

// count adds what a page tells of itself to the box's figures. handed is what the
// director saw come from peers by it.
func (sh *sharing) count(c *conn, have swarm.Have, handed uint64) {
	if handed > 0 {
		bitrate := sh.s.rates.of(sh.s.cfg.Library, c.group.Title, c.group.Rendition)
		if bitrate <= 0 {
			bitrate = usualBitrate
		}
		sh.s.meters.peerBytes.AddInt64(sh.claims.take(c.viewer, handed, bitrate, time.Now()))
	}
	rejected, stalls := c.told.take(have)
	sh.s.meters.rejected.Add(rejected)
	if stalls > 0 {
		sh.s.late(c)
	}
}

// deliver puts what the director says into a page's queue. The caller holds the lock.
func (sh *sharing) deliver(send swarm.Send) {
	c := sh.pages[send.To]
	if c == nil {
		return
	}
	kind := swarm.Type(send.Message)
	switch m := send.Message.(type) {
	case swarm.Config:
		c.send(struct {
			Type string `json:"type"`
			swarm.Config
		}{kind, m})
	case swarm.Grant:
		sh.s.meters.granted(m.How)
		c.send(struct {
			Type string `json:"type"`
			swarm.Grant
		}{kind, m})
	case swarm.Peers:
		if m.Peers != nil {
			c.peers = m.Peers
			m.Peers = slices.Clone(m.Peers)
		}
		for i, peer := range m.Peers {
			if other := sh.pages[peer.ID]; other != nil {
				m.Peers[i].Name = other.label
			}
		}
		c.send(struct {
			Type string `json:"type"`
			swarm.Peers
		}{kind, m})
	case swarm.Relay:
		sh.relay(c, m)
	default:
		sh.s.log.Error("The director said something unknown", "message", fmt.Sprintf("%T", send.Message))
	}
}

// relay hands on an offer, an answer or a candidate; a candidate that hides its
// address also with the one that the sender's WebSocket comes from.
func (sh *sharing) relay(c *conn, m swarm.Relay) {
	type message struct {
		Type string `json:"type"`
		swarm.Signal
	}
	c.send(message{m.Kind, m.Signal})
	sender := sh.pages[m.From]
	if m.Kind != "candidate" || m.Candidate == nil || sender == nil {
		return
	}
	if open := reachable(*m.Candidate, sender.addr, c.addr); open != "" {
		m.Candidate = &open
		c.send(message{m.Kind, m.Signal})
	}
}
