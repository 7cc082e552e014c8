package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"streambox.local/appliance/library"
	"streambox.local/web/swarm"
)

// phone is a page that takes part in the swarm.
type phone struct {
	*page
	you       swarm.PeerID
	title     string
	rendition string
}

// phone dials in, says hello and opens a title with what it has of it.
func (f *fixture) phone(t *testing.T, viewer int, film library.Title, have string) *phone {
	t.Helper()
	p := &phone{page: f.dial(t, viewerCookie(viewer)), title: film.ID, rendition: path.Base(path.Dir(film.Playlist))}
	p.say(fmt.Sprintf(`{"type":"hello","protocol":1,"name":"Phone %d","p2p":true}`, viewer))
	hello := hear[helloMessage](p.page, "hello")
	p.you = hello.You
	p.say(fmt.Sprintf(`{"type":"open","title":%q,"rendition":%q,"segments":30,"segmentSeconds":4,"have":%s}`, p.title, p.rendition, have))
	hear[swarm.Config](p.page, "config")
	return p
}

// hear reads on until a message of that type.
func hear[T any](p *page, kind string) T {
	p.t.Helper()
	_ = p.SetReadDeadline(time.Now().Add(15 * time.Second))
	for {
		_, text, err := p.ReadMessage()
		if err != nil {
			p.t.Fatalf("waiting for %s: %v", kind, err)
		}
		if decode[message](p.t, text).Type == kind {
			return decode[T](p.t, text)
		}
	}
}

// want asks and returns the first answer.
func (p *phone) want(id, n, in int) swarm.Grant {
	p.t.Helper()
	p.say(fmt.Sprintf(`{"type":"want","id":%d,"n":%d,"in":%d,"why":"play"}`, id, n, in))
	return p.granted(id)
}

func (p *phone) granted(id int) swarm.Grant {
	p.t.Helper()
	for {
		if g := hear[swarm.Grant](p.page, "grant"); g.ID == uint32(id) {
			return g
		}
	}
}

// meet reads on until this page is introduced to the other.
func (p *phone) meet(other swarm.PeerID) swarm.Peer {
	p.t.Helper()
	for {
		for _, peer := range hear[swarm.Peers](p.page, "peers").Peers {
			if peer.ID == other {
				return peer
			}
		}
	}
}

func (p *phone) have(spans string) {
	p.t.Helper()
	p.say(`{"type":"have","add":` + spans + `,"at":0}`)
}

