package web

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

// fakeConn is a connection from an address.
type fakeConn struct {
	net.Conn
	remote string
	closed bool
}

func (c *fakeConn) RemoteAddr() net.Addr {
	addr, err := net.ResolveTCPAddr("tcp", c.remote)
	if err != nil {
		panic(err)
	}
	return addr
}

func (c *fakeConn) Close() error { c.closed = true; return nil }

func TestConnectionsThatAreTooMany(t *testing.T) {
	t.Parallel()
	l := newConnLimit(nil)
	accept := func(remote string) *fakeConn {
		c := &fakeConn{remote: remote}
		l.onState(c, http.StateNew)
		return c
	}
	var phone []*fakeConn
	for range maxConnsPerAddr {
		phone = append(phone, accept("10.0.0.2:1"))
	}
	equal(t, "the last that fits", phone[maxConnsPerAddr-1].closed, false)
	equal(t, "one more", accept("10.0.0.2:1").closed, true)
	equal(t, "the same address, mapped", accept("[::ffff:10.0.0.2]:1").closed, true)
	equal(t, "another phone", accept("10.0.0.3:1").closed, false)
	l.onState(phone[0], http.StateActive)
	l.onState(phone[0], http.StateClosed)
	l.onState(phone[0], http.StateClosed)
	equal(t, "one left", accept("10.0.0.2:1").closed, false)
	equal(t, "and only one", accept("10.0.0.2:1").closed, true)
	l.onState(phone[1], http.StateHijacked)
	equal(t, "a WebSocket counts elsewhere", accept("10.0.0.2:1").closed, false)
	for range maxConns - len(l.all) {
		equal(t, "loopback", accept("127.0.0.1:1").closed, false)
	}
	equal(t, "all together", accept("10.0.0.4:1").closed, true)
}

// pipes is a listener without a network, so that synctest knows when all wait.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, http.ErrServerClosed
	}
}

func (p *pipes) Close() error { close(p.done); return nil }

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// addressedPipe has the addresses that net.Pipe has not.
type addressedPipe struct{ net.Conn }

func (addressedPipe) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 2} }

func TestSilence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		says    string // as its first message
		reads   bool   // and so answers pings
		after   time.Duration
		present bool
	}{
		{"a page that never says hello is closed", "", true, helloWait + closeWait + time.Second, false},
		{"it has some seconds for it", "", true, helloWait - time.Second, true},
		{"a page that answers pings stays for hours", `{"type":"hello","protocol":1}`, true, 3 * time.Hour, true},
		{"a phone that left the room is noticed", `{"type":"hello","protocol":1}`, false, silenceLimit + writeWait + 2*closeWait, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { silence(t, c.says, c.reads, c.after, c.present) })
		})
	}
}

func silence(t *testing.T, says string, reads bool, after time.Duration, present bool) {
	t.Helper()
	f := startOn(t, nil, &pipes{conns: make(chan net.Conn), done: make(chan struct{})})
	ours, theirs := net.Pipe()
	f.pipes.conns <- addressedPipe{theirs}
	dialer := websocket.Dialer{NetDial: func(string, string) (net.Conn, error) { return ours, nil }}
	ws, response, err := dialer.DialContext(t.Context(), "ws://localhost/ws", nil)
	f.must(err)
	_ = response.Body.Close()
	if says != "" {
		f.must(ws.WriteMessage(websocket.TextMessage, []byte(says)))
	}
	var pulses atomic.Int64
	if reads {
		go func() {
			for {
				_, text, err := ws.ReadMessage()
				if err != nil {
					_ = ws.Close()
					return
				}
				if strings.HasPrefix(string(text), `{"type":"pulse"`) {
					pulses.Add(1)
				}
			}
		}()
	}
	synctest.Wait()
	equal(t, "at first", f.srv.hub.count(), 1)
	<-time.After(after)
	synctest.Wait()
	equal(t, "present", f.srv.hub.count() == 1, present)
	if reads && present {
		equal(t, "pulses, as hello has promised", pulses.Load(), int64(after/pingEvery))
	}
	_ = ws.Close()
	f.stop()
}

func TestTheEndIsNotPutOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		go func() { // answers the handshake and reads nothing more
			r, err := http.ReadRequest(bufio.NewReader(theirs))
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.WriteString(theirs, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
				"Sec-WebSocket-Accept: "+acceptKey(r.Header.Get("Sec-WebSocket-Key"))+"\r\n\r\n")
		}()
		dialer := websocket.Dialer{NetDial: func(string, string) (net.Conn, error) { return ours, nil }}
		ws, response, err := dialer.DialContext(t.Context(), "ws://localhost/ws", nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		c := newConn(ws, "viewer", netip.Addr{}, netip.Addr{})
		began := time.Now()
		c.end(websocket.CloseGoingAway, "stopping")
		// A writer that had looked before the end, and a reader that hears more.
		c.silence(silenceLimit)
		if c.put(websocket.TextMessage, []byte("x"), writeWait) == nil {
			t.Error("a message was taken that nobody read")
		}
		if _, _, err = ws.ReadMessage(); err == nil {
			t.Error("something was read that nobody sent")
		}
		equal(t, "over after (on the clock of the test)", time.Since(began), closeWait)
	})
}

// acceptKey is the server's answer to a WebSocket handshake (RFC 6455, 4.2.2).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}
