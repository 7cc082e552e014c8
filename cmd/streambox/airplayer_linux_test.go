//go:build air

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"streambox.local/web/room/netnstest"
)

const (
	airSegment = 4 * time.Second
	airBuffer  = 30 * time.Second
)

// airPlayer behaves like a phone with our page: a cookie, a WebSocket that says
// what it shows, segment after segment until 30 s are there, and a picture
// that moves in real time as soon as the first one is.
type airPlayer struct {
	name     string
	base     string // http://address:port
	client   *http.Client
	dial     func(ctx context.Context, network, address string) (net.Conn, error)
	title    string
	segments []string

	mu       sync.Mutex
	admitted chan struct{} // closed by the first room message that says so
	told     []airRoom
	refused  []airRefusal
	fetched  int
	stalls   []string
}

// airRoom is the message "room", airRefusal the answer 503.
type airRoom struct {
	Admitted bool
	Watching int
	Places   int
}

type airRefusal struct {
	Error      string
	Code       string
	Parameters struct{ Watching int }
}

// newAirPlayer is a phone in a namespace with an address of its own.
func newAirPlayer(phones *netnstest.Namespace, n int, base string) *airPlayer {
	jar, _ := cookiejar.New(nil) // never fails
	p := &airPlayer{name: fmt.Sprint("phone ", n), base: base, admitted: make(chan struct{})}
	p.dial = func(ctx context.Context, network, address string) (c net.Conn, err error) {
		phones.Do(func() {
			d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(10, 77, 0, byte(100+n))}}
			c, err = d.DialContext(ctx, network, address)
		})
		return c, err
	}
	p.client = &http.Client{Jar: jar, Timeout: 30 * time.Second, Transport: &http.Transport{DialContext: p.dial, DisableCompression: true}}
	return p
}

// watch plays until ctx ends or the film does; its errors are the test's.
func (p *airPlayer) watch(ctx context.Context) error {
	defer p.client.CloseIdleConnections()
	if _, _, err := p.get(ctx, "/"); err != nil { // the page: a cookie
		return err
	}
	ws, err := p.open(ctx)
	if err != nil {
		return err
	}
	listening := make(chan struct{})
	go func() {
		defer close(listening)
		p.listen(ws)
	}()
	defer func() {
		_ = ws.Close()
		<-listening
	}()
	if err = p.play(ctx); ctx.Err() != nil {
		return nil // it was switched off
	}
	return err
}

func (p *airPlayer) open(ctx context.Context) (*websocket.Conn, error) {
	dialer := websocket.Dialer{NetDialContext: p.dial, Jar: p.client.Jar, HandshakeTimeout: 20 * time.Second}
	ws, response, err := dialer.DialContext(ctx, strings.Replace(p.base, "http", "ws", 1)+"/ws", http.Header{"Origin": {p.base}})
	if err != nil {
		return nil, fmt.Errorf("%s opens a WebSocket: %w", p.name, err)
	}
	_ = response.Body.Close() // has none
	for _, message := range []any{
		map[string]any{"type": "hello", "protocol": 1, "name": p.name, "p2p": false},
		map[string]any{"type": "open", "title": p.title},
	} {
		if err = ws.WriteJSON(message); err != nil {
			_ = ws.Close()
			return nil, fmt.Errorf("%s says what it shows: %w", p.name, err)
		}
	}
	return ws, nil
}

// listen takes messages until the WebSocket ends.
func (p *airPlayer) listen(ws *websocket.Conn) {
	for {
		_, text, err := ws.ReadMessage()
		if err != nil {
			return
		}
		var m struct {
			Type string
			airRoom
		}
		if json.Unmarshal(text, &m) != nil || m.Type != "room" {
			continue
		}
		p.mu.Lock()
		p.told = append(p.told, m.airRoom)
		if m.Admitted {
			select {
			case <-p.admitted:
			default:
				close(p.admitted)
			}
		}
		p.mu.Unlock()
	}
}

// airFrame is a picture's time at 25 a second: a stand that is shorter, all in
// all, changes no picture.
const airFrame = 40 * time.Millisecond

// play is the loader and the picture: the clock of the film stands while
// nothing is there to show.
func (p *airPlayer) play(ctx context.Context) error {
	var shownSince time.Time // when second 0 would have been shown, had there been no stall
	var buffered, stood time.Duration
	for _, segment := range p.segments {
		if !shownSince.IsZero() {
			if full := buffered - airBuffer; airWait(ctx, time.Until(shownSince.Add(full))) != nil {
				return ctx.Err()
			}
		}
		if err := p.fetch(ctx, segment); err != nil {
			return err
		}
		now := time.Now()
		if shownSince.IsZero() {
			shownSince = now
		}
		if behind := now.Sub(shownSince.Add(buffered)); buffered > 0 && behind > 0 {
			if stood += behind; stood > airFrame {
				p.mu.Lock()
				p.stalls = append(p.stalls, fmt.Sprintf("%s: at second %v for %v, %v in all", p.name, buffered.Seconds(), behind, stood))
				p.mu.Unlock()
			}
			shownSince = shownSince.Add(behind)
		}
		buffered += airSegment
	}
	return nil
}

// fetch takes one segment. Refused, it waits to be told that there is room, as the page does.
func (p *airPlayer) fetch(ctx context.Context, segment string) error {
	for {
		status, body, err := p.get(ctx, segment)
		if err != nil {
			return err
		}
		if status == http.StatusOK {
			p.mu.Lock()
			p.fetched++
			p.mu.Unlock()
			return nil
		}
		var refusal airRefusal
		if err = json.Unmarshal(body, &refusal); err != nil || status != http.StatusServiceUnavailable {
			return fmt.Errorf("%s asks for %s: status %d: %s", p.name, segment, status, body)
		}
		p.mu.Lock()
		p.refused = append(p.refused, refusal)
		again := len(p.refused) > 1
		p.mu.Unlock()
		if again { // it was let in, and is refused
			return fmt.Errorf("%s is refused once more: %s", p.name, body)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.admitted:
		}
	}
}

func (p *airPlayer) get(ctx context.Context, path string) (status int, body []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+path, nil)
	if err != nil {
		return 0, nil, err
	}
	response, err := p.client.Do(request)
	if err != nil {
		return 0, nil, fmt.Errorf("%s asks for %s: %w", p.name, path, err)
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	return response.StatusCode, body, err
}

func airWait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(max(d, 0))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// seen is what a player has seen so far.
func (p *airPlayer) seen() (told []airRoom, refused []airRefusal, fetched int, stalls []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]airRoom(nil), p.told...), append([]airRefusal(nil), p.refused...), p.fetched, append([]string(nil), p.stalls...)
}

// start lets the player watch; what it returns switches it off and waits.
func (p *airPlayer) start(t *testing.T) (off func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := p.watch(ctx); err != nil {
			t.Error(err)
		}
	}()
	return sync.OnceFunc(func() {
		cancel()
		<-done
	})
}
