package web

import (
	"encoding/json"
	"io"
	"net/netip"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Limits of one WebSocket.
const (
	maxMessageBytes   = 4 << 10
	messagesPerSecond = 10
	messageBurst      = 40
	queueMessages     = 16
	helloWait         = 10 * time.Second
	pingEvery         = 20 * time.Second
	silenceLimit      = 30 * time.Second
	writeWait         = 10 * time.Second
	closeWait         = time.Second
)

// conn is one page's WebSocket: the goroutine of the HTTP handler reads, one
// more writes, and a bounded queue lies between them and the rest. A page that
// does not take its messages is closed; memory never grows for it.
type conn struct {
	ws      *websocket.Conn
	viewer  string
	addr    netip.Addr
	key     tabKey
	greeted bool   // guarded by hub.mu
	name    string // as it was told to the page; guarded by hub.mu
	queue   chan []byte

	once   sync.Once
	ending chan struct{} // closed by end
	code   int           // why; these are set before ending is closed
	reason string
	cut    *time.Timer // closes the connection when even the goodbye must be over
}

func newConn(ws *websocket.Conn, viewer string, addr netip.Addr) *conn {
	return &conn{
		ws: ws, viewer: viewer, addr: addr,
		queue: make(chan []byte, queueMessages), ending: make(chan struct{}),
	}
}

// run serves the connection until it is over.
func (c *conn) run(h *hub) {
	admitted := h.add(c)
	written := make(chan struct{})
	go func() {
		defer close(written)
		c.write()
	}()
	c.read(h, admitted)
	c.end(websocket.CloseNormalClosure, "")
	<-written
	// What has not been read makes the kernel reset the connection at Close,
	// and a reset overtakes our last words; so it is read, until end cuts it off.
	_, _ = io.CopyN(io.Discard, c.ws.NetConn(), 1<<20)
	_ = c.ws.Close() // nothing depends on it any more
	c.cut.Stop()
	if admitted {
		h.remove(c)
	}
}

// send queues a message; a full queue ends the connection.
func (c *conn) send(text []byte) {
	select {
	case c.queue <- text:
	default:
		c.end(closeTooSlow, "")
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
		case text := <-c.queue:
			if c.put(websocket.TextMessage, text, writeWait) != nil {
				c.end(websocket.CloseAbnormalClosure, "")
				return
			}
		case <-ping.C:
			if c.put(websocket.PingMessage, nil, writeWait) != nil {
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
			return
		}
		if c.ended() || !admitted {
			continue
		}
		switch {
		case kind != websocket.TextMessage:
			c.end(websocket.CloseUnsupportedData, "protocol")
			continue
		case !allowance.take(time.Now()):
			c.end(closeTooOften, "protocol")
			continue
		}
		if !c.handle(h, text, &greeted) {
			c.end(websocket.ClosePolicyViolation, "protocol")
			continue
		}
		c.silence(silenceLimit)
	}
}

// silence sets how long the page may say nothing.
func (c *conn) silence(d time.Duration) {
	_ = c.ws.SetReadDeadline(time.Now().Add(d)) // a closed one needs none
}

// handle does what one message says; false: it is against the protocol.
func (c *conn) handle(h *hub, text []byte, greeted *bool) bool {
	var kind struct {
		Type *string `json:"type"`
	}
	if json.Unmarshal(text, &kind) != nil || kind.Type == nil {
		return false
	}
	if !*greeted {
		var hello clientHello
		if *kind.Type != "hello" || json.Unmarshal(text, &hello) != nil || hello.Protocol < protocol {
			return false
		}
		*greeted = true
		h.greet(c, hello)
		return true
	}
	switch *kind.Type {
	case "hello":
		var again clientHello
		if json.Unmarshal(text, &again) != nil {
			return false
		}
		h.rename(c, again.Name)
	case "open":
		var open clientOpen
		if json.Unmarshal(text, &open) != nil {
			return false
		}
		h.opened(c, open.Title)
	default: // of a later release
	}
	return true
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
