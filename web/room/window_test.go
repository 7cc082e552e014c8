package room

import (
	"testing"
	"time"
)

// Seconds are counted from the first that was seen: whatever day it is, and
// beyond the end of what the window remembers.
func TestTheWindowCountsItsOwnSeconds(t *testing.T) {
	for _, began := range []time.Time{time.Unix(0, 0), time.Unix(-5, 0), time.Now(), {}} {
		var w window
		for second := range 3 * windowSeconds {
			now := began.Add(time.Duration(second)*time.Second + time.Millisecond)
			w.add(now, 1000, 1, 1)
			want := float64(1000 * min(second, 10))
			if got := w.over(now, 10); got.bytes != want {
				t.Fatalf("from %v, second %d: %v bytes in the ten before, want %v", began, second, got.bytes, want)
			}
		}
	}
}
