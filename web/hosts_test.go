package web

import (
	"html"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAcceptHost(t *testing.T) {
	t.Parallel()
	known := func(name string) bool {
		return slices.Contains([]string{"streambox.local", "cinema.local", "cinema.lan", "films.example.org", "203.0.113.9"}, name)
	}
	for _, c := range []struct {
		name, header, local string
		want                bool
	}{
		{"the address that the connection came to", "192.168.1.5", "192.168.1.5:80", true},
		{"with a port", "192.168.1.5:3003", "192.168.1.5:3003", true},
		{"another address, which a page cannot have rebound but is not ours", "192.168.1.6", "192.168.1.5:80", false},
		{"an address of the settings (a forwarded port)", "203.0.113.9", "172.17.0.2:80", true},
		{"loopback", "127.0.0.1:3003", "192.168.1.5:80", true},
		{"any loopback", "127.8.9.10", "127.0.0.1:80", true},
		{"the way into loopback that browsers left open", "0.0.0.0:3003", "127.0.0.1:3003", false},
		{"IPv6", "[fd00::1]:80", "[fd00::1]:80", true},
		{"IPv6 written otherwise", "[FD00:0::0:1]", "[fd00::1]:80", true},
		{"IPv6 of another box", "[fd00::2]", "[fd00::1]:80", false},
		{"IPv6 loopback", "[::1]:3003", "[::1]:3003", true},
		{"IPv4 mapped into IPv6", "[::ffff:192.168.1.5]", "192.168.1.5:80", true},
		{"connection mapped into IPv6", "192.168.1.5", "[::ffff:192.168.1.5]:80", true},
		{"localhost", "localhost:3003", "127.0.0.1:3003", true},
		{"a name without a dot", "streambox", "10.0.0.1:80", true},
		{"the mDNS name", "streambox.local", "10.0.0.1:80", true},
		{"the mDNS name in capitals, with final dot and port", "StreamBox.LOCAL.:80", "10.0.0.1:80", true},
		{"the machine's host name in a search domain", "cinema.lan", "10.0.0.1:80", true},
		{"a name of the settings", "films.example.org", "10.0.0.1:80", true},
		{"below a name of the settings", "x.films.example.org", "10.0.0.1:80", false},
		{"another .local name", "evil.local", "10.0.0.1:80", false},
		{"a public name that was rebound to us", "evil.example", "10.0.0.1:80", false},
		{"a rebinding service", "10.0.0.1.nip.io", "10.0.0.1:80", false},
		{"a name that begins like ours", "streambox.local.evil.example", "10.0.0.1:80", false},
		{"a name that ends like ours", "evil-streambox.local", "10.0.0.1:80", false},
		{"short form of an address", "127.1", "127.0.0.1:80", false},
		{"octal", "0177.0.0.1", "127.0.0.1:80", false},
		{"no port after the colon is a port of zero digits", "localhost:", "127.0.0.1:80", true},
		{"a port that is none", "localhost:http", "127.0.0.1:80", false},
		{"a user", "localhost@evil.example", "127.0.0.1:80", false},
		{"a path", "localhost/evil.example", "127.0.0.1:80", false},
		{"a space", "local host", "127.0.0.1:80", false},
		{"markup", "<b>", "127.0.0.1:80", false},
		{"nothing", "", "127.0.0.1:80", false},
		{"a dot", ".", "127.0.0.1:80", false},
		{"two final dots", "localhost..", "127.0.0.1:80", false},
		{"brackets that do not close", "[::1", "[::1]:80", false},
		{"a zone", "[fe80::1%25eth0]", "[fe80::1%eth0]:80", false},
		{"IPv4 in brackets", "[127.0.0.1]", "127.0.0.1:80", false},
		{"too long", strings.Repeat("a", 300), "127.0.0.1:80", false},
		{"not ASCII", "streamböx", "127.0.0.1:80", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			host, ok := splitHost(c.header)
			local, err := net.ResolveTCPAddr("tcp", c.local)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "accepted", ok && acceptHost(host, local, known), c.want)
		})
	}
}

