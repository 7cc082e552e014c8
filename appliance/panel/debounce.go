package panel

import "time"

// Debounce makes one edge of a contact that bounces: a level counts once it has
// rested for Rest. The zero value knows no level yet.
type Debounce struct {
	Rest time.Duration

	known   bool // some level has rested
	stable  bool // the one that counts
	seen    bool // a sample has come
	latest  bool // the level seen last
	changed time.Time
}

// Sample takes what was read. moved says that there was an edge since the last
// sample: the level has not rested even where it looks the same.
func (d Debounce) Sample(at time.Time, down, moved bool) Debounce {
	if !d.seen || moved || down != d.latest {
		// A glitch that has come back to what counts need not rest again.
		d.seen, d.latest, d.changed = true, down, at
	}
	return d
}

// Settle says whether a new level has rested by now, which, and when it began.
func (d Debounce) Settle(now time.Time) (after Debounce, at time.Time, down, edge bool) {
	if !d.seen || d.known && d.latest == d.stable || now.Sub(d.changed) < d.Rest {
		return d, time.Time{}, false, false
	}
	d.known, d.stable = true, d.latest
	return d, d.changed, d.stable, true
}

// Wait is how long until Settle can say something new; 0: not before the next sample.
func (d Debounce) Wait(now time.Time) time.Duration {
	if !d.seen || d.known && d.latest == d.stable {
		return 0
	}
	return max(d.Rest-now.Sub(d.changed), time.Nanosecond)
}
