package web

import (
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestPagesThatAreTooMany(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	first := f.dial(t, viewerCookie(1))
	first.hello()
	for range maxConnsPerViewer {
		f.dial(t, viewerCookie(1)).hello()
	}
	code, bye := first.closed()
	equal(t, "the oldest goes", code, closeSuperseded)
	equal(t, "bye", bye, "superseded")
	eventually(t, "it is gone", func() bool { return f.srv.hub.count() == maxConnsPerViewer })
}

func TestHowManyConnectionsAreTooMany(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		all, his int
		addr     string
		crowded  bool
	}{
		{"the first", 0, 0, "192.168.1.7", false},
		{"the last of an address", 500, maxSocketsPerAddr - 1, "192.168.1.7", false},
		{"one more of an address", 500, maxSocketsPerAddr, "192.168.1.7", true},
		{"a proxy on this machine", 500, maxSocketsPerAddr, "127.0.0.1", false},
		{"the last of all", maxSockets - 1, 0, "192.168.1.7", false},
		{"one more of all", maxSockets, 0, "192.168.1.7", true},
		{"one more, from this machine", maxSockets, 0, "::1", true},
	} {
		equal(t, c.name, crowded(c.all, c.his, netip.MustParseAddr(c.addr)), c.crowded)
	}
}

func TestPeerNamesAreOfOneConnection(t *testing.T) {
	t.Parallel()
	f := start(t, func(c *Config) { c.Random = sameBytes{} })
	f.dial(t, viewerCookie(1)).hello()
	code, _ := f.dial(t, viewerCookie(2)).closed()
	equal(t, "the same name is not given twice", code, closeTooManyConn)
}

type sameBytes struct{}

func (sameBytes) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestSlowReaderIsClosed(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	slow, quick := f.dial(t, viewerCookie(1)), f.dial(t, viewerCookie(2))
	slow.hello()
	quick.hello()
	if tcp, ok := slow.NetConn().(*net.TCPConn); ok {
		f.must(tcp.SetReadBuffer(4 << 10))
	}
	got := make(chan int, 1)
	go func() { // reads all the time
		n := 0
		for {
			if _, _, err := quick.ReadMessage(); err != nil {
				got <- n
				return
			}
			n++
		}
	}()
	text := []byte(`{"type":"padding","x":"` + strings.Repeat("x", 256<<10) + `"}`)
	sent := 0
	eventually(t, "the slow one is closed", func() bool {
		f.srv.hub.broadcast(text)
		sent++
		return f.srv.hub.count() < 2
	})
	// What it cost: the queue and what the kernel took, and not every message.
	eventually(t, "one is left", func() bool { return f.srv.hub.count() <= 1 })
	if sent > 500 {
		t.Errorf("%d messages of 256 KiB were taken for a page that reads none", sent)
	}
	f.stop()
	if n := <-got; n == 0 {
		t.Error("the quick one got nothing")
	}
}

func TestAPageThatTalksOnIsCutOff(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	p := f.dial(t, nil)
	p.hello()
	talking := make(chan struct{})
	go func() { // pongs and messages without end, and never a close
		defer close(talking)
		pause := time.NewTicker(time.Millisecond)
		defer pause.Stop()
		for range pause.C {
			if p.WriteControl(websocket.PongMessage, nil, time.Now().Add(time.Second)) != nil ||
				p.WriteMessage(websocket.TextMessage, []byte("no JSON")) != nil {
				return
			}
		}
	}()
	eventually(t, "it is gone", func() bool { return f.srv.hub.count() == 0 })
	<-talking
}

func TestStopping(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	greeted, silent := f.dial(t, viewerCookie(1)), f.dial(t, viewerCookie(2))
	greeted.hello()
	eventually(t, "both are there", func() bool { return f.srv.hub.count() == 2 })
	stopped := make(chan struct{})
	go func() { defer close(stopped); f.stop() }()
	for _, p := range []*page{greeted, silent} {
		code, bye := p.closed()
		equal(t, "code", code, websocket.CloseGoingAway)
		equal(t, "bye", bye, "stopping")
	}
	<-stopped
	equal(t, "connections", f.srv.hub.count(), 0)
}

func TestNothingIsLeftRunning(t *testing.T) {
	before := runtime.NumGoroutine()
	f := start(t, nil)
	film := f.film(filmID, "A film", 1, 100)
	for n := range 20 {
		p := f.dial(t, viewerCookie(n))
		p.hello()
		p.say(`{"type":"open","title":"` + filmID + `"}`)
		f.get(film.Playlist)
		if n%3 == 0 {
			f.must(p.Close())
		}
		if n%3 == 1 { // gone without a word, as a phone that leaves the room
			f.must(p.NetConn().Close())
		}
	}
	f.stop()
	eventually(t, "goroutines are gone", func() bool { return runtime.NumGoroutine() <= before })
}
