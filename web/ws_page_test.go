package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"streambox.local/appliance/library"
)

// page is the browser's end of a WebSocket.
type page struct {
	*websocket.Conn
	t *testing.T
}

// message is any message of the server.
type message struct {
	Type     string          `json:"type"`
	Protocol int             `json:"protocol"`
	Build    string          `json:"build"`
	Name     string          `json:"name"`
	Revision uint64          `json:"revision"`
	Titles   []library.Title `json:"titles"`
	Removed  []string        `json:"removed"`
	Reset    bool            `json:"reset"`
	Box      boxView         `json:"box"`
	Reason   string          `json:"reason"`
}

// viewerCookie makes the header of a viewer: the same n, the same viewer.
func viewerCookie(n int) http.Header {
	return http.Header{"Cookie": {fmt.Sprintf("%s=%032x", cookieName, n)}}
}

func (f *fixture) dial(t *testing.T, header http.Header) *page {
	t.Helper()
	ws, response, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://"+f.addr+"/ws", header)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	t.Cleanup(func() { _ = ws.Close() })
	return &page{ws, t}
}

func (p *page) say(text string) {
	p.t.Helper()
	if err := p.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		p.t.Fatal(err)
	}
}

func (p *page) next() message {
	p.t.Helper()
	_ = p.SetReadDeadline(time.Now().Add(15 * time.Second))
	_, text, err := p.ReadMessage()
	if err != nil {
		p.t.Fatal(err)
	}
	return decode[message](p.t, text)
}

// until reads on until a message is what is looked for.
func (p *page) until(what string, ok func(message) bool) message {
	p.t.Helper()
	for range 50 {
		if m := p.next(); ok(m) {
			return m
		}
	}
	p.t.Fatalf("not in 50 messages: %s", what)
	return message{}
}

// closed reads on until the server closes, and returns the code and the last bye.
func (p *page) closed() (code int, bye string) {
	p.t.Helper()
	_ = p.SetReadDeadline(time.Now().Add(15 * time.Second))
	for {
		_, text, err := p.ReadMessage()
		if closing, ok := errors.AsType[*websocket.CloseError](err); ok {
			return closing.Code, bye
		}
		if err != nil {
			p.t.Fatal(err)
		}
		var m message
		if json.Unmarshal(text, &m) == nil && m.Type == "bye" {
			bye = m.Reason
		}
	}
}

func (p *page) hello() message {
	p.t.Helper()
	p.say(`{"type":"hello","protocol":1,"name":""}`)
	m := p.next()
	equal(p.t, "first message", m.Type, "hello")
	equal(p.t, "second message", p.next().Type, "box")
	return m
}
