package stun

import (
	"net/netip"
	"time"
)

// How many answers there are.
const (
	perSource  = 20.0 // a second
	atOnce     = 100.0
	allSources = 2000.0 // a second, and at once
	maxSources = 4096
	fullAfter  = time.Duration(atOnce / perSource * float64(time.Second)) // an emptied bucket is as good as new
)

// bucket holds what a source may still ask.
type bucket struct {
	left float64
	at   time.Time
}

func (b *bucket) take(now time.Time, rate, most float64) bool {
	b.left = min(most, b.left+now.Sub(b.at).Seconds()*rate)
	b.at = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// limiter counts answers. Not safe for concurrent use.
type limiter struct {
	all     bucket
	sources map[netip.Addr]*bucket
	swept   time.Time
}

func newLimiter(now time.Time) *limiter {
	return &limiter{all: bucket{allSources, now}, sources: make(map[netip.Addr]*bucket)}
}

// allow tells whether addr may be answered now.
func (l *limiter) allow(addr netip.Addr, now time.Time) bool {
	addr = addr.Unmap().WithZone("")
	if addr.Is6() {
		prefix, err := addr.Prefix(64) // who has one address has all of them
		if err != nil {
			return false
		}
		addr = prefix.Addr()
	}
	b := l.sources[addr]
	if b == nil {
		if len(l.sources) >= maxSources && !l.sweep(now) {
			return false
		}
		b = &bucket{atOnce, now}
		l.sources[addr] = b
	}
	// The source's own first: who floods must not use up what others have.
	return b.take(now, perSource, atOnce) && l.all.take(now, allSources, allSources)
}

// sweep forgets sources that have been silent; it returns whether there is room
// again. Once a second at most: it is the packets of a flood that lead here.
func (l *limiter) sweep(now time.Time) bool {
	if now.Sub(l.swept) < time.Second {
		return false
	}
	l.swept = now
	for addr, b := range l.sources {
		if now.Sub(b.at) >= fullAfter {
			delete(l.sources, addr)
		}
	}
	return len(l.sources) < maxSources
}
