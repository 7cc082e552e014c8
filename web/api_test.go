package web

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rsc.io/qr"

	"streambox.local/appliance/library"
)

func TestResume(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.film(filmID, "A film", 1, 100)
	path := "/api/v1/resume/" + filmID
	a := f.get(path)
	equal(t, "a stranger is at the beginning", string(a.body), `{"seconds":0}`+"\n")
	equal(t, "and gets no cookie for asking", len(a.Cookies()), 0)
	put := f.ask("PUT", path, `{"seconds":12.5,"later":"fields"}`)
	equal(t, "kept", put.StatusCode, http.StatusNoContent)
	cookie := put.Cookies()[0]
	equal(t, "place", string(f.get(path, "Cookie", cookie.Name+"="+cookie.Value).body), `{"seconds":12.5}`+"\n")
	equal(t, "nobody else's", string(f.get(path).body), `{"seconds":0}`+"\n")
	for _, c := range []struct {
		name, body string
		status     int
		code       string
	}{
		{"nothing", "", 400, "wrong_body"},
		{"no JSON", "12", 400, "wrong_body"},
		{"half", `{"seconds":`, 400, "wrong_body"},
		{"two values", `{"seconds":1}{"seconds":2}`, 400, "wrong_body"},
		{"no seconds", `{}`, 400, "wrong_parameter"},
		{"null", `{"seconds":null}`, 400, "wrong_parameter"},
		{"text", `{"seconds":"1"}`, 400, "wrong_body"},
		{"before the beginning", `{"seconds":-1}`, 400, "wrong_parameter"},
		{"after any film", `{"seconds":1e9}`, 400, "wrong_parameter"},
		{"beyond numbers", `{"seconds":1e999}`, 400, "wrong_body"},
		{"too long", `{"seconds":1` + strings.Repeat(" ", 5000) + `}`, 413, "too_large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := f.ask("PUT", path, c.body)
			equal(t, "status", a.StatusCode, c.status)
			equal(t, "code", a.code(), c.code)
		})
	}
}

func TestResumeThatFails(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.film(filmID, "A film", 1, 100)
	f.resume.err = errors.New("disk on fire at /secret")
	a := f.ask("PUT", "/api/v1/resume/"+filmID, `{"seconds":1}`)
	equal(t, "code", a.code(), "internal")
	lacks(t, "answer", string(a.body), "fire")
	contains(t, "log", f.log.String(), "disk on fire")
}

func TestCookies(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	a := f.get("/")
	cookie := a.Cookies()[0]
	if !validViewer(cookie.Value) || !cookie.HttpOnly || cookie.Secure || cookie.SameSite != http.SameSiteLaxMode ||
		cookie.MaxAge != 365*24*3600 || cookie.Path != "/" || cookie.Domain != "" || !cookie.Expires.IsZero() {
		t.Errorf("cookie %v", cookie)
	}
	equal(t, "another visitor is another", f.get("/").Cookies()[0].Value == cookie.Value, false)
	equal(t, "renewed", f.get("/", "Cookie", cookieName+"="+cookie.Value).Cookies()[0].Value, cookie.Value)
	for _, bad := range []string{"", "x", strings.ToUpper(cookie.Value) + "A", cookie.Value + "0", cookie.Value[1:], strings.Repeat("g", 32), "../../../../../../../../../../../"} {
		if got := f.get("/", "Cookie", cookieName+"="+bad).Cookies()[0].Value; got == bad || !validViewer(got) {
			t.Errorf("malformed %q became %q", bad, got)
		}
	}
	both := cookieName + "=broken; " + cookieName + "=" + cookie.Value
	equal(t, "set by another program of the host as well", f.get("/", "Cookie", both).Cookies()[0].Value, cookie.Value)
	for _, path := range []string{"/api/v1/titles", "/api/v1/box", "/healthz", "/join", "/titles.m3u"} {
		equal(t, path, len(f.get(path).Cookies()), 0)
	}
}

func TestRandomThatFails(t *testing.T) {
	t.Parallel()
	f := start(t, func(c *Config) { c.Random = bytes.NewReader(make([]byte, 16)) }) // the director's seed, and no more
	equal(t, "status", f.get("/").StatusCode, http.StatusInternalServerError)
}

func TestBox(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	var got map[string]json.RawMessage
	f.must(json.Unmarshal(f.get("/api/v1/box").body, &got))
	for key, want := range map[string]string{
		"name": `"streambox"`, "urls": `["http://192.0.2.7/","http://streambox.local/"]`, "version": `"1.2.3"`,
		"state": `"ready"`, "hardware": `{"led":"present"}`, "sticks": `[]`, "problems": `[]`,
	} {
		equal(t, key, string(got[key]), want)
	}
	_, room := got["room"]
	equal(t, "room, of which nothing is known", room, false)
	swarm := decode[swarmView](t, got["swarm"])
	equal(t, "policy", swarm.Policy, "auto")
	equal(t, "by peers", swarm.P2PBytes, 0)
	equal(t, "storage", decode[library.Storage](t, got["storage"]).TotalBytes, 100<<30)

	film := f.film(filmID, "A film", 1, 5000)
	f.get(strings.TrimSuffix(film.Playlist, "index.m3u8") + "seg00000.ts")
	f.lib.SetSticks([]library.Stick{{ID: "sda1", Label: "HOLIDAY", State: library.StickReady, IgnoredFiles: map[string]int{"audio": 3}}})
	f.lib.SetProblem("no_room", &library.Problem{Code: "no_room", Text: "The box is full."})
	swarm = decode[struct {
		Swarm swarmView `json:"swarm"`
	}](t, f.get("/api/v1/box").body).Swarm
	equal(t, "by HTTP", swarm.HTTPBytes, 5000)
	equal(t, "who watches without our page", swarm.Viewers, 1)
	body := string(f.get("/api/v1/box").body)
	contains(t, "sticks", body, `"ignoredFiles":{"audio":3}`)
	contains(t, "problems", body, `"The box is full."`)
	f.box.set(func(st *BoxStatus) { *st = BoxStatus{State: "starting"} })
	contains(t, "lists are never null", string(f.get("/api/v1/box").body), `"urls":[]`)
}

