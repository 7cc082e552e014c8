package web

import (
	"testing"
	"time"
)

func TestTheClockIsAskedForSeldom(t *testing.T) {
	t.Parallel()
	now, set, asked := time.Unix(1000, 0), false, 0
	c := clockCache{now: func() time.Time { return now }, ask: func() bool { asked++; return set }}
	for range 100 {
		equal(t, "not set", c.isSet(), false)
	}
	equal(t, "asked", asked, 1)
	set = true
	now = now.Add(clockAskedEvery - time.Nanosecond)
	equal(t, "within a second", c.isSet(), false)
	now = now.Add(time.Nanosecond)
	equal(t, "then it is noticed", c.isSet(), true)
	set = false
	now = now.Add(-time.Hour)
	equal(t, "a clock that was turned back is asked at once", c.isSet(), false)
	equal(t, "asked in all", asked, 3)
}
