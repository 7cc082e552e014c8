package web

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"streambox.local/web/room"
	"streambox.local/web/swarm"
)

const onCable, onAir = "127.0.0.1", "127.0.0.2"

// linked is a box with a cable and a Wi-Fi of its own, which may become something else.
type linked struct {
	*fixture
	at      map[string]string // address with port, by the box's address
	airRole atomic.Value
}

func startLinked(t *testing.T, p2p string) *linked {
	t.Helper()
	l := &linked{at: map[string]string{}}
	l.airRole.Store("accessPoint")
	seats := room.NewHouse(room.Config{Role: "accessPoint", Now: time.Now})
	l.fixture = start(t, func(c *Config) {
		c.Room, c.P2P, c.Role = seats, p2p, func() string { return "accessPoint" }
		c.Link = func(local netip.Addr) (name, role string) {
			if local == netip.MustParseAddr(onAir) {
				return "wlan0", l.airRole.Load().(string)
			}
			return "eth0", "wired"
		}
	})
	l.at[onCable] = l.addr
	var lc net.ListenConfig
	listener, err := lc.Listen(t.Context(), "tcp", onAir+":0")
	if err != nil {
		t.Fatal(err)
	}
	l.at[onAir] = listener.Addr().String()
	server, served := l.srv.HTTPServer(), make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return l
}

// over lets what comes next come over the link with this address.
func (l *linked) over(address string) *linked {
	l.addr = l.at[address]
	l.url = "http://" + l.addr
	return l
}

// Stands for a class on the cable, and phones on the Wi-Fi that the box itself makes.
func TestPhonesOnTheBoxsOwnWiFiTakeFromTheBoxAndTheWiredOnesShare(t *testing.T) {
	t.Parallel()
	l := startLinked(t, "auto")
	film := l.film(filmID, "A film", 30, 1000)
	l.over(onCable)
	first, second := l.phone(t, 1, film, `[[0,9]]`), l.phone(t, 2, film, `[]`)
	l.over(onAir)
	air := l.phone(t, 3, film, `[[10,19]]`)
	equal(t, "from a wired one to a wired one", second.want(1, 5, 20000).How, "peers")
	equal(t, "from the air to a wired one", second.want(2, 12, 20000).How, "http")
	grant := air.want(1, 5, 20000)
	equal(t, "to one on the air", grant.How+" "+grant.Why, "http accessPoint")
	l.airRole.Store("client")
	for !hear[swarm.Config](air.page, "config").On { // the box has joined another's Wi-Fi
	}
	equal(t, "then", air.want(2, 6, 20000).How, "peers")
	_ = first
}

func TestAFullLinkKeepsNobodyFromAnother(t *testing.T) {
	t.Parallel()
	l := startLinked(t, "auto")
	film := l.film(filmID, "A film", 30, 1000)
	segment := strings.TrimSuffix(film.Playlist, "index.m3u8") + "seg00000.ts"
	watch := func(viewer int, address string) roomMessage {
		p := l.over(address).dial(t, viewerCookie(viewer))
		p.hello()
		p.say(`{"type":"open","title":"` + filmID + `","rendition":"` + path.Base(path.Dir(film.Playlist)) + `"}`)
		return hear[roomMessage](p, "room")
	}
	share := accessPointPlaces
	for n := range 20 {
		told := watch(n, onCable)
		equal(t, "on the cable", told.Admitted, true)
		equal(t, "no end is known", told.Places, 0)
	}
	for n := range share {
		equal(t, "on the air", watch(100+n, onAir).Admitted, true)
	}
	told := watch(200, onAir)
	equal(t, "one more", told.Admitted, false)
	equal(t, "watching there", told.Watching, accessPointPlaces)
	refused := func(viewer int) int {
		return l.get(segment, "Cookie", viewerCookie(viewer).Get("Cookie")).StatusCode
	}
	equal(t, "its segments", refused(200), http.StatusServiceUnavailable)
	equal(t, "its neighbour's", refused(100), http.StatusOK)
	l.over(onCable)
	equal(t, "one more on the cable", watch(300, onCable).Admitted, true)
	equal(t, "its segments", refused(300), http.StatusOK)
	state := l.srv.roomView()
	equal(t, "role", state.Role, "accessPoint")
	equal(t, "taken", state.Taken, 21+accessPointPlaces)
	equal(t, "waiting", state.Waiting, 1)
	equal(t, "places", state.Places, 0)
}