func TestASegmentLeavesTheBoxOnceAndGoesFromPhoneToPhone(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	film := f.film(filmID, "A film", 30, 1000)
	first := f.phone(t, 1, film, `[]`)
	second := f.phone(t, 2, film, `[]`)
	equal(t, "the first hears that it is not alone", hear[swarm.Config](first.page, "config").On, true)

	grant := first.want(1, 12, 9000)
	equal(t, "who asks first fetches", grant.How, "http")
	equal(t, "what it will get", grant.SHA256, hashOf(segmentData(filmID, 12, 1000)))
	equal(t, "how much", grant.Bytes, 1000)
	grant = second.want(1, 12, 20000)
	equal(t, "who asks later waits", grant.How, "wait")
	first.have(`[[12,12]]`)
	grant = second.granted(1)
	equal(t, "then it is sent to the holder", grant.How, "peers")
	equal(t, "which is", fmt.Sprint(grant.Peers), fmt.Sprint([]swarm.PeerID{first.you}))
	equal(t, "with what it must be", grant.SHA256, hashOf(segmentData(filmID, 12, 1000)))
	second.say(`{"type":"have","add":[[12,12]],"at":3,"p2p":1000,"rejected":1}`)
	eventually(t, "the box counts what went by", func() bool { return f.srv.sharing.view().P2PBytes == 1000 })
	text, _, _ := strings.Cut(string(f.get("/metrics").body), "\ngo_")
	for _, line := range []string{
		"streambox_p2p_bytes_total 1000", "streambox_p2p_rejected_segments_total 1", `streambox_swarm_grants_total{how="peers"} 1`,
		`streambox_swarm_grants_total{how="http"} 1`, `streambox_swarm_grants_total{how="wait"} 1`,
	} {
		contains(t, "metrics", text, line+"\n")
	}
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// introduced are two pages of one film that know each other; caller makes the offer.
func introduced(t *testing.T, f *fixture) (caller, called *phone, session uint32) {
	t.Helper()
	film := f.film(filmID, "A film", 30, 1000)
	one := f.phone(t, 1, film, `[[0,5]]`)
	two := f.phone(t, 2, film, `[]`)
	peer := two.meet(one.you)
	equal(t, "the other's name", peer.Name, "Phone 1")
	other := one.meet(two.you)
	equal(t, "one of them calls", other.Call, !peer.Call)
	equal(t, "in the same session", other.Session, peer.Session)
	if peer.Call {
		return two, one, peer.Session
	}
	return one, two, peer.Session
}

func TestPagesAreBroughtTogether(t *testing.T) {
	t.Parallel()
	caller, called, session := introduced(t, start(t, nil))
	signal := func(from, to *phone, kind, rest string) swarm.Signal {
		t.Helper()
		from.say(fmt.Sprintf(`{"type":%q,"to":%q,"from":"forged00","session":%d,%s}`, kind, to.you, session, rest))
		got := hear[swarm.Signal](to.page, kind)
		equal(t, kind+" is from", got.From, from.you)
		equal(t, kind+" is for", got.To, "")
		equal(t, "session", got.Session, session)
		return got
	}
	equal(t, "offer", signal(caller, called, "offer", `"sdp":"v=0\r\no=1"`).SDP, "v=0\r\no=1")
	equal(t, "answer", signal(called, caller, "answer", `"sdp":"v=0\r\no=2"`).SDP, "v=0\r\no=2")
	got := signal(caller, called, "candidate", `"candidate":"`+hiddenCandidate+`","mid":"0","mline":0`)
	equal(t, "candidate as it is", *got.Candidate, hiddenCandidate)
	again := hear[swarm.Signal](called.page, "candidate")
	contains(t, "and with the address of the WebSocket", *again.Candidate, " 127.0.0.1 50001 typ host")
	equal(t, "mid", again.Mid, "0")
	equal(t, "mline", *again.MLine, 0)
	equal(t, "the last candidate", *signal(called, caller, "candidate", `"candidate":""`).Candidate, "")
}

func TestPeersHaveTheNamesThatPeopleGiveThemselves(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	film := f.film(filmID, "A film", 30, 1000)
	one := f.phone(t, 1, film, `[[0,5]]`)
	one.say(`{"type":"hello","name":"Ada"}`)
	equal(t, "renamed", hear[helloMessage](one.page, "hello").Name, "Ada")
	two := f.phone(t, 2, film, `[]`)
	equal(t, "as others see it", two.meet(one.you).Name, "Ada")
	one.say(`{"type":"hello","name":"Grace"}`)
	equal(t, "and hear at once of another", two.meet(one.you).Name, "Grace")
}

func TestNoJSONIsMadeUnderTheMutexOfTheDirector(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	c := newConn(nil, "viewer", netip.Addr{}, netip.Addr{})
	sh := f.srv.sharing
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.pages["a"] = c
	for _, m := range []any{swarm.Config{}, swarm.Grant{}, swarm.Peers{}, swarm.Relay{Kind: "offer"}} {
		sh.deliver(swarm.Send{To: "a", Message: m})
		if _, encoded := (<-c.queue).([]byte); encoded {
			t.Errorf("a %s is encoded before it is queued", swarm.Type(m))
		}
	}
	delete(sh.pages, "a")
}

func TestAPageSpeaksForItselfOnly(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	caller, called, session := introduced(t, f)
	stranger := f.phone(t, 3, f.film(secondID, "Another", 30, 1000), `[]`)
	offer := func(p *phone, to swarm.PeerID, session uint32) {
		t.Helper()
		p.say(fmt.Sprintf(`{"type":"offer","to":%q,"session":%d,"sdp":"v=0 forged"}`, to, session))
	}
	offer(stranger, called.you, session)            // of another group
	offer(caller, called.you, session+1)            // of no introduction
	offer(caller, "nobody00", session)              // to nobody
	stranger.say(`{"type":"have","add":[],"at":0}`) // was it cut off?
	offer(caller, called.you, session)
	got := hear[swarm.Signal](called.page, "offer")
	equal(t, "the first offer that comes is from", got.From, caller.you)
	// What follows is against the protocol: only the caller makes offers.
	offer(called, caller.you, session)
	code, bye := called.closed()
	equal(t, "an offer from who is called", code, websocket.ClosePolicyViolation)
	equal(t, "bye", bye, "protocol")
	text, _, _ := strings.Cut(string(f.get("/metrics").body), "\ngo_")
	contains(t, "counted", text, `streambox_websocket_refused_total{why="offer from the page that is called"} 1`)
}

func TestWhatPagesMayNotSayToTheDirector(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	film := f.film(filmID, "A film", 30, 1000)
	for _, c := range []struct{ name, text string }{
		{"a want of a segment below the first", `{"type":"want","id":1,"n":-1,"in":0}`},
		{"a want of a segment beyond all films", `{"type":"want","id":1,"n":100000,"in":0}`},
		{"a want of a number that is none", `{"type":"want","id":1,"n":1e99,"in":0}`},
		{"a want needed in the past", `{"type":"want","id":1,"n":1,"in":-1}`},
		{"a want that shuns half the room", `{"type":"want","id":1,"n":1,"in":0,"not":["a","b","c","d","e","f","g","h","i"]}`},
		{"a want that shuns what is no peer", `{"type":"want","id":1,"n":1,"in":0,"not":["../etc"]}`},
		{"a want with a reason as long as a film", `{"type":"want","id":1,"n":1,"in":0,"why":"aaaaaaaaaaaaaaaaaaaaaaaaaaaa"}`},
		{"an inventory beyond the playlist", `{"type":"have","add":[[0,30]],"at":0}`},
		{"an inventory beyond all films", `{"type":"have","add":[[0,100000]],"at":0}`},
		{"an inventory below the first segment", `{"type":"have","add":[[-1,3]],"at":0}`},
		{"an inventory that runs backwards", `{"type":"have","add":[[5,3]],"at":0}`},
		{"an inventory of three-legged spans", `{"type":"have","add":[[5,"x"]],"at":0}`},
		{"a playhead before the film", `{"type":"have","at":-1}`},
		{"bytes that fell", `{"type":"have","at":0,"p2p":-5}`},
		{"an opening with too many segments", fmt.Sprintf(`{"type":"open","title":%q,"rendition":%q,"segments":100001}`, filmID, path.Base(path.Dir(film.Playlist)))},
		{"an opening with more segments than the box's playlist", fmt.Sprintf(`{"type":"open","title":%q,"rendition":%q,"segments":31}`, filmID, path.Base(path.Dir(film.Playlist)))},
		{"a playlist that grows beyond the box's", `{"type":"have","at":0,"segments":31}`},
		{"an opening with more than the film has", fmt.Sprintf(`{"type":"open","title":%q,"rendition":%q,"segments":3,"have":[[0,3]]}`, filmID, path.Base(path.Dir(film.Playlist)))},
		{"an offer to what is no peer", `{"type":"offer","to":"A B","session":1,"sdp":"v=0"}`},
		{"an offer without one", `{"type":"offer","to":"a1","session":1}`},
		{"a candidate of two lines", `{"type":"candidate","to":"a1","session":1,"candidate":"candidate:1\r\nx"}`},
		{"gone for a reason nobody knows", `{"type":"gone","peer":"a1","session":1,"why":"bored"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := f.phone(t, 1+len(c.name)+int(c.text[len(c.text)-3]), film, `[]`)
			p.say(c.text)
			code, bye := p.closed()
			equal(t, "code", code, websocket.ClosePolicyViolation)
			equal(t, "bye", bye, "protocol")
		})
	}
	t.Run("too many wants", func(t *testing.T) {
		t.Parallel()
		p := f.phone(t, 1000, film, `[]`)
		for n := range messageBurst + 10 { // it may be closed before all are out
			if p.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"type":"want","id":%d,"n":%d,"in":5000}`, n, n%30)) != nil {
				break
			}
		}
		code, bye := p.closed()
		equal(t, "code", code, closeTooOften)
		equal(t, "bye", bye, "protocol")
	})
}

