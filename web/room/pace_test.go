package room

import (
	"testing"
	"time"
)

func TestWhatAViewerHasAheadIsCountedInSegments(t *testing.T) {
	type ask struct {
		after time.Duration
		n     int
		ahead float64 // s, after asking
	}
	quick := func(from, to int) (list []ask) { // one a second, from an empty player
		ahead := 0.0
		for n := from; n <= to; n++ {
			if n > from {
				ahead = min(max(0, ahead-1)+segmentLeast, aheadMost)
			}
			list = append(list, ask{time.Second, n, ahead})
		}
		return list
	}
	tests := []struct {
		name string
		asks []ask
	}{
		{"a player that fills up", quick(0, 20)},
		{"one that plays in real time", []ask{{0, 7, 0}, {time.Second, 8, 4}, {4 * time.Second, 9, 4}, {4 * time.Second, 10, 4}}},
		{"one that comes late", []ask{{0, 0, 0}, {time.Second, 1, 4}, {9 * time.Second, 2, 4}}},
		{"a part of a segment, or once more", []ask{{0, 0, 0}, {time.Second, 1, 4}, {time.Second, 1, 3}, {time.Second, 1, 2}}},
		{"a seek forward", append(quick(0, 5), ask{time.Second, 30, 0}, ask{time.Second, 31, 4})},
		{"a seek back", append(quick(10, 15), ask{time.Second, 2, 0})},
		{"one that shares: gaps", append(quick(0, 5), ask{time.Second, 7, 0}, ask{time.Second, 10, 0})},
		{"no number", append(quick(0, 5), ask{time.Second, -1, 0})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s supply
			now := time.Unix(1e9, 0)
			for _, a := range tt.asks {
				now = now.Add(a.after)
				s.begins(a.n, now)
				if got := s.ahead(now); got != a.ahead {
					t.Errorf("segment %d: %v s ahead, want %v", a.n, got, a.ahead)
				}
			}
			if got := s.ahead(now.Add(time.Minute)); got != 0 {
				t.Errorf("%v s ahead a minute later", got)
			}
		})
	}
}

func TestAPaceEndsSoThatTheLinkCanBeSeen(t *testing.T) {
	var c crowd
	now := time.Unix(1e9, 0)
	on := func(full, near bool, d time.Duration) (seconds float64) {
		for end := now.Add(d); now.Before(end); {
			now = now.Add(sampleSpan)
			if c.observe(full, near, sampleSpan, now); c.on {
				seconds += sampleSpan.Seconds()
			}
		}
		return seconds
	}
	if on(true, false, time.Minute) > 0 {
		t.Error("a room with much place is crowded")
	}
	c = crowd{}
	if on(false, true, time.Minute) > 0 {
		t.Error("a link with pauses is crowded")
	}
	if got := on(true, true, 10*time.Minute); got < 500 || got > 560 {
		t.Errorf("crowded for %.0f of 600 s, want all but 5 of each 65", got)
	}
	on(false, true, 5*time.Second)
	if c.on {
		t.Error("still crowded 5 s after the link was full")
	}
}

func TestOnlyWhoHasEnoughIsPaced(t *testing.T) {
	c := newClocked("wired", nil)
	for n := range 3 {
		c.Open(phone(n), uint64(n), film)
	}
	c.Open(phone(3), 3, 0) // of unknown bit rate
	for n := range 8 {
		c.begins(phone(0), n)
		c.begins(phone(3), n)
	}
	c.begins(phone(1), 0)
	if got := c.pace(phone(0)); got != 0 {
		t.Errorf("paced to %v while there is room", got)
	}
	c.crowd.on = true
	for n, want := range []float64{0.5 * headers * film / 8, 0, 0, 0, 0} {
		if got := c.pace(phone(n)); got != want {
			t.Errorf("phone %d is paced to %v byte/s, want %v", n, got, want)
		}
	}
	c.Late(phone(0))
	if got := c.pace(phone(0)); got != 0 {
		t.Errorf("paced to %v although its picture stands still", got)
	}
}

func TestSegmentNumbers(t *testing.T) {
	for name, want := range map[string]int{
		"seg00000.ts": 0, "seg00123.m4s": 123, "init.mp4": -1, "": -1, "7.ts": 7, "seg99999999999999999999.ts": -1,
	} {
		if got := SegmentNumber(name); got != want {
			t.Errorf("%q: %d, want %d", name, got, want)
		}
	}
}
