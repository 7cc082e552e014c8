package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"streambox.local/web/room"
	"streambox.local/web/swarm"
)

// Limits of one WebSocket.
const (
	maxMessageBytes   = 16 << 10
	messagesPerSecond = 40
	messageBurst      = 160
	queueMessages     = 128
	helloWait         = 10 * time.Second
	pingEvery         = 20 * time.Second
	silenceLimit      = 30 * time.Second
	writeWait         = 10 * time.Second
	closeWait         = time.Second
)

// conn is one page's WebSocket: one goroutine reads, another one writes, and
// a bounded queue lies between them and the rest. A page that
// does not take its messages is closed; memory never grows for it.
type conn struct {
	ws      *websocket.Conn
	viewer  string
	addr    netip.Addr // of the page
	local   netip.Addr // of the box, as the page reached it
	link    room.Link  // that had local when the page came
	key     tabKey
	peer    swarm.PeerID // for other pages to see
	group   swarm.Group  // what it plays; this, told and looks belong to the reader
	told    reported
	looks   looks
	stun    []string      // as it was told to the page
	greeted bool          // guarded by hub.mu
	name    string        // as it was told to the page; guarded by hub.mu
	label   string        // the same, for other pages; guarded by sharing.mu
	opened  swarm.Open    // what it plays, without its inventory; guarded by sharing.mu
	peers   []swarm.Peer  // it was told of last; guarded by sharing.mu
	role    string        // of its link, as the director knows it; guarded by sharing.mu
	out     bool          // and has no place in the room for it; guarded by sharing.mu
	queue   chan any      // []byte: encoded already; all else the writer encodes
	taken   chan struct{} // by the writer, for breathe

	once   sync.Once
	ending chan struct{} // closed by end
	code   int           // why; these are set before ending is closed
	reason string
	cut    *time.Timer // closes the connection when even the goodbye must be over
}

func newConn(ws *websocket.Conn, viewer string, addr, local netip.Addr) *conn {
	return &conn{
		ws: ws, viewer: viewer, addr: addr, local: local,
		queue: make(chan any, queueMessages), taken: make(chan struct{}, 1), ending: make(chan struct{}),
	}
}

// run serves the connection until it is over.
func (c *conn) run(h *hub) {
	admitted := false
	defer func() {
		if admitted {
			c.guarded(h, func() { h.remove(c) })
		}
	}()
	c.guarded(h, func() { admitted = h.add(c) })
	written := make(chan struct{})
	go func() {
		defer close(written)
		c.guarded(h, c.write)
	}()
	c.guarded(h, func() { c.read(h, admitted) })
	c.end(websocket.CloseNormalClosure, "")
	<-written
	// What has not been read makes the kernel reset the connection at Close,
	// and a reset overtakes our last words; so it is read, until end cuts it off.
	_, _ = io.CopyN(io.Discard, c.ws.NetConn(), 1<<20)
	_ = c.ws.Close() // nothing depends on it any more
	c.cut.Stop()
}

// guarded lets a panic over one page's messages end that page's connection, as
// guard does with requests.
func (c *conn) guarded(h *hub, do func()) {
	defer func() {
		if wrong := recover(); wrong != nil {
			h.s.meters.panics.Inc()
			h.s.log.Error("A page's connection failed by a panic", "panic", fmt.Sprint(wrong), "stack", string(debug.Stack()))
			c.end(websocket.CloseInternalServerErr, "")
		}
	}()
	do()
}

// send queues a message, which nobody may change any more; a full queue ends the connection.
func (c *conn) send(message any) {
	select {
	case c.queue <- message:
	default:
		c.end(closeTooSlow, "")
	}
}

// breathe waits until the page has taken half of what may be queued for it: who
// asks faster than it listens is not answered faster, and so not cut off for it.
func (c *conn) breathe() {
	for len(c.queue) > queueMessages/2 {
		select {
		case <-c.taken:
		case <-c.ending:
			return
		}
	}
}

// end lets the writer say bye (where there is a reason for the page) and
// close. The first call counts. After closeWait the connection is cut off: by
// closing it and not by a deadline, which a reader or writer that is on its way
// into a call would put off by setting its own.
func (c *conn) end(code int, bye string) {
	c.once.Do(func() {
		c.code, c.reason = code, bye
		c.cut = time.AfterFunc(closeWait, func() {
			_ = c.ws.NetConn().Close() // run closes it again, which does no harm
		})
		close(c.ending)
	})
}

func (c *conn) ended() bool {
	select {
	case <-c.ending:
		return true
	default:
		return false
	}
}

