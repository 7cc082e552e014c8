package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
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

func TestGreeting(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.film(filmID, "A film", 1, 100)
	ada := f.dial(t, viewerCookie(1))
	ada.say(`{"type":"hello","protocol":1,"name":" Ada \u202e Love\u0000lace ","colour":"red"}`)
	m := ada.next()
	equal(t, "type", m.Type, "hello")
	equal(t, "protocol", m.Protocol, 1)
	equal(t, "build", m.Build, "1.2.3")
	equal(t, "name", m.Name, "Ada Lovelace")
	equal(t, "revision", m.Revision, f.lib.Titles(library.Query{}).Revision)
	equal(t, "box", ada.next().Box.Name, "streambox")
	equal(t, "a guest", f.dial(t, viewerCookie(2)).hello().Name, "Guest 1")
	equal(t, "another guest", f.dial(t, viewerCookie(3)).hello().Name, "Guest 2")
	equal(t, "the same guest in a second tab", f.dial(t, viewerCookie(2)).hello().Name, "Guest 1")

	late := f.dial(t, viewerCookie(4))
	old := m.Revision
	f.listed(secondID, "later", library.Queued)
	late.say(fmt.Sprintf(`{"type":"hello","protocol":2,"revision":%d}`, old))
	equal(t, "a later protocol is answered with ours", late.next().Protocol, 1)
	late.next()
	news := late.next()
	equal(t, "what changed since the page loaded its list", news.Titles[0].Title, "later")

	ws, response, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://"+f.addr+"/ws", nil)
	f.must(err)
	equal(t, "who has no cookie gets one", validViewer(response.Cookies()[0].Value), true)
	_ = response.Body.Close()
	_ = ws.Close()
}

func TestHelloAgain(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.film(filmID, "A film", 1, 100)
	p := f.dial(t, viewerCookie(1))
	p.hello()
	p.say(`{"type":"open","title":"` + filmID + `"}`)
	isHello := func(m message) bool { return m.Type == "hello" }
	for _, c := range []struct{ name, says, want string }{
		{"a guest takes a name", `"protocol":1,"name":" Ada \u202e Lovelace"`, "Ada Lovelace"},
		{"the same name is not answered: the next one is", `"protocol":1,"name":"Ada Lovelace"}` + "\n" + `{"type":"hello","name":"Bob"`, "Bob"},
		{"only the name counts", `"protocol":-1,"revision":0,"name":"Eve"`, "Eve"},
		{"without a name: a guest again, with the same number", `"protocol":1`, "Guest 1"},
	} {
		for says := range strings.SplitSeq(`{"type":"hello",`+c.says+"}", "\n") {
			p.say(says)
		}
		m := p.until(c.name, isHello)
		equal(t, c.name, m.Name, c.want)
		equal(t, "protocol", m.Protocol, 1)
		equal(t, "build", m.Build, "1.2.3")
		equal(t, "revision", m.Revision, f.lib.Titles(library.Query{}).Revision)
	}
	equal(t, "the title is still open", f.srv.presence.Opened(filmID), 1)
	p.say(`{"type":"hello","protocol":1,"name":5}`)
	code, bye := p.closed()
	equal(t, "a name that is a number", code, websocket.ClosePolicyViolation)
	equal(t, "bye", bye, "protocol")
}

// slowBox takes its time to say how it is.
type slowBox struct {
	*fakeBox
	slow    atomic.Bool
	asked   chan struct{}
	answers chan struct{}
}

func (b *slowBox) Status() BoxStatus {
	if b.slow.Load() {
		select {
		case b.asked <- struct{}{}:
		default:
		}
		<-b.answers
	}
	return b.fakeBox.Status()
}