func TestAWantBeforeAnythingIsOpen(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	film := f.film(filmID, "A film", 30, 1000)
	early := f.dial(t, viewerCookie(1))
	early.say(`{"type":"want","id":1,"n":1,"in":0}`)
	code, bye := early.closed()
	equal(t, "before hello", code, websocket.ClosePolicyViolation)
	equal(t, "bye", bye, "protocol")

	p := f.dial(t, viewerCookie(2))
	p.hello()
	p.say(`{"type":"want","id":1,"n":1,"in":0}`) // of nothing: not answered, and no harm
	p.say(`{"type":"have","add":[[1,1]],"at":3}`)
	p.say(`{"type":"open","title":"` + filmID + `","rendition":"gone-0123456789abcdef","segments":30}`)
	p.say(`{"type":"want","id":2,"n":1,"in":0}`) // of a rendition that is gone: the same
	p.say(fmt.Sprintf(`{"type":"open","title":%q,"rendition":%q,"segments":30}`, filmID, path.Base(path.Dir(film.Playlist))))
	p.say(`{"type":"want","id":3,"n":1,"in":0}`)
	equal(t, "the first grant is for the first want of something", hear[swarm.Grant](p, "grant").ID, 3)
	equal(t, "it watches all the same", f.srv.presence.Opened(filmID), 1)
}

