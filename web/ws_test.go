package web

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"streambox.local/appliance/library"
)

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