func TestNamesOfTheMachine(t *testing.T) {
	t.Parallel()
	got := namesOf("pi.example.org", "nameserver 10.0.0.1\nsearch lan. home.arpa\n# search no.example\n\ndomain lan2\r\nsearch\n")
	want := []string{"pi.example.org", "pi", "pi.local", "pi.lan", "pi.home.arpa", "pi.lan2"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHostHeaderOfRequests(t *testing.T) {
	t.Parallel()
	now := time.Now()
	f := start(t, func(c *Config) { c.Now = func() time.Time { return now } })
	for _, host := range []string{"streambox.local", "cinema", "cinema.lan", "films.example.org:8080", "localhost", "anything"} {
		equal(t, host, f.get("/api/v1/box", "Host", host).StatusCode, http.StatusOK)
	}
	for _, path := range []string{"/", "/api/v1/box", "/healthz", "/metrics", "/titles.m3u", "/ws"} {
		a := f.get(path, "Host", "evil.example")
		equal(t, path, a.StatusCode, http.StatusMisdirectedRequest)
		equal(t, "cookies for a stranger", len(a.Cookies()), 0)
	}
	a := f.get("/api/v1/titles", "Host", "evil.example")
	equal(t, "code", a.code(), "wrong_host")
	page := f.get("/", "Host", "evil.example")
	contains(t, "page", html.UnescapeString(string(page.body)), `hosts = ["evil.example"]`)
	page = f.get("/", "Host", "<script>alert(1)</script>.example")
	if page.StatusCode != http.StatusMisdirectedRequest && page.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d", page.StatusCode)
	}
	lacks(t, "page", string(page.body), "<script>")
	// The name on the network changed after a conflict.
	f.box.set(func(st *BoxStatus) { st.Name = "streambox-2" })
	equal(t, "new name, at once", f.get("/healthz", "Host", "streambox-2.local").StatusCode, http.StatusOK)
	equal(t, "not every name", f.get("/healthz", "Host", "streambox-3.local").StatusCode, http.StatusMisdirectedRequest)
	now = now.Add(time.Minute)
	equal(t, "new name", f.get("/healthz", "Host", "streambox-2.local").StatusCode, http.StatusOK)
	equal(t, "old name", f.get("/healthz", "Host", "streambox.local").StatusCode, http.StatusMisdirectedRequest)
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.film(filmID, "A film", 1, 100)
	type header = []string
	for _, c := range []struct {
		name   string
		header header
		want   bool
	}{
		{"none (curl)", nil, true},
		{"our own", header{"Origin", f.url}, true},
		{"our own by name", header{"Origin", "http://streambox.local", "Host", "streambox.local"}, true},
		{"our own with the port written out", header{"Origin", "http://streambox.local", "Host", "streambox.local:80"}, true},
		{"in capitals", header{"Origin", "http://STREAMBOX.local", "Host", "streambox.local"}, true},
		{"behind TLS", header{"Origin", "https://streambox.local", "Host", "streambox.local"}, true},
		{"another site", header{"Origin", "http://evil.example"}, false},
		{"another port of this machine", header{"Origin", "http://127.0.0.1:1"}, false},
		{"no origin worth the name", header{"Origin", "null"}, false},
		{"empty", header{"Origin", ""}, false},
		{"an extension", header{"Origin", "chrome-extension://" + f.addr}, false},
		{"with a user", header{"Origin", "http://a@" + f.addr}, false},
		{"with a path", header{"Origin", f.url + "/x"}, false},
		{"two", header{"Origin", f.url, "Origin", "http://evil.example"}, false},
		{"cross-site by the browser's word", header{"Sec-Fetch-Site", "cross-site"}, false},
		{"same-site is not same-origin", header{"Sec-Fetch-Site", "same-site", "Origin", f.url}, false},
		{"same-origin", header{"Sec-Fetch-Site", "same-origin", "Origin", f.url}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			post := f.ask("POST", "/api/v1/rescan", "", c.header...)
			put := f.ask("PUT", "/api/v1/resume/"+filmID, `{"seconds":1}`, c.header...)
			if c.want {
				equal(t, "POST", post.StatusCode, http.StatusAccepted)
				equal(t, "PUT", put.StatusCode, http.StatusNoContent)
			} else {
				equal(t, "POST", post.code(), "wrong_origin")
				equal(t, "PUT", put.code(), "wrong_origin")
				equal(t, "WebSocket", f.get("/ws", append(c.header, "Connection", "upgrade", "Upgrade", "websocket")...).code(), "wrong_origin")
			}
			equal(t, "GET is for everybody", f.get("/api/v1/box", c.header...).StatusCode, http.StatusOK)
		})
	}
}
