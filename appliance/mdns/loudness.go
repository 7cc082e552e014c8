package mdns

import (
	"sync/atomic"
	"time"
)

const (
	loudRate  = 1000             // packets a second: a room of forty phones that all start at once sends a tenth
	loudFor   = 2                // seconds in a row that are no accident
	calmAfter = 30 * time.Second // without one, and it counts as over
)

// loudness finds out whether somebody floods the network. Not for concurrent use.
type loudness struct {
	began time.Time // of the second that is counted
	heard int
	row   int // loud seconds, one after the other
}

// count takes a packet into account, and tells whether it is part of a flood.
func (l *loudness) count(now time.Time) bool {
	if passed := now.Sub(l.began); passed >= time.Second {
		if l.heard > loudRate && passed < 2*time.Second {
			l.row++
		} else {
			l.row = 0
		}
		l.began, l.heard = now, 0
	}
	l.heard++
	return l.row >= loudFor
}

// lastLoud is when a flood was heard last, by whichever family. The time is kept
// as it is, not as a number: a Pi's time of day jumps.
type lastLoud struct{ at atomic.Pointer[time.Time] }

func (l *lastLoud) set(now time.Time) { l.at.Store(&now) }

// Loud is when packets of a flood were heard last; zero: never.
func (l *lastLoud) Loud() time.Time {
	if at := l.at.Load(); at != nil {
		return *at
	}
	return time.Time{}
}
