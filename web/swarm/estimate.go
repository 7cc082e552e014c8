package swarm

import "time"

// estimate is a running mean that gives each new value an eighth of the weight,
// as TCP does with round trips (RFC 6298).
type estimate int64

func (e *estimate) add(v int64) {
	if *e == 0 {
		*e = estimate(v)
		return
	}
	*e += (estimate(v) - *e) / 8
}

func (e estimate) or(def time.Duration) time.Duration {
	if e == 0 {
		return def
	}
	return time.Duration(e)
}
