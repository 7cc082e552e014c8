package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const (
	adasCookie = cookieName + "=11111111111111111111111111111111"
	bensCookie = cookieName + "=22222222222222222222222222222222"
)

func TestHost(t *testing.T) {
	t.Parallel()
	var passed atomic.Int64
	started := time.Now()
	f := start(t, func(c *Config) {
		c.Now = func() time.Time { return started.Add(time.Duration(passed.Load())) }
	})
	later := func(d time.Duration) { passed.Add(int64(d)) }
	become := func(cookie string) int { return f.ask("POST", "/api/v1/host", "", "Cookie", cookie).StatusCode }
	told := func(cookie string) hostView {
		return decode[struct{ Host hostView }](t, f.get("/api/v1/box", "Cookie", cookie).body).Host
	}
	expect := func(what string, open, ada, ben bool) {
		t.Helper()
		equal(t, what+": open", told(adasCookie).Open, open)
		equal(t, what+": Ada is host", *told(adasCookie).You, ada)
		equal(t, what+": Ben is host", *told(bensCookie).You, ben)
	}

	expect("nobody pressed", false, false, false)
	refused := f.ask("POST", "/api/v1/host", "", "Cookie", adasCookie)
	equal(t, "nobody pressed", refused.StatusCode, http.StatusForbidden)
	equal(t, "code", refused.code(), "host_only")
	equal(t, "who only tries gets no cookie", len(f.ask("POST", "/api/v1/host", "").Cookies()), 0)

	f.srv.OpenHost()
	expect("pressed", true, false, false)
	later(hostOpenFor - 1)
	equal(t, "the last moment", become(adasCookie), http.StatusOK)
	equal(t, "again", become(adasCookie), http.StatusOK)
	equal(t, "one page for a press", become(bensCookie), http.StatusForbidden)
	expect("Ada is host", false, true, false)
	later(time.Hour)
	expect("for good", false, true, false)

	f.srv.OpenHost()
	expect("another press alone takes nothing from Ada", true, true, false)
	later(hostOpenFor)
	equal(t, "too late", become(bensCookie), http.StatusForbidden)
	f.srv.OpenHost()
	equal(t, "in time", become(bensCookie), http.StatusOK)
	expect("Ben has taken over", false, false, true)

	f.srv.ForgetHost()
	expect("forgotten", false, false, false)

	f.srv.OpenHost()
	anonymous := f.ask("POST", "/api/v1/host", "")
	equal(t, "a page without a cookie gets one", len(anonymous.Cookies()), 1)
	equal(t, "and is host by it", *told(anonymous.Cookies()[0].Name + "=" + anonymous.Cookies()[0].Value).You, true)
}

func TestWhoWasHostIsTold(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	ada, ben := f.dial(t, http.Header{"Cookie": {adasCookie}}), f.dial(t, http.Header{"Cookie": {bensCookie}})
	ada.hello()
	ben.hello()
	become := func(cookie string) {
		t.Helper()
		f.srv.OpenHost()
		equal(t, "becomes host", f.ask("POST", "/api/v1/host", "", "Cookie", cookie).StatusCode, http.StatusOK)
	}
	become(adasCookie)
	become(adasCookie) // her own second press takes nothing from her
	become(bensCookie)
	lost := func(m message) bool { return m.Type == "box" && m.Box.Host.Lost }
	m := ada.until("Ada is told", lost)
	equal(t, "she is host", *m.Box.Host.You, false)
	become(adasCookie)
	ben.until("now Ben is told, who was told nothing of Ada's loss", func(m message) bool {
		if m.Type == "box" && m.Box.Host.You != nil && !m.Box.Host.Lost {
			t.Error("a push to all says who is host")
		}
		return lost(m)
	})
}

