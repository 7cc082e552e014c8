package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestFailuresAreWrittenSeldom(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	l := failureLog{now: func() time.Time { return now }}
	expect := func(what, kind string, unsaid int, write bool) {
		t.Helper()
		n, ok := l.note(kind)
		equal(t, what, ok, write)
		equal(t, what+": unsaid", n, unsaid)
	}
	expect("the first", "a", 0, true)
	expect("another title", "b", 0, true)
	for range 100 {
		expect("in the same minute", "a", 0, false)
	}
	now = now.Add(failureEvery - time.Nanosecond)
	expect("just before it is over", "a", 0, false)
	now = now.Add(time.Nanosecond)
	expect("after a minute, with those in between", "a", 101, true)
	expect("and quiet again", "a", 0, false)
	expect("the other had none in between", "b", 0, true)
	now = now.Add(24 * time.Hour)
	expect("a day later", "a", 1, true)

	for n := range 3 * maxFailures {
		l.note(fmt.Sprint("kind ", n))
	}
	if len(l.kinds) > maxFailures+1 {
		t.Errorf("%d kinds are remembered", len(l.kinds))
	}
	expect("one too many counts with the rest", "one more", 0, false)
	now = now.Add(failureEvery)
	expect("what is old makes room", "one more", 0, true)
}

func TestAPulledStickDoesNotFillTheLog(t *testing.T) {
	t.Parallel()
	now := make(chan time.Time, 1)
	now <- time.Unix(1000, 0)
	clock := func() time.Time {
		at := <-now
		now <- at
		return at
	}
	f := start(t, func(c *Config) { c.Now = clock })
	pulled := errors.New("input/output error")
	source := fakeSource{
		playlist: func() ([]byte, error) { return nil, pulled },
		segment:  func(string) (io.ReadSeekCloser, error) { return nil, pulled },
	}
	one, two := f.attach(filmID, source), f.attach(secondID, source)
	phones := func() {
		for n := range 20 {
			a := f.get(one + fmt.Sprintf("seg%05d.ts", n))
			equal(t, "each is answered", a.StatusCode, http.StatusServiceUnavailable)
			f.get(two + "index.m3u8")
		}
	}
	lines := func() int { return strings.Count(f.log.String(), "A request could not be answered") }
	phones()
	equal(t, "lines for two titles", lines(), 2)
	now <- (<-now).Add(failureEvery)
	phones()
	equal(t, "a minute later", lines(), 4)
	contains(t, "log", f.log.String(), "unsaid=19")
	contains(t, "log", f.log.String(), "input/output error")
}
