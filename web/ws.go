package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"sync"

	"github.com/gorilla/websocket"
)

// How many WebSockets there may be. A page has one.
const (
	maxSockets        = 1200
	maxSocketsPerAddr = 128 // a router between may hide a room behind one address; loopback is exempt
	maxConnsPerViewer = 8
	maxGuests         = 2 * maxSockets
)

// hub owns the WebSockets: who is there, and what all of them are told.
type hub struct {
	s        *Server
	upgrader websocket.Upgrader

	mu       sync.Mutex
	conns    map[*conn]struct{}
	spared   spared         // of run's goroutine
	boxSaid  string         // boxNews of what all greeted pages know; "": tell them at the next look
	guests   map[string]int // viewer → number in "Guest 12"
	serial   tabKey
	stopping bool
	gone     chan struct{} // closed when stopping and the last connection is gone
}

func newHub(s *Server) *hub {
	return &hub{
		s: s,
		upgrader: websocket.Upgrader{
			HandshakeTimeout: readHeaderTimeout,
			ReadBufferSize:   1 << 10,
			WriteBufferSize:  4 << 10,
			WriteBufferPool:  &sync.Pool{},
			CheckOrigin:      func(*http.Request) bool { return true }, // guard has checked it
		},
		conns:  make(map[*conn]struct{}),
		guests: make(map[string]int),
		gone:   make(chan struct{}),
	}
}

// serve is /ws. The connection gets goroutines of its own: that of net/http would
// keep the request and its buffers, a fifth of what a page costs, as long as the page is there.
func (h *hub) serve(w http.ResponseWriter, r *http.Request) error {
	if !websocket.IsWebSocketUpgrade(r) {
		w.Header().Set("Upgrade", "websocket")
		return &problem{status: http.StatusUpgradeRequired, code: "websocket_only", text: "This address speaks WebSocket only."}
	}
	header := make(http.Header)
	viewer, err := h.s.ensureViewer(header, r)
	if err != nil {
		return err
	}
	peer, err := drawPeer(h.s.cfg.Random)
	if err != nil {
		return err
	}
	ws, err := h.upgrader.Upgrade(w, r, header)
	if err != nil {
		// Upgrade has answered by itself, with the reason.
		h.s.log.DebugContext(r.Context(), "A WebSocket could not be opened", "err", err, "remote", r.RemoteAddr)
		return nil
	}
	c := newConn(ws, viewer, addrOf(r.RemoteAddr), localAddr(r))
	c.peer, c.link = peer, h.s.linkAt(c.local)
	go c.run(h) //nolint:contextcheck // a connection, and what is looked up for it, outlive the request; stop ends it
	return nil
}

// add takes a connection in, or says why not by closing it.
func (h *hub) add(c *conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	sameAddr, sameViewer := 0, 0
	samePeer := false // once in 36⁸: it comes back and gets another
	var oldest *conn
	for other := range h.conns {
		samePeer = samePeer || other.peer == c.peer
		if other.addr == c.addr {
			sameAddr++
		}
		if other.viewer == c.viewer {
			sameViewer++
			if oldest == nil || other.key < oldest.key {
				oldest = other
			}
		}
	}
	switch {
	case h.stopping:
		c.end(websocket.CloseGoingAway, "stopping")
		return false
	case samePeer || crowded(len(h.conns), sameAddr, c.addr):
		c.end(closeTooManyConn, "")
		return false
	case sameViewer >= maxConnsPerViewer:
		oldest.end(closeSuperseded, "superseded")
	}
	h.serial++
	c.key = h.serial
	h.conns[c] = struct{}{}
	return true
}

// crowded says whether there are too many connections for another one, in all or from its address.
func crowded(all, sameAddr int, addr netip.Addr) bool {
	return all >= maxSockets || sameAddr >= maxSocketsPerAddr && !addr.IsLoopback()
}

func (h *hub) remove(c *conn) {
	defer func() { // whatever the others do: stop waits for this
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.conns, c)
		if h.stopping && len(h.conns) == 0 {
			close(h.gone)
		}
	}()
	h.s.sharing.leave(c)
	h.s.leave(c)
	h.s.presence.gone(c.viewer, c.key)
}

