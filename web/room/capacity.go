package room

import "time"

const (
	quickMemory   = 8.0  // s of saturated time over which the capacity is averaged
	longMemory    = 40.0 // and again, so that a good moment lets nobody in
	enoughSeconds = 2.0  // of it, and it counts as measured
	sureSeconds   = 3.0  // of it, and somebody may be put back for it
	forgetAfter   = 10 * time.Minute
	busyMost      = 0.98 // of a window: above, the link had no pauses
	busyLeast     = 1.0  // s of a window: what takes less is counted as that
	egressOver    = 10
)

// Sample is what the Meter saw since the sample before.
type Sample struct {
	Span       time.Duration
	Bytes      int64         // acknowledged by all phones
	Busy       time.Duration // how long any connection had something under way; at most Span, which it is if one was paced
	Backlogged int           // viewers that the network, and no pace of ours, held back for all of Span
}

// capacity is what the link carries, from samples. The zero value knows nothing.
type capacity struct {
	quick, long average // of saturated time
	total       float64 // s of saturated time since nothing was known
	at          time.Time
	saturated   bool // the sample before was
	watching    float64
	window      window

	held recent // demand that was carried
	rest recent // capacity of a link that had pauses
}

// observe takes a sample; watching is how many viewers there are; paced: some
// do not take what they could.
func (c *capacity) observe(s Sample, watching int, paced bool, now time.Time) {
	span := s.Span.Seconds()
	if span <= 0 {
		return
	}
	c.window.add(now, float64(s.Bytes), min(s.Busy.Seconds(), span), span)
	was := c.saturated
	c.watching = float64(watching)
	c.saturated = !paced && s.Backlogged >= quarter(watching)
	if !c.saturated || !was { // while TCP opens up its windows the link is not yet full
		return
	}
	c.forget(now)
	c.quick.add(float64(s.Backlogged), float64(s.Bytes), span, quickMemory)
	c.long.add(float64(s.Backlogged), float64(s.Bytes), span, longMemory)
	c.total += span
	c.at = now
}

// quarter is how many viewers must suffer before it is the room's matter.
func quarter(watching int) int { return max(2, (watching+3)/4) }

func (c *capacity) forget(now time.Time) {
	if c.total > 0 && now.Sub(c.at) >= forgetAfter {
		c.quick, c.long, c.total = average{}, average{}, 0
	}
}

func (c *capacity) measured(now time.Time) bool {
	return c.total >= enoughSeconds && now.Sub(c.at) < forgetAfter
}

func (c *capacity) sure(now time.Time) bool { return c.measured(now) && c.total >= sureSeconds }

// bitsPerSecond is the capacity, 0 while it is not measured.
func (c *capacity) bitsPerSecond(now time.Time) float64 {
	if !c.measured(now) {
		return 0
	}
	return 8 * min(c.quick.rate(c.watching), c.long.rate(c.watching))
}

// limit is the demand that may be admitted, bit/s, 0 when nothing is known.
func (c *capacity) limit(now time.Time) float64 {
	if !c.measured(now) {
		return max(c.held.get(now), margin*c.rest.get(now))
	}
	bits := c.bitsPerSecond(now)
	return max(margin*bits, min(c.held.get(now), tolerance*bits))
}

// tick looks back once a second. demand is that of the viewers who have
// watched for a while; well: nobody had late segments meanwhile.
func (c *capacity) tick(now time.Time, demand float64, well bool) {
	if !well {
		c.held, c.rest = recent{}, recent{}
		return
	}
	seen := c.window.over(now, windowSeconds)
	paused := seen.bytes > 0 && seen.busy < busyMost*windowSeconds
	if paused {
		// The link rested in between: it carries at least this.
		rate := seen.bytes / max(seen.busy, busyLeast)
		c.rest.raise(8*rate, now)
		c.quick.atLeast(rate)
		c.long.atLeast(rate)
	}
	if paused || c.measured(now) && demand <= c.bitsPerSecond(now) {
		c.held.raise(demand, now)
	}
}

// distressed notes that what leaves the box now is all that there is.
func (c *capacity) distressed(demand float64, now time.Time) {
	c.held, c.rest = recent{}, recent{}
	rate := c.window.over(now, egressOver).bitsPerSecond() / 8
	if rate <= 0 { // nothing is measured on this system
		rate = demand / 8 / margin
	}
	c.quick.atMost(rate)
	c.long.atMost(rate)
	c.total = max(c.total, sureSeconds)
	c.at = now
}

// recent is the highest of some values, for forgetAfter.
type recent struct {
	value float64
	at    time.Time
}

func (r *recent) get(now time.Time) float64 {
	if r.at.IsZero() || now.Sub(r.at) >= forgetAfter {
		return 0
	}
	return r.value
}

func (r *recent) raise(value float64, now time.Time) {
	if value >= r.get(now) {
		r.value, r.at = value, now
	}
}
