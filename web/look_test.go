package web

import (
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"streambox.local/appliance/library"
)

func TestLook(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var seen []string
	f := start(t, func(c *Config) {
		c.Seen = func(ids []string) {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, ids...)
		}
	})
	p := f.dial(t, nil)
	p.hello()
	p.say(`{"type":"look","titles":["` + secondID + `","` + filmID + `"]}`)
	p.say(`{"type":"look","titles":[]}`)
	p.say(`{"type":"look"}`)
	eventually(t, "what the page shows is known, in its order", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return slices.Equal(seen, []string{secondID, filmID})
	})
	tooMany := `{"type":"look","titles":["` + filmID + `"`
	for range maxLooks {
		tooMany += `,"` + filmID + `"`
	}
	for name, text := range map[string]string{
		"a name that is none": `{"type":"look","titles":["../../etc/passwd"]}`,
		"not a list":          `{"type":"look","titles":"` + filmID + `"}`,
		"too many":            tooMany + `]}`,
	} {
		bad := f.dial(t, nil)
		bad.hello()
		bad.say(text)
		if code, _ := bad.closed(); code != 1008 {
			t.Errorf("%s: closed with %d, want 1008", name, code)
		}
	}
}

func TestLooksOfOnePageAreBounded(t *testing.T) {
	t.Parallel()
	var l looks
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	heard := func(times int, every time.Duration) (n int) {
		for range times {
			if l.take(now) {
				n++
			}
			now = now.Add(every)
		}
		return n
	}
	equal(t, "of those at once", heard(9, 0), looksAtOnce)
	now = now.Add(time.Minute)
	equal(t, "of those of a page that scrolls and rests", heard(50, looksEvery), 50)
	equal(t, "of 100 in 4 s", heard(100, looksEvery/10), 12)
}

func TestWhoWaitsForAFilmIsToldAtOnce(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.listed(filmID, "A film", library.Checking)
	h := f.srv.hub
	f.srv.presence.open("viewer", netip.MustParseAddr("10.0.0.2"), 1, filmID)
	var n news
	h.pushAwaited(&n)
	equal(t, "nothing to tell yet", n.since, uint64(0))
	f.film(filmID, "A film", 1, 100)
	h.pushAwaited(&n)
	equal(t, "told of all that has changed", n.since, f.srv.revision())
	f.must(f.lib.Update(filmID, false, func(r *library.Record) { r.Name = "Renamed" }))
	before := n.since
	h.pushAwaited(&n)
	equal(t, "once", n.since, before)
	f.listed(secondID, "Nobody has it open", library.Checking)
	h.pushAwaited(&n)
	f.film(secondID, "Nobody has it open", 1, 100)
	h.pushAwaited(&n)
	equal(t, "others wait for the next push", n.since, before)
}
