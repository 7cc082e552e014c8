package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"streambox.local/web/room"
)

func prefixes(t *testing.T, texts ...string) proxies {
	t.Helper()
	var out proxies
	for _, text := range texts {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}

func TestWhoAsksThroughAProxy(t *testing.T) {
	t.Parallel()
	type header = []string
	for _, c := range []struct {
		name, remote string
		header       header
		who, host    string
	}{
		{"a phone that says it is another one", "192.168.1.9:5000", header{"X-Forwarded-For", "10.0.0.1"}, "192.168.1.9", ""},
		{"a phone that says so in the other header", "192.168.1.9:5000", header{"Forwarded", "for=10.0.0.1;host=evil.example"}, "192.168.1.9", ""},
		{"a phone that names a host", "192.168.1.9:5000", header{"X-Forwarded-Host", "localhost"}, "192.168.1.9", ""},
		{"a proxy that says nothing", "127.0.0.1:5000", nil, "127.0.0.1", ""},
		{"a proxy that says who asks", "127.0.0.1:5000", header{"X-Forwarded-For", "192.168.1.9"}, "192.168.1.9", ""},
		{"what the phone wrote before its proxy does not count", "127.0.0.1:5000", header{"X-Forwarded-For", "10.0.0.1, 192.168.1.9"}, "192.168.1.9", ""},
		{"nor does it in a header of its own", "127.0.0.1:5000", header{"X-Forwarded-For", "8.8.8.8", "X-Forwarded-For", "192.168.1.9"}, "192.168.1.9", ""},
		{"nor by the header that the proxy leaves alone", "127.0.0.1:5000", header{"Forwarded", "for=8.8.8.8", "X-Forwarded-For", "192.168.1.9"}, "192.168.1.9", ""},
		{"a phone that claims to be a proxy of ours", "127.0.0.1:5000", header{"X-Forwarded-For", "8.8.8.8, 10.1.1.1, 192.168.1.9"}, "192.168.1.9", ""},
		{"two proxies, both ours", "127.0.0.1:5000", header{"X-Forwarded-For", "8.8.8.8, 192.168.1.9, 10.1.1.1"}, "192.168.1.9", ""},
		{"a proxy itself asks through another", "127.0.0.1:5000", header{"X-Forwarded-For", "10.1.1.1"}, "10.1.1.1", ""},
		{"nonsense", "127.0.0.1:5000", header{"X-Forwarded-For", "192.168.1.9, <b>"}, "127.0.0.1", ""},
		{"an empty header", "127.0.0.1:5000", header{"X-Forwarded-For", ""}, "127.0.0.1", ""},
		{"an address that nobody has", "127.0.0.1:5000", header{"X-Forwarded-For", "0.0.0.0"}, "127.0.0.1", ""},
		{"with a port", "127.0.0.1:5000", header{"X-Forwarded-For", "192.168.1.9:4711"}, "192.168.1.9", ""},
		{"IPv6", "[::1]:5000", header{"X-Forwarded-For", "2001:db8::7"}, "2001:db8::7", ""},
		{"IPv6 with a port", "[::1]:5000", header{"X-Forwarded-For", "[2001:db8::7]:99"}, "2001:db8::7", ""},
		{"IPv4 inside IPv6", "[::ffff:127.0.0.1]:5000", header{"X-Forwarded-For", "::ffff:192.168.1.9"}, "192.168.1.9", ""},
		{"Forwarded", "127.0.0.1:5000", header{"Forwarded", `for=8.8.8.8;proto=http, For="192.168.1.9:80";by=x;host="cinema.lan"`}, "192.168.1.9", "cinema.lan"},
		{"Forwarded with IPv6 and a comma in quotes", "127.0.0.1:5000", header{"Forwarded", `for="a,b", for="[2001:db8::7]:99"`}, "2001:db8::7", ""},
		{"Forwarded that hides who asks", "127.0.0.1:5000", header{"Forwarded", "for=_secret"}, "127.0.0.1", ""},
		{"Forwarded with a quote that does not close", "127.0.0.1:5000", header{"Forwarded", `for="192.168.1.9, for=8.8.8.8`}, "127.0.0.1", ""},
		{"a host", "127.0.0.1:5000", header{"X-Forwarded-Host", "evil.example, cinema.lan"}, "127.0.0.1", "cinema.lan"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := prefixes(t, "127.0.0.0/8", "::1/128", "10.0.0.0/8")
			r := &http.Request{RemoteAddr: c.remote, Header: http.Header{}}
			for i := 0; i < len(c.header); i += 2 {
				r.Header.Add(c.header[i], c.header[i+1])
			}
			r = r.WithContext(p.mark(t.Context(), addrOf(c.remote)))
			equal(t, "host", p.unwrap(r), c.host)
			equal(t, "who", addrOf(r.RemoteAddr).String(), c.who)
		})
	}
}

func FuzzForwarded(f *testing.F) {
	f.Add(`for="[::1]:1";host=a, for=b`, "1.2.3.4,5")
	f.Fuzz(func(t *testing.T, one, two string) {
		p := proxies{netip.MustParsePrefix("127.0.0.1/32")}
		r := &http.Request{RemoteAddr: "127.0.0.1:1", Header: http.Header{"Forwarded": {one}}}
		if two != "" {
			r.Header.Set("X-Forwarded-For", two)
		}
		r = r.WithContext(p.mark(context.Background(), netip.MustParseAddr("127.0.0.1")))
		p.unwrap(r)
		if !addrOf(r.RemoteAddr).IsValid() {
			t.Errorf("who asks became %q", r.RemoteAddr)
		}
	})
}

