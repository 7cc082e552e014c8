package web

import (
	"fmt"
	"net/http"
	"path"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/web/room"
	"streambox.local/web/swarm"
)

const accessPointPlaces = 8 // package room: a stock Pi's radio

// roomFixture is a box that is an access point, with a clock for its room.
type roomFixture struct {
	*fixture
	passed  atomic.Int64 // since the start, on the room's clock
	film    library.Title
	segment string
}

func startRoom(t *testing.T) *roomFixture {
	t.Helper()
	f := &roomFixture{}
	began := time.Now()
	seats := room.NewHouse(room.Config{Role: "accessPoint", Now: func() time.Time { return began.Add(time.Duration(f.passed.Load())) }})
	f.fixture = start(t, func(c *Config) { c.Room, c.Role = seats, func() string { return "accessPoint" } })
	f.film = f.fixture.film(filmID, "A film", 30, 1000)
	f.segment = strings.TrimSuffix(f.film.Playlist, "index.m3u8") + "seg00000.ts"
	return f
}

// watch opens the film and returns what the page is told of the room.
func (f *roomFixture) watch(t *testing.T, viewer int) (*page, roomMessage) {
	t.Helper()
	p := f.dial(t, viewerCookie(viewer))
	p.hello()
	p.say(`{"type":"open","title":"` + filmID + `","rendition":"` + path.Base(path.Dir(f.film.Playlist)) + `"}`)
	return p, hear[roomMessage](p, "room")
}

func (f *roomFixture) fetch(viewer int) answer {
	f.t.Helper()
	return f.get(f.segment, "Cookie", viewerCookie(viewer).Get("Cookie"))
}

func TestTheRoomHasAnEnd(t *testing.T) {
	t.Parallel()
	f := startRoom(t)
	var watching []*page
	for n := range accessPointPlaces {
		p, told := f.watch(t, n)
		equal(t, "admitted", told.Admitted, true)
		equal(t, "places", told.Places, accessPointPlaces)
		watching = append(watching, p)
	}
	late, told := f.watch(t, 100)
	equal(t, "one more", told.Admitted, false)
	equal(t, "watching", told.Watching, accessPointPlaces)

	late.say(`{"type":"want","id":1,"n":5,"in":30000}`) // it must get no lease: others would wait for it
	equal(t, "the swarm goes on without it", f.srv.sharing.stats().Watching, accessPointPlaces)

	refused := f.fetch(100)
	equal(t, "its segment", refused.StatusCode, http.StatusServiceUnavailable)
	equal(t, "code", refused.code(), "air_full")
	equal(t, "again after", refused.Header.Get("Retry-After"), "5")
	contains(t, "a sentence", string(refused.body), "The air is full: 8 phones are watching. Wait, or join a friend's screen.")
	contains(t, "for the page's own words", string(refused.body), `"watching":8`)
	equal(t, "it is no viewer for that", f.srv.meters.segmentBytes.Get(), 0)
	for n := range accessPointPlaces {
		equal(t, "who plays goes on", f.fetch(n).StatusCode, http.StatusOK)
	}
	seats := decode[boxView](t, f.get("/api/v1/box").body).Room
	equal(t, "box: role", seats.Role, "accessPoint")
	equal(t, "box: places", seats.Places, accessPointPlaces)
	equal(t, "box: taken", seats.Taken, accessPointPlaces)
	equal(t, "box: waiting", seats.Waiting, 1)

	// One leaves: it may come back for a while, then its place is free for who waits.
	f.must(watching[0].Close())
	eventually(t, "it is gone", func() bool { return f.srv.hub.count() == accessPointPlaces })
	stop := f.letTimePass()
	defer stop()
	for !hear[roomMessage](late, "room").Admitted {
		continue
	}
	equal(t, "its segment", f.fetch(100).StatusCode, http.StatusOK)
	equal(t, "it takes part", hear[swarm.Config](late, "config").Rendition, path.Base(path.Dir(f.film.Playlist)))
	late.say(`{"type":"want","id":2,"n":5,"in":0}`)
	equal(t, "the first want that is answered", hear[swarm.Grant](late, "grant").ID, 2)
}

// letTimePass turns the room's clock, ten seconds in one.
func (f *roomFixture) letTimePass() (stop func()) {
	done, turned := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(turned)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				f.passed.Add(int64(time.Second))
			case <-done:
				return
			}
		}
	}()
	return func() { close(done); <-turned }
}

func TestWhoIsPutBackLeavesTheSwarmUntilItIsLetInAgain(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	film := f.film(filmID, "A film", 30, 1000)
	p := f.phone(t, 1, film, `[[0,9]]`)
	other := f.phone(t, 2, film, `[]`)
	viewer := viewerCookie(1).Get("Cookie")[len(cookieName)+1:]
	f.srv.sharing.seat(room.Change{Cookie: viewer, Verdict: room.Verdict{Watching: 1, Places: 1}})
	equal(t, "it is told", hear[roomMessage](p.page, "room").Admitted, false)
	equal(t, "and takes part no more", hear[swarm.Config](p.page, "config").Rendition, "")
	equal(t, "nobody is sent to it", other.want(1, 5, 20000).How, "http")
	f.srv.sharing.seat(room.Change{Cookie: viewer, Verdict: room.Verdict{Admitted: true, Watching: 2, Places: 2}})
	equal(t, "it is told", hear[roomMessage](p.page, "room").Admitted, true)
	equal(t, "and takes part", hear[swarm.Config](p.page, "config").Rendition, p.rendition)
	equal(t, "what it had is not counted on until it says so", other.want(2, 7, 20000).How, "http")
	p.have(`[[0,9]]`)
	// Not by wanting again and again: whoever was told to take it from the box holds its lease.
	eventually(t, "the director knows", func() bool { return f.inventory(p.you) > 0 })
	equal(t, "then it is", other.want(3, 8, 20000).How, "peers")
}