func TestASlowBoxHoldsUpNobody(t *testing.T) {
	t.Parallel()
	box := &slowBox{asked: make(chan struct{}, 1), answers: make(chan struct{})}
	f := start(t, func(c *Config) {
		fake, _ := c.Box.(*fakeBox)
		box.fakeBox, c.Box = fake, box
	})
	answer := sync.OnceFunc(func() { close(box.answers) })
	t.Cleanup(answer)
	other, late := f.dial(t, viewerCookie(1)), f.dial(t, viewerCookie(2))
	other.hello()
	box.slow.Store(true)
	late.say(`{"type":"hello","protocol":1,"name":"Ada"}`)
	<-box.asked
	told := make(chan struct{})
	go func() { defer close(told); f.srv.hub.broadcast([]byte(`{"type":"padding"}`)) }()
	other.until("a message while the box says nothing", func(m message) bool { return m.Type == "padding" })
	<-told
	box.set(func(st *BoxStatus) { st.State = "attention" })
	answer()
	equal(t, "then the late one is greeted", late.next().Name, "Ada")
	equal(t, "with the box as it is", late.next().Box.State, "attention")
	other.until("what the other has not heard", func(m message) bool { return m.Box.State == "attention" })
}

func TestDisplayName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "  ": "", "Ada": "Ada", "a\nb\tc": "abc", "a  b": "a b", strings.Repeat("ä", 30): strings.Repeat("ä", 24),
		"<b>": "<b>", "👩‍👩‍👧": "👩‍👩‍👧", "\u202egnp": "gnp", "\xff": "", strings.Repeat("a", 23) + " b": strings.Repeat("a", 23),
	} {
		equal(t, fmt.Sprintf("%q", in), displayName(in), want)
	}
}

func TestMessagesAgainstTheProtocol(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	hello := `{"type":"hello","protocol":1}`
	for _, c := range []struct {
		name  string
		texts []string
		code  int
		bye   string
	}{
		{"open before hello", []string{`{"type":"open","title":""}`}, websocket.ClosePolicyViolation, "protocol"},
		{"something unknown before hello", []string{`{"type":"x"}`}, websocket.ClosePolicyViolation, "protocol"},
		{"hello without protocol", []string{`{"type":"hello"}`}, websocket.ClosePolicyViolation, "protocol"},
		{"protocol 0", []string{`{"type":"hello","protocol":0}`}, websocket.ClosePolicyViolation, "protocol"},
		{"protocol in words", []string{`{"type":"hello","protocol":"one"}`}, websocket.ClosePolicyViolation, "protocol"},
		{"name that is a number", []string{`{"type":"hello","protocol":1,"name":5}`}, websocket.ClosePolicyViolation, "protocol"},
		{"no JSON", []string{hello, `{"type":`}, websocket.ClosePolicyViolation, "protocol"},
		{"no object", []string{hello, `[1]`}, websocket.ClosePolicyViolation, "protocol"},
		{"no type", []string{hello, `{}`}, websocket.ClosePolicyViolation, "protocol"},
		{"empty", []string{hello, ``}, websocket.ClosePolicyViolation, "protocol"},
		{"title that is an object", []string{hello, `{"type":"open","title":{}}`}, websocket.ClosePolicyViolation, "protocol"},
		{"too big", []string{hello, `{"type":"open","title":"` + strings.Repeat("a", maxMessageBytes) + `"}`}, websocket.CloseMessageTooBig, ""},
		{"much too big", []string{hello, strings.Repeat("a", 256<<10)}, websocket.CloseMessageTooBig, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := f.dial(t, nil)
			for _, text := range c.texts {
				p.say(text)
			}
			code, bye := p.closed()
			equal(t, "code", code, c.code)
			equal(t, "bye", bye, c.bye)
		})
	}
	t.Run("binary", func(t *testing.T) {
		t.Parallel()
		p := f.dial(t, nil)
		f.must(p.WriteMessage(websocket.BinaryMessage, []byte(hello)))
		code, _ := p.closed()
		equal(t, "code", code, websocket.CloseUnsupportedData)
	})
	t.Run("too many messages", func(t *testing.T) {
		t.Parallel()
		p := f.dial(t, nil)
		for range messageBurst + 10 { // it may be closed before all are out
			if p.WriteMessage(websocket.TextMessage, []byte(hello)) != nil {
				break
			}
		}
		code, bye := p.closed()
		equal(t, "code", code, closeTooOften)
		equal(t, "bye", bye, "protocol")
	})
	t.Run("what a later page may send is left alone", func(t *testing.T) {
		t.Parallel()
		p := f.dial(t, nil)
		p.hello()
		p.say(`{"type":"wave","n":7}`)
		p.say(`{"type":"open","title":"` + missingID + `"}`)
		p.say(`{"type":"open","title":"../../etc/passwd"}`)
		p.say(`{"type":"open"}`)
		p.say(hello)
		f.box.set(func(st *BoxStatus) { st.State = "still here" })
		p.until("the next push", func(m message) bool { return m.Box.State == "still here" })
	})
}

