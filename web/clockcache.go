package web

import (
	"sync/atomic"
	"time"
)

// clockAskedEvery is how long an answer about the clock is used: asking the
// kernel for each request costs more than the rest of a segment's headers.
const clockAskedEvery = time.Second

// clockCache remembers whether the clock is set. Safe for concurrent use.
type clockCache struct {
	ask  func() bool
	now  func() time.Time
	last atomic.Pointer[clockAnswer]
}

type clockAnswer struct {
	at  time.Time
	set bool
}

// isSet asks again when the answer is old. Several may ask at once, which costs
// less than waiting.
func (c *clockCache) isSet() bool {
	now, last := c.now(), c.last.Load()
	if last == nil || now.Sub(last.at) >= clockAskedEvery || now.Before(last.at) {
		last = &clockAnswer{at: now, set: c.ask()}
		c.last.Store(last)
	}
	return last.set
}