// inventory is how many runs of segments the director believes a page to have.
func (f *fixture) inventory(id swarm.PeerID) int {
	f.srv.sharing.mu.Lock()
	defer f.srv.sharing.mu.Unlock()
	for _, group := range f.srv.sharing.director.Views() {
		for _, member := range group.Members {
			if member.ID == id {
				return len(member.Have)
			}
		}
	}
	return 0
}

func TestAPlayerWithoutAPageHasAPlaceByItsAddress(t *testing.T) {
	t.Parallel()
	f := startRoom(t)
	equal(t, "VLC", f.get(f.segment).StatusCode, http.StatusOK)
	equal(t, "taken", f.srv.cfg.Room.State().Taken, 1)
	f.get(f.segment)
	equal(t, "once", f.srv.cfg.Room.State().Taken, 1)
}

func TestStallsAndWhatIsSparedReachTheRoom(t *testing.T) {
	t.Parallel()
	var s spared
	equal(t, "nothing went anywhere", s.next(0, 0), 0)
	equal(t, "half by peers", s.next(1000, 1000), 0.5)
	equal(t, "it is a mean", s.next(3000, 1000), 0.75)
	for range sparedOver {
		s.next(3000, 1001)
	}
	equal(t, "of the last half minute", s.next(3000, 1002), 0)

	began := time.Unix(1000, 0)
	var r reported
	var c claims
	const bitrate = 8000 // a kilobyte a second
	rejected, stalls := r.take(haveOf(1, 1))
	equal(t, "rejected", rejected, 1)
	equal(t, "stalls", stalls, 1)
	rejected, stalls = r.take(haveOf(0, 0))
	equal(t, "what falls counts nothing", rejected+stalls, 0)
	rejected, _ = r.take(haveOf(1<<30, 0))
	equal(t, "nor rejects all at once", rejected, maxRejectedAtOnce)

	claim := func(viewer string, bytes uint64, after time.Duration) int64 {
		return c.take(viewer, bytes, bitrate, began.Add(after))
	}
	equal(t, "bytes", claim("a", 5000, time.Second), 5000)
	equal(t, "nobody gets more than was fetched ahead and could be played", claim("a", 1<<60, 3*time.Second), 29_000)
	equal(t, "then twice as fast as it plays, on whatever connection", claim("a", 1<<60, 4*time.Second), 2000)
	equal(t, "another viewer has its own", claim("b", 1<<60, 4*time.Second), 30_000)
	equal(t, "nor is an hour saved up", claim("a", 1<<60, time.Hour), 60_000)
	for n := range maxClaims {
		claim(fmt.Sprint(n), 1, time.Hour)
	}
	equal(t, "who claimed a moment ago is not forgotten for others", claim("a", 1<<60, time.Hour), 0)
	equal(t, "more cookies than pages count nothing", claim("new", 5, time.Hour), 0)
	equal(t, "later they do", claim("new", 5, 2*time.Hour), 5)
}

func TestANewWebSocketIsNoNewClaim(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	film := f.film(filmID, "A film", 30, 1_000_000) // 2 Mbit/s: 7.5 segments are the first half minute
	f.phone(t, 2, film, `[[0,29]]`)
	for range 3 {
		p := f.phone(t, 1, film, `[]`)
		for n := range 8 {
			equal(t, "granted", p.want(n+1, n, 20000).How, "peers")
			p.say(fmt.Sprintf(`{"type":"have","add":[[%d,%d]],"at":0,"p2p":%d}`, n, n, (n+1)*1_000_000))
		}
		p.want(100, 8, 20000) // its answer comes after all that was said before
		_ = p.Close()
	}
	if got := f.srv.meters.peerBytes.Get(); got < 7_500_000 || got > 16_000_000 {
		t.Errorf("%d bytes were counted of one cookie on three connections", got)
	}
}

// What a page says came from peers makes no room for others: only what it was sent to peers for.
func TestAPageThatCountsItselfRichSparesTheBoxNothing(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	film := f.film(filmID, "A film", 30, 1000)
	liar := f.phone(t, 1, film, `[]`)
	other := f.phone(t, 2, film, `[]`)
	liar.say(`{"type":"have","at":0,"p2p":125000000}`)
	liar.say(`{"type":"have","add":[[0,20]],"at":0,"p2p":250000000,"rejected":1}`)
	eventually(t, "it was heard", func() bool { return f.srv.meters.rejected.Get() == 1 })
	equal(t, "counted", f.srv.sharing.view().P2PBytes, 0)
	other.have(`[[25,25]]`)
	eventually(t, "the director knows", func() bool { return f.inventory(other.you) > 0 })
	equal(t, "one segment is granted", liar.want(1, 25, 20000).How, "peers")
	liar.say(`{"type":"have","add":[[25,25]],"at":0,"p2p":375000000,"rejected":2}`)
	eventually(t, "it was heard", func() bool { return f.srv.meters.rejected.Get() == 2 })
	equal(t, "counted", f.srv.sharing.view().P2PBytes, 1000)
}

func haveOf(rejected, stalls int) swarm.Have {
	return swarm.Have{Rejected: rejected, Stalls: stalls}
}