func TestOnlyTheHostChangesTheBox(t *testing.T) {
	t.Parallel()
	var name string
	var offs int
	var fail error
	f := start(t, func(c *Config) {
		c.Rename = func(n string) error {
			name = n
			return fail
		}
		c.PowerOff = func() error {
			offs++
			return fail
		}
	})
	put := func(cookie, body string, header ...string) answer {
		return f.ask("PUT", "/api/v1/settings", body, append([]string{"Cookie", cookie}, header...)...)
	}
	equal(t, "a guest names the box", put(adasCookie, `{"name":"mine"}`).code(), "host_only")
	equal(t, "a guest switches it off", f.ask("POST", "/api/v1/poweroff", "", "Cookie", adasCookie).code(), "host_only")
	equal(t, "nobody does", f.ask("POST", "/api/v1/poweroff", "").code(), "host_only")
	f.srv.OpenHost()
	equal(t, "host", f.ask("POST", "/api/v1/host", "", "Cookie", adasCookie).StatusCode, http.StatusOK)
	equal(t, "another still is a guest", put(bensCookie, `{"name":"mine"}`).code(), "host_only")
	equal(t, "another site with the host's cookie", put(adasCookie, `{"name":"mine"}`, "Origin", "http://evil.example").code(), "wrong_origin")
	for body, code := range map[string]string{
		`{"name":""}`: "wrong_name", `{"name":"-x"}`: "wrong_name", `{"name":"x-"}`: "wrong_name", `{"name":"a.b"}`: "wrong_name",
		`{"name":"Kino Nord"}`: "wrong_name", `{"name":"kinö"}`: "wrong_name", `{"name":"` + strings.Repeat("a", 64) + `"}`: "wrong_name",
		`{"name":"a\nb"}`: "wrong_name", `{"name":"<b>"}`: "wrong_name", `{"name":7}`: "wrong_body", `{}`: "wrong_parameter", `nonsense`: "wrong_body", "": "wrong_body",
	} {
		equal(t, body, put(adasCookie, body).code(), code)
	}
	equal(t, "nothing wrong came through", name, "")
	for _, pair := range [][2]string{{"cinema", "cinema"}, {" Klasse-5.local ", "klasse-5"}, {strings.Repeat("a", 63), strings.Repeat("a", 63)}} {
		typed, want := pair[0], pair[1]
		text, err := json.Marshal(map[string]string{"name": typed})
		f.must(err)
		a := put(adasCookie, string(text))
		equal(t, typed, a.StatusCode, http.StatusOK)
		equal(t, typed, *decode[settingsBody](t, a.body).Name, want)
		equal(t, typed, name, want)
	}
	equal(t, "off", f.ask("POST", "/api/v1/poweroff", "", "Cookie", adasCookie).StatusCode, http.StatusAccepted)
	equal(t, "switched off", offs, 1)

	fail = errors.New("no helper at /secret")
	equal(t, "a name that cannot be kept", put(adasCookie, `{"name":"cinema"}`).code(), "internal")
	a := f.ask("POST", "/api/v1/poweroff", "", "Cookie", adasCookie)
	equal(t, "cannot switch off", a.code(), "no_poweroff")
	lacks(t, "answer", string(a.body), "secret")
	contains(t, "log", f.log.String(), "no helper at /secret")
}

// A box that was told of nothing it could do says so.
func TestHostOfABoxThatCanNothing(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.srv.OpenHost()
	equal(t, "host", f.ask("POST", "/api/v1/host", "", "Cookie", adasCookie).StatusCode, http.StatusOK)
	equal(t, "name", f.ask("PUT", "/api/v1/settings", `{"name":"x"}`, "Cookie", adasCookie).code(), "no_settings")
	equal(t, "off", f.ask("POST", "/api/v1/poweroff", "", "Cookie", adasCookie).code(), "no_poweroff")
}

// A box that is no service is not asked to switch itself off, and nothing is wrong with it.
func TestSwitchingOffIsOfferedWhereItCanBeDone(t *testing.T) {
	t.Parallel()
	can, offs := false, 0
	f := start(t, func(c *Config) {
		c.PowerOff = func() error { offs++; return nil }
		c.CanOff = func() bool { return can }
	})
	f.srv.OpenHost()
	equal(t, "host", f.ask("POST", "/api/v1/host", "", "Cookie", adasCookie).StatusCode, http.StatusOK)
	off := func() answer { return f.ask("POST", "/api/v1/poweroff", "", "Cookie", adasCookie) }
	offered := func() bool { return decode[boxView](t, f.get("/api/v1/box").body).Host.PowerOff }
	equal(t, "offered by hand", offered(), false)
	a := off()
	equal(t, "by hand", a.code(), "no_poweroff")
	contains(t, "why", string(a.body), "only the installed service can")
	contains(t, "log", f.log.String(), "only the installed service can")
	lacks(t, "log", f.log.String(), "ERROR")
	equal(t, "asked for", offs, 0)
	can = true
	equal(t, "offered by the service", offered(), true)
	equal(t, "by the service", off().StatusCode, http.StatusAccepted)
	equal(t, "asked for", offs, 1)
}