func TestAWebSocketFromAnotherSiteIsRefused(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	header := viewerCookie(1)
	header.Set("Origin", "http://evil.example")
	_, response, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://"+f.addr+"/ws", header)
	if !errors.Is(err, websocket.ErrBadHandshake) || response.StatusCode != http.StatusForbidden {
		t.Fatalf("%v, %v", response, err)
	}
	_ = response.Body.Close()
}

func TestAPageThatComesBackIsAHolderAtOnce(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	film := f.film(filmID, "A film", 30, 1000)
	holder := f.phone(t, 1, film, `[]`)
	other := f.phone(t, 2, film, `[]`)
	f.must(holder.NetConn().Close()) // the phone fell asleep
	back := f.phone(t, 1, film, `[[0,20]]`)
	equal(t, "another connection", back.you == holder.you, false)
	grant := other.want(7, 9, 20000)
	equal(t, "how", grant.How, "peers")
	equal(t, "from", fmt.Sprint(grant.Peers), fmt.Sprint([]swarm.PeerID{back.you}))
}

func TestADigestThatNeverComesCostsOnlyItsOwnTitle(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	good := f.film(filmID, "A film", 30, 1000)
	var src countingSource
	src.segments.Store(30)
	hanging := src.source()
	hanging.digest = func(string) ([]byte, int64, error) {
		<-release
		return nil, 0, errors.New("the stick was pulled")
	}
	f.listed(secondID, "Hanging", library.Converting)
	bad := library.Title{ID: secondID, Playlist: f.attach(secondID, hanging) + "index.m3u8"}
	stuck, other := f.phone(t, 1, bad, `[]`), f.phone(t, 2, bad, `[]`)
	fine := f.phone(t, 3, good, `[]`)
	stuck.say(`{"type":"want","id":1,"n":0,"in":60000}`)
	other.say(`{"type":"want","id":1,"n":0,"in":60000}`)
	equal(t, "the other title", fine.want(1, 0, 20000).SHA256, hashOf(segmentData(filmID, 0, 1000)))
	for _, p := range []*phone{stuck, other} { // both: without a digest nothing can be passed on
		grant := p.granted(1)
		equal(t, "by", grant.How, "http")
		equal(t, "without a digest", grant.SHA256, "")
		equal(t, "because", grant.Why, "noDigest")
	}
}

func TestThePolicyIsToldAndFollowed(t *testing.T) {
	t.Parallel()
	var role atomic.Value
	role.Store("wired")
	f := start(t, func(c *Config) { c.Role = func() string { return role.Load().(string) } })
	film := f.film(filmID, "A film", 30, 1000)
	first := f.phone(t, 1, film, `[]`)
	f.phone(t, 2, film, `[]`)
	until := func(on bool, why string) {
		t.Helper()
		for {
			if c := hear[swarm.Config](first.page, "config"); c.On == on && c.Why == why {
				return
			}
		}
	}
	until(true, "shared")
	contains(t, "why", f.srv.sharing.view().Why, "hand it to each other")
	role.Store("accessPoint")
	until(false, "accessPoint")
	contains(t, "why", f.srv.sharing.view().Why, "crosses the air twice")
	equal(t, "policy", f.srv.sharing.view().Policy, "auto")
	for _, mode := range []string{"on", "off"} {
		other := start(t, func(c *Config) { c.P2P = mode })
		view := other.srv.sharing.view()
		equal(t, "policy", view.Policy, mode)
		contains(t, "why", view.Why, "switched "+mode)
	}
	_, err := New(Config{Library: f.lib, Resume: f.resume, Box: f.box, P2P: "maybe"})
	contains(t, "a policy that there is not", fmt.Sprint(err), `"maybe"`)
}

func TestHelloSaysWhoOneIsAndWhereStunIs(t *testing.T) {
	t.Parallel()
	f := start(t, func(c *Config) { c.STUN = func(local netip.Addr) string { return "stun:" + local.String() + ":3478" } })
	p := f.dial(t, viewerCookie(1))
	p.say(`{"type":"hello","protocol":1,"p2p":true}`)
	hello := hear[helloMessage](p, "hello")
	equal(t, "stun", fmt.Sprint(hello.STUN), "[stun:127.0.0.1:3478]")
	equal(t, "you", len(hello.You) == maxPeerIDBytes && soundPeer(hello.You), true)
	without := start(t, nil).dial(t, viewerCookie(1))
	without.say(`{"type":"hello","protocol":1}`)
	equal(t, "none", len(hear[helloMessage](without, "hello").STUN), 0)
}