func TestPushes(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	p := f.dial(t, nil)
	p.hello()
	film := f.film(filmID, "A film", 1, 100)
	m := p.until("the new film", func(m message) bool {
		return m.Type == "titles" && (m.Reset || len(m.Titles) == 1 && m.Titles[0].Playable)
	})
	if !m.Reset {
		equal(t, "in the shape of the API", m.Titles[0].Playlist, film.Playlist)
	}
	f.must(f.lib.Update(filmID, false, func(r *library.Record) { r.Name = "Renamed" }))
	p.until("the new name", func(m message) bool { return len(m.Titles) == 1 && m.Titles[0].Title == "Renamed" })
	f.box.set(func(st *BoxStatus) { st.State = "working" })
	p.until("the box", func(m message) bool { return m.Type == "box" && m.Box.State == "working" })

	other := f.dial(t, viewerCookie(2))
	other.hello()
	other.say(`{"type":"open","title":"` + filmID + `"}`)
	p.until("a viewer", func(m message) bool { return len(m.Titles) == 1 && m.Titles[0].Viewers == 1 })
	other.say(`{"type":"open","title":""}`)
	p.until("none", func(m message) bool { return len(m.Titles) == 1 && m.Titles[0].Viewers == 0 })

	for n := range maxPushTitles + 1 {
		f.listed(fmt.Sprintf("%c%caaaaaaaaaaaaaa", 'a'+n/26, 'a'+n%26), "many", library.Queued)
	}
	m = p.until("load anew", func(m message) bool { return m.Reset })
	equal(t, "no titles in a reset", len(m.Titles), 0)
}

func TestAtMostTwoPushesASecond(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.film(filmID, "A film", 1, 100)
	p := f.dial(t, nil)
	p.hello()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() { // changes as a conversion makes them, and more
		defer close(stopped)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			case <-tick.C:
				_ = f.lib.Update(filmID, false, func(r *library.Record) { r.Name = fmt.Sprint("name ", n) })
				f.box.set(func(st *BoxStatus) { st.State = fmt.Sprint("state ", n) })
			}
		}
	}()
	defer func() { close(stop); <-stopped }()
	kinds := map[string]int{}
	begin := time.Now()
	for range 6 {
		kinds[p.next().Type]++
	}
	// Six messages have at least five pauses between them, whatever the machine does.
	if took := time.Since(begin); took < 5*pushEvery-100*time.Millisecond {
		t.Errorf("6 pushes within %v", took)
	}
	if kinds["titles"] < 2 || kinds["box"] < 1 {
		t.Errorf("one kind starves the other: %v", kinds)
	}
}

func TestTwoTabsAndAReload(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.film(filmID, "A film", 1, 100)
	f.film(secondID, "Another", 1, 100)
	open := func(p *page, id string) { p.say(`{"type":"open","title":"` + id + `"}`) }
	one, two := f.dial(t, viewerCookie(1)), f.dial(t, viewerCookie(1))
	one.hello()
	two.hello()
	open(one, filmID)
	eventually(t, "first tab", func() bool { return f.srv.presence.Opened(filmID) == 1 })
	open(two, secondID)
	eventually(t, "second tab", func() bool {
		return f.srv.presence.Opened(filmID) == 0 && f.srv.presence.Opened(secondID) == 1
	})
	equal(t, "viewers", f.srv.presence.Viewers(), 1)
	f.must(two.Close())
	again := f.dial(t, viewerCookie(1))
	again.hello()
	open(again, secondID)
	eventually(t, "connections", func() bool { return f.srv.hub.count() == 2 })
	equal(t, "after the reload", f.srv.presence.Opened(secondID), 1)
	page := decode[library.Page](t, f.get("/api/v1/titles?q=Another").body)
	equal(t, "in the API", page.Titles[0].Viewers, 1)
}

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