// greet answers a hello and lets the connection take part in pushes. Under the
// lock, so that no push comes before the greeting or is missed after it; but
// the box (and where STUN is) is asked before, since its answer may take time and
// all pages would wait. Where it says something else than the others were told (either may be
// the older), all are told again.
func (h *hub) greet(c *conn, hello clientHello) {
	h.s.presence.open(c.viewer, c.addr, c.key, "")
	box := h.s.box()
	said, text := boxNews(box), encode(boxMessage{Type: "box", Box: box})
	c.stun = []string{}
	if u := h.s.cfg.STUN(c.local); u != "" {
		c.stun = append(c.stun, u)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if said != h.boxSaid {
		h.boxSaid = nothingSaid
	}
	revision := h.sayHello(c, h.nameFor(c, hello.Name), box.Version)
	c.send(text)
	if hello.Revision != nil && *hello.Revision != revision {
		c.send(encode(h.s.titlesSince(*hello.Revision)))
	}
	c.greeted = true
}

// rename takes a page's new name from a later hello and answers it like the
// first; a name that stays needs no answer.
func (h *hub) rename(c *conn, name string) {
	version := h.s.cfg.Box.Status().Version
	h.mu.Lock()
	if name = h.nameFor(c, name); name != c.name {
		h.sayHello(c, name, version)
	}
	h.mu.Unlock()
	h.s.sharing.rename(c, name)
}

// sayHello tells a page its name and the revision of the titles now. The caller holds the lock.
func (h *hub) sayHello(c *conn, name, version string) (revision uint64) {
	c.name = name
	revision = h.s.revision()
	c.send(encode(helloMessage{
		Type: "hello", Protocol: protocol, Build: version, Name: name, Revision: revision, You: c.peer, STUN: c.stun,
		Pulse: pingEvery.Seconds(),
	}))
	return revision
}

// nameFor is the label of a page: what it asks for, or a guest's. The caller holds the lock.
func (h *hub) nameFor(c *conn, asked string) string {
	if name := displayName(asked); name != "" {
		return name
	}
	return fmt.Sprintf("Guest %d", h.guest(c.viewer))
}

// guest numbers a viewer: the smallest number that is free, and the same one
// as long as it is remembered.
func (h *hub) guest(viewer string) int {
	if n, ok := h.guests[viewer]; ok {
		return n
	}
	if len(h.guests) >= maxGuests {
		here := make(map[string]bool)
		for c := range h.conns {
			here[c.viewer] = true
		}
		for v := range h.guests {
			if !here[v] {
				delete(h.guests, v)
			}
		}
	}
	taken := make(map[int]bool, len(h.guests))
	for _, n := range h.guests {
		taken[n] = true
	}
	n := 1
	for taken[n] {
		n++
	}
	h.guests[viewer] = n
	return n
}

// refuse counts and notes a message against the protocol, and returns the code to close with.
func (h *hub) refuse(c *conn, kind, why string) int {
	h.s.meters.refused(why)
	h.s.log.Debug("A page's message was refused", "type", kind[:min(len(kind), maxWhyBytes)], "why", why, "remote", c.addr, "peer", c.peer)
	return websocket.ClosePolicyViolation
}

// broadcast queues a message for every greeted connection.
func (h *hub) broadcast(text []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.conns {
		if c.greeted {
			c.send(text)
		}
	}
}

func (h *hub) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.conns)
}

// stop says bye to all and waits until they are gone; those that do not take
// it are cut off by their own deadlines, closeWait after the end.
func (h *hub) stop() {
	h.mu.Lock()
	if h.stopping {
		h.mu.Unlock()
		return
	}
	h.stopping = true
	if len(h.conns) == 0 {
		close(h.gone)
	}
	for c := range h.conns {
		c.end(websocket.CloseGoingAway, "stopping")
	}
	h.mu.Unlock()
	<-h.gone
}