// Players without a cookie are known by their address: through a trusted proxy
// by the phones' own, and from anybody else by the one that TCP says.
func TestPhonesBehindAProxyAreTheirOwnAddresses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		proxies []string
		viewers int
	}{
		{"a proxy that is trusted", []string{"127.0.0.1/32"}, 3},
		{"somebody who writes the header", []string{"192.0.2.0/24"}, 1},
		{"no proxy is trusted", nil, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := start(t, func(cfg *Config) { cfg.Proxies = prefixes(t, c.proxies...) })
			title := f.film(filmID, "A film", 1, 100)
			for _, phone := range []string{"192.168.1.1", "192.168.1.2", "192.168.1.3"} {
				equal(t, "playlist", f.get(title.Playlist, "X-Forwarded-For", phone).StatusCode, http.StatusOK)
			}
			equal(t, "viewers", f.srv.presence.Viewers(), c.viewers)
		})
	}
}

func TestHostsAndOriginsThroughAProxy(t *testing.T) {
	t.Parallel()
	type header = []string
	trusting := start(t, func(c *Config) { c.Proxies = prefixes(t, "127.0.0.1/32") })
	others := start(t, nil)
	for _, c := range []struct {
		name   string
		f      *fixture
		header header
		status int
	}{
		{"the host passed on", trusting, header{"Host", "films.example.org", "Origin", "https://films.example.org"}, http.StatusAccepted},
		{"the host told beside the proxy's own", trusting, header{"Host", "backend:3003", "X-Forwarded-Host", "films.example.org", "Origin", "https://films.example.org"}, http.StatusAccepted},
		{"the same from somebody else", others, header{"Host", "backend:3003", "X-Forwarded-Host", "films.example.org", "Origin", "https://films.example.org"}, http.StatusForbidden},
		{"a page that has rebound its name and writes the header", trusting, header{"Host", "evil.example", "X-Forwarded-Host", "localhost", "Origin", "http://evil.example"}, http.StatusMisdirectedRequest},
		{"a proxy that serves another site from here", trusting, header{"Host", "backend", "X-Forwarded-Host", "evil.example", "Origin", "http://evil.example"}, http.StatusMisdirectedRequest},
		{"another site's page", trusting, header{"Host", "backend", "X-Forwarded-Host", "films.example.org", "Origin", "http://evil.example"}, http.StatusForbidden},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			equal(t, "status", c.f.ask("POST", "/api/v1/rescan", "", c.header...).StatusCode, c.status)
		})
	}
	title := trusting.film(filmID, "A film", 1, 100)
	list := trusting.get("/titles.m3u", "Host", "films.example.org", "X-Forwarded-Proto", "https")
	contains(t, "list", string(list.body), "https://films.example.org"+title.Master)
	list = others.get("/titles.m3u", "Host", "films.example.org", "X-Forwarded-Proto", "https")
	lacks(t, "list for anybody", string(list.body), "https://")
}

// A proxy's connections carry many phones: they are neither limited nor measured as one.
func TestAProxysConnectionsAreNotOnePhones(t *testing.T) {
	t.Parallel()
	l := newConnLimit(prefixes(t, "192.0.2.7/32"))
	count := func(addr string) int {
		n := 0
		for range maxConnsPerAddr + 10 {
			if l.add(&strangeConn{remote: &net.TCPAddr{IP: net.ParseIP(addr), Port: 1}}) {
				n++
			}
		}
		return n
	}
	equal(t, "a phone's", count("192.0.2.8"), maxConnsPerAddr)
	equal(t, "a proxy's", count("192.0.2.7"), maxConnsPerAddr+10)
	meter := room.NewMeter(room.NewHouse(room.Config{Now: time.Now, Role: "wired"}))
	f := start(t, func(c *Config) { c.Meter, c.Proxies = meter, prefixes(t, "192.0.2.7/32") })
	for addr, measured := range map[string]bool{"192.0.2.7": false, "192.0.2.8": true} {
		ctx := f.srv.connContext(t.Context(), &strangeConn{remote: &net.TCPAddr{IP: net.ParseIP(addr), Port: 1}})
		equal(t, addr+" measured", ctx.Value(meteredConn{}) != nil, measured)
	}
}

// The box's own question must be answered when a crowd has all connections.
func TestLoopbackHasConnectionsKept(t *testing.T) {
	t.Parallel()
	l := newConnLimit(nil)
	for i := range maxConns {
		if !l.add(&strangeConn{remote: &net.TCPAddr{IP: net.IPv4(10, 0, byte(i>>8), byte(i)), Port: 1}}) {
			t.Fatal("refused too early")
		}
	}
	equal(t, "a phone", l.add(&strangeConn{remote: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 1}}), false)
	equal(t, "ourselves", l.add(&strangeConn{remote: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}}), true)
}

// strangeConn is a connection of which only the other end's address is asked.
type strangeConn struct {
	net.Conn
	remote net.Addr
}

func (c *strangeConn) RemoteAddr() net.Addr { return c.remote }
