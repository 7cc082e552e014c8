package web

import (
	"bytes"
	"net/http"
	"testing"

	"streambox.local/web/swarm"
)

func TestWhoDebugsSeesWhatTheDirectorDoes(t *testing.T) {
	t.Parallel()
	closed := start(t, nil)
	equal(t, "without --debug", closed.get("/api/v1/swarm").StatusCode, http.StatusNotFound)
	equal(t, "the trace either", closed.get("/api/v1/swarm/trace").StatusCode, http.StatusNotFound)

	f := start(t, func(c *Config) { c.Debug = true })
	film := f.film(filmID, "A film", 30, 1000)
	first := f.phone(t, 1, film, `[[0,3]]`)
	second := f.phone(t, 2, film, `[]`)
	second.want(1, 12, 20000)
	got := f.get("/api/v1/swarm")
	equal(t, "not kept", got.Header.Get("Cache-Control"), "no-store")
	inside := decode[swarmInside](t, got.body)
	equal(t, "groups", len(inside.Groups), 1)
	group := inside.Groups[0]
	equal(t, "of", group.Title, film.ID)
	equal(t, "pages", len(group.Members), 2)
	equal(t, "who has", group.Members[0].ID, first.you)
	equal(t, "what", group.Members[0].Have[0], swarm.Span{0, 3})
	equal(t, "by name", group.Members[1].Name, "Phone 2")
	equal(t, "leases", group.Leases, 1)
	equal(t, "of whom", group.Open[0].Peer, second.you)
	equal(t, "why", group.Open[0].Why != "", true)
	for n := range 2 {
		lacks(t, "no cookie is told", string(got.body), viewerCookie(n + 1).Get("Cookie")[len(cookieName)+1:])
	}
}

func TestATraceCanBeRunAgain(t *testing.T) {
	t.Parallel()
	f := start(t, func(c *Config) { c.Debug = true })
	film := f.film(filmID, "A film", 30, 1000)
	first := f.phone(t, 1, film, `[]`)
	second := f.phone(t, 2, film, `[]`)
	first.want(1, 12, 9000)
	second.want(1, 12, 20000)
	first.have(`[[12,12]]`)
	second.granted(1)
	got := f.get("/api/v1/swarm/trace")
	contains(t, "to save", got.Header.Get("Content-Disposition"), "attachment")
	firstLine, _, _ := bytes.Cut(got.body, []byte("\n"))
	contains(t, "first comes the state", string(firstLine), `,"snapshot":{`)
	inputs, different, err := swarm.Replay(bytes.NewReader(got.body))
	f.must(err)
	if different != nil {
		t.Errorf("run again it decides otherwise:\n%s", different)
	}
	if inputs < 7 { // two joins, two opens, two wants, a have
		t.Errorf("%d inputs were recorded", inputs)
	}
}
