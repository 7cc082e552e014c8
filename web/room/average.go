package room

import "math"

// average is bytes over time, both fading, so that what is old counts little.
type average struct {
	bytes, seconds float64
}

func (a *average) add(bytes, span, memory float64) {
	fade := math.Exp(-span / memory)
	a.bytes = a.bytes*fade + bytes
	a.seconds = a.seconds*fade + span
}

// rate is in byte/s; 0 where there is nothing.
func (a *average) rate() float64 {
	if a.seconds == 0 {
		return 0
	}
	return a.bytes / a.seconds
}

// atLeast raises the rate and keeps the weight.
func (a *average) atLeast(rate float64) {
	a.bytes = max(a.bytes, rate*a.seconds)
}

// atMost lowers the rate, and makes it light: what comes next soon says better.
func (a *average) atMost(rate float64) {
	if a.seconds == 0 || a.rate() > rate {
		a.seconds = min(max(a.seconds, 1), enoughSeconds)
		a.bytes = rate * a.seconds
	}
}
