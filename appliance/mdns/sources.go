package mdns

import (
	"net/netip"
	"time"
)

const (
	readRate   = 10_000 // packets a second and family that are taken from the kernel
	parseRate  = 400    // … that are looked into
	sourceRate = 50     // … of one sender: a phone asks ten times in a bad second, a resolver that starts some thirty
	mostSource = 256    // senders that are counted one by one
)

// sources says which packets are looked into: so many of each sender, and so many
// at all, so that one who floods the network takes nothing from the others. What
// it keeps is bounded; senders without number share what one has.
type sources struct {
	all   bucket
	each  map[netip.Addr]*bucket
	crowd bucket // of those for whom there was no place
	swept time.Time
}

func newSources(now time.Time) *sources {
	return &sources{all: newBucket(parseRate, now), each: map[netip.Addr]*bucket{}, crowd: newBucket(sourceRate, now), swept: now}
}

// admit tells whether a packet of this sender is looked into.
func (s *sources) admit(now time.Time, from netip.Addr) bool {
	from = from.WithZone("")
	one, known := s.each[from]
	if !known {
		s.sweep(now)
		if len(s.each) < mostSource {
			b := newBucket(sourceRate, now)
			one = &b
			s.each[from] = one
		} else {
			one = &s.crowd
		}
	}
	return one.take(now) && s.all.take(now)
}

// sweep forgets who has been quiet, once a second where there is no place left:
// a bucket that is full again is as good as a new one.
func (s *sources) sweep(now time.Time) {
	if len(s.each) < mostSource || now.Sub(s.swept) < time.Second {
		return
	}
	s.swept = now
	for a, b := range s.each {
		if now.Sub(b.at) >= time.Second {
			delete(s.each, a)
		}
	}
}