func TestRescan(t *testing.T) {
	t.Parallel()
	var refuse error
	f := start(t, func(c *Config) { c.Rescan = func() error { return refuse } })
	equal(t, "started", f.ask("POST", "/api/v1/rescan", "").StatusCode, http.StatusAccepted)
	refuse = errors.New("too soon")
	a := f.ask("POST", "/api/v1/rescan", "")
	equal(t, "status", a.StatusCode, http.StatusTooManyRequests)
	equal(t, "code", a.code(), "too_soon")
	equal(t, "Retry-After", a.Header.Get("Retry-After"), "10")
}

func TestHealth(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	for state, status := range map[string]int{"starting": 200, "ready": 200, "working": 200, "attention": 200, "fault": 503, "stopping": 503} {
		f.box.set(func(st *BoxStatus) { st.State = state })
		a := f.get("/healthz")
		equal(t, state, a.StatusCode, status)
		equal(t, state, string(a.body), state+"\n")
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.get("/api/v1/box")
	f.get("/nothing/at/all")
	f.get("/", "Host", "evil.example")
	body := string(f.get("/metrics").body)
	contains(t, "route", body, `streambox_requests_total{route="/api/v1/box",status="200"} 1`)
	contains(t, "made-up addresses are one", body, `streambox_requests_total{route="/",status="404"} 1`)
	contains(t, "refused", body, `streambox_requests_total{route="refused",status="421"} 1`)
	contains(t, "process", body, "process_resident_memory_bytes")
	lacks(t, "addresses", body, "nothing/at/all")
}

func TestNoDateWhileTheClockIsNotSet(t *testing.T) {
	t.Parallel()
	var synced atomic.Bool
	var seconds atomic.Int64
	f := start(t, func(c *Config) {
		c.Synced, c.Now = synced.Load, func() time.Time { return time.Unix(seconds.Load(), 0) }
	})
	film := f.film(filmID, "A film", 1, 100)
	paths := []string{"/", "/api/v1/box", film.Playlist, strings.TrimSuffix(film.Playlist, "index.m3u8") + "seg00000.ts", "/nothing"}
	for _, path := range paths {
		_, has := f.get(path).Header["Date"]
		equal(t, path, has, false)
	}
	_, has := f.get("/", "Host", "evil.example").Header["Date"]
	equal(t, "421", has, false)
	synced.Store(true)
	seconds.Add(2) // the answer is kept for one
	for _, path := range paths {
		equal(t, path, f.get(path).Header.Get("Date") != "", true)
	}
}

func TestShareURL(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	page := string(f.get("/join").body)
	_, icon, _ := strings.Cut(page, `<link rel="icon" href="`)
	icon, _, _ = strings.Cut(icon, `"`)
	equal(t, "an icon, so that nobody asks for /favicon.ico", f.get(icon).Header.Get("Content-Type"), "image/svg+xml")
	contains(t, "best first", page, `<p class="address">http://192.0.2.7/</p>`)
	contains(t, "the others", page, `<p class="also">http://streambox.local/</p>`)
	f.box.set(func(st *BoxStatus) { st.URLs = []string{"http://streambox.local", "http://192.0.2.7"} })
	page = string(f.get("/join").body)
	contains(t, "for old Androids still the one with the IP", page, `<p class="address">http://192.0.2.7</p>`)
	contains(t, "beside it the name", page, `<p class="also">http://streambox.local</p>`)
	f.box.set(func(st *BoxStatus) { st.URLs = []string{`http://"><script>`} })
	lacks(t, "escaped", string(f.get("/join").body), "<script>")
	f.box.set(func(st *BoxStatus) { st.URLs = nil })
	contains(t, "without any the one that was asked", string(f.get("/join", "Host", "box:3003").body), "http://box:3003/")
}

func TestQRCode(t *testing.T) {
	t.Parallel()
	const text = "http://192.0.2.7:3003/"
	svg, err := qrSVG(text)
	if err != nil {
		t.Fatal(err)
	}
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	var paths []string
	for {
		token, tokenErr := decoder.Token()
		if errors.Is(tokenErr, io.EOF) {
			break
		}
		if tokenErr != nil {
			t.Fatal(tokenErr)
		}
		if element, ok := token.(xml.StartElement); ok && element.Name.Local == "path" {
			i := slices.IndexFunc(element.Attr, func(a xml.Attr) bool { return a.Name.Local == "d" })
			paths = append(paths, element.Attr[i].Value)
		}
	}
	equal(t, "paths", len(paths), 2)
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	black := make(map[[2]int]bool)
	for run := range strings.SplitSeq(strings.TrimSuffix(paths[1], "z"), "z") {
		var x, y, width, back int
		if _, err := fmt.Sscanf(run, "M%d %dh%dv1h-%d", &x, &y, &width, &back); err != nil || width != back {
			t.Fatalf("%q: %v", run, err)
		}
		for i := range width {
			black[[2]int{x + i, y}] = true
		}
	}
	for y := -quietModules; y < code.Size+quietModules; y++ {
		for x := -quietModules; x < code.Size+quietModules; x++ {
			if black[[2]int{x + quietModules, y + quietModules}] != code.Black(x, y) {
				t.Fatalf("module %d, %d", x, y)
			}
		}
	}
}
