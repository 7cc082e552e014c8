package web

import (
	"sync"
	"time"
)

// claims is what viewers may still say to have come from peers, in time of film. It
// belongs to the cookie and not to the connection: else each new WebSocket would bring
// another half minute. A cookie that has said nothing for claimForgotten has a whole
// first one again by then, so that forgetting it gives nothing away.
type claims struct {
	mu sync.Mutex
	of map[string]claim // by viewer
}

type claim struct {
	left time.Duration // of film
	at   time.Time
}

const (
	claimForgotten = claimAtOnce / claimSpeed
	maxClaims      = 4 * maxSockets // then those that can be are forgotten
)

// take gives as much of so many bytes as the viewer may claim now; bitrate is of what it plays, bit/s.
func (c *claims) take(viewer string, bytes uint64, bitrate float64, now time.Time) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	one, known := c.of[viewer]
	if !known {
		if len(c.of) >= maxClaims && !c.forget(now) {
			return 0 // more cookies within seconds than there can be pages
		}
		if c.of == nil {
			c.of = make(map[string]claim)
		}
		one = claim{left: claimAtOnce, at: now}
	}
	left := min(one.left+claimSpeed*now.Sub(one.at), maxClaim)
	taken := int64(min(float64(bytes), left.Seconds()*bitrate/8))
	left -= time.Duration(float64(taken) * 8 / bitrate * float64(time.Second))
	c.of[viewer] = claim{left: max(left, 0), at: now}
	return taken
}

// forget makes room and says whether there is some.
func (c *claims) forget(now time.Time) bool {
	for viewer, one := range c.of {
		if now.Sub(one.at) >= claimForgotten {
			delete(c.of, viewer)
		}
	}
	return len(c.of) < maxClaims
}