// write is the only writer of messages.
func (c *conn) write() {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		select {
		case <-c.ending:
			c.farewell()
			return
		case message := <-c.queue:
			text, ok := message.([]byte)
			if !ok {
				text = encode(message)
			}
			if c.put(websocket.TextMessage, text, writeWait) != nil {
				c.end(websocket.CloseAbnormalClosure, "")
				return
			}
			if len(c.queue) <= queueMessages/2 {
				select {
				case c.taken <- struct{}{}:
				default: // nobody has waited since
				}
			}
		case <-ping.C:
			// The pong tells us that the page is there; a page cannot see the ping, so that it is told that we are.
			if c.put(websocket.PingMessage, nil, writeWait) != nil || c.put(websocket.TextMessage, encode(pulseMessage{"pulse"}), writeWait) != nil {
				c.end(websocket.CloseAbnormalClosure, "")
				return
			}
		}
	}
}

func (c *conn) put(kind int, data []byte, wait time.Duration) error {
	if err := c.ws.SetWriteDeadline(time.Now().Add(wait)); err != nil {
		return err //nolint:wrapcheck // only compared with nil
	}
	return c.ws.WriteMessage(kind, data) //nolint:wrapcheck // only compared with nil
}

func (c *conn) farewell() {
	if c.code == closeTooSlow {
		return // what it does not read need not be written
	}
	if c.reason != "" && c.put(websocket.TextMessage, encode(byeMessage{Type: "bye", Reason: c.reason}), closeWait) != nil {
		return
	}
	_ = c.put(websocket.CloseMessage, websocket.FormatCloseMessage(c.code, c.reason), closeWait) // the last word
}

// read takes messages until the connection is over. After end it only waits
// for the other side's close: closing earlier would discard ours on its way.
func (c *conn) read(h *hub, admitted bool) {
	c.ws.SetReadLimit(maxMessageBytes)
	greeted := false
	c.silence(helloWait)
	c.ws.SetPongHandler(func(string) error {
		if greeted {
			c.silence(silenceLimit)
		}
		return nil
	})
	allowance := bucket{tokens: messageBurst, at: time.Now()}
	for {
		kind, text, err := c.ws.ReadMessage()
		if err != nil {
			if errors.Is(err, websocket.ErrReadLimit) {
				h.refuse(c, "", "tooBig")
			}
			return
		}
		c.breathe()
		if c.ended() || !admitted {
			continue
		}
		switch {
		case kind != websocket.TextMessage:
			h.refuse(c, "", "binary")
			c.end(websocket.CloseUnsupportedData, "protocol")
			continue
		case !allowance.take(time.Now()):
			h.refuse(c, "", "tooOften")
			c.end(closeTooOften, "protocol")
			continue
		}
		if code := c.handle(h, text, &greeted); code != 0 {
			c.end(code, "protocol")
			continue
		}
		c.silence(silenceLimit)
	}
}

// silence sets how long the page may say nothing.
func (c *conn) silence(d time.Duration) {
	_ = c.ws.SetReadDeadline(time.Now().Add(d)) // a closed one needs none
}

// handle does what one message says. It returns the code to close with where
// that is against the protocol, else 0.
func (c *conn) handle(h *hub, text []byte, greeted *bool) (code int) {
	var kind struct {
		Type *string `json:"type"`
	}
	if json.Unmarshal(text, &kind) != nil || kind.Type == nil {
		return h.refuse(c, "", "noType")
	}
	if !*greeted {
		var hello clientHello
		if *kind.Type != "hello" || json.Unmarshal(text, &hello) != nil || hello.Protocol < protocol {
			return h.refuse(c, *kind.Type, "noHello")
		}
		*greeted = true
		h.greet(c, hello)
		h.s.sharing.join(c, hello.P2P)
		return 0
	}
	if *kind.Type == "hello" {
		var again clientHello
		if json.Unmarshal(text, &again) != nil {
			return h.refuse(c, "hello", "malformed")
		}
		h.rename(c, again.Name)
		return 0
	}
	if *kind.Type == "look" {
		return h.look(c, text)
	}
	return h.s.sharing.hear(c, *kind.Type, text)
}

// bucket is a token bucket: messagesPerSecond, with messageBurst at once.
type bucket struct {
	tokens float64
	at     time.Time
}

func (b *bucket) take(now time.Time) bool {
	b.tokens = min(messageBurst, b.tokens+now.Sub(b.at).Seconds()*messagesPerSecond)
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
