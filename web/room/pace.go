package room

import (
	"strconv"
	"strings"
	"time"
)

const (
	segmentLeast = 4.0  // s; a segment is as long or longer, so that ahead is never too high
	aheadMost    = 34.0 // s: a player's 30, and the segment under way
	headers      = 1.06 // of TCP, IP and HTTP, on top of a segment's bytes

	crowdedFrom   = 0.4 // of the limit
	crowdedAfter  = 6.0 // s of saturated time: first the link is to be known
	pressureSpan  = 1.5 // s
	pressureHigh  = 0.7
	pressureLow   = 0.3
	crowdedAtMost = time.Minute
	breakTime     = 5 * time.Second
)

// paceFor is the pace, in seconds of film a second, of who has so many seconds
// ahead; 0: any.
func paceFor(ahead float64) float64 {
	switch {
	case ahead > 20:
		return 0.5
	case ahead > 12:
		return 0.8
	case ahead > 6:
		return 1
	default:
		return 0
	}
}

// crowd tells when those who have much must let others through. The zero value says no.
type crowd struct {
	pressure float64 // share of the last while in which the link was full
	on       bool
	at       time.Time // since when
	again    time.Time // not before: what the link carries is only seen while all take what they can
}

// observe takes whether the link was full for a sample; near: the room is nearly full.
func (c *crowd) observe(full, near bool, span time.Duration, now time.Time) {
	is := 0.0
	if full {
		is = 1
	}
	part := min(1, span.Seconds()/pressureSpan)
	c.pressure += (is - c.pressure) * part
	switch {
	case c.on && now.Sub(c.at) >= crowdedAtMost:
		c.on, c.again = false, now.Add(breakTime)
	case c.on && (!near || c.pressure < pressureLow):
		c.on = false
	case !c.on && near && c.pressure > pressureHigh && !now.Before(c.again):
		c.on, c.at = true, now
	}
}

// supply is how much film a viewer has ahead, as far as the box can know:
// segments asked for, less the time since.
type supply struct {
	segment int     // number of the last one
	seconds float64 // ahead at that time
	at      time.Time
}

func (s *supply) ahead(now time.Time) float64 {
	if s.at.IsZero() {
		return 0
	}
	return max(0, s.seconds-now.Sub(s.at).Seconds())
}

// begins notes that segment n is asked for: the one before has arrived. Any
// other than the next one is a seek, another film, or a page that shares, of
// which nothing is known.
func (s *supply) begins(n int, now time.Time) {
	switch ahead := s.ahead(now); {
	case s.at.IsZero() || n < s.segment || n > s.segment+1 || n < 0:
		s.seconds = 0
	case n == s.segment: // once more, or another part of it
		s.seconds = ahead
	default:
		s.seconds = min(ahead+segmentLeast, aheadMost)
	}
	s.segment, s.at = n, now
}

// begins notes that a viewer asks for segment n (-1: no number).
func (r *Room) begins(v Viewer, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if one := r.find(v); one != nil {
		one.supply.begins(n, r.now())
	}
}

// pace is the rate, byte/s, at which a viewer's connection may send now, 0 for
// any. While the link is full and the room nearly so, TCP gives those who
// fill their 30 s as much as those who have nothing yet, who then stall; so
// who has more than enough gives way.
func (r *Room) pace(v Viewer) float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.crowd.on {
		return 0
	}
	one := r.find(v)
	if one == nil || one.bits <= 0 {
		return 0
	}
	return paceFor(one.supply.ahead(r.now())) * headers * one.bits / 8
}

// SegmentNumber is the number at the end of a segment's name ("seg00012.ts"),
// -1 where there is none.
func SegmentNumber(name string) int {
	base, _, _ := strings.Cut(name, ".")
	digits := base[len(strings.TrimRight(base, "0123456789")):]
	n, err := strconv.Atoi(digits)
	if err != nil {
		return -1
	}
	return n
}
