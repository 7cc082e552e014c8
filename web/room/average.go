package room

import "math"

// average is the rate of a link over time, fading, so that what is old counts
// little; and how that rate goes with the number of viewers held back.
//
// On a link that all share it is the same for two as for ten. Where each is
// slow for itself (access points of their own behind a cable), more viewers
// are more bytes, and a rate seen with two says nothing about ten. The line of
// least squares tells the two apart.
type average struct {
	seconds       float64
	viewers       float64 // Σ viewers · s
	squares       float64 // Σ viewers² · s
	bytes         float64
	viewersXBytes float64
}

const (
	lightWeight = 0.7 // s: little, what comes next soon says better
	variation   = 0.2 // of the viewers' number (variance): with less, there is no line
	ownPaths    = 0.5 // of a rate in proportion to the viewers: above, nothing is shared
)

func (a *average) add(viewers, bytes, span, memory float64) {
	fade := math.Exp(-span / memory)
	a.seconds = a.seconds*fade + span
	a.viewers = a.viewers*fade + viewers*span
	a.squares = a.squares*fade + viewers*viewers*span
	a.bytes = a.bytes*fade + bytes
	a.viewersXBytes = a.viewersXBytes*fade + viewers*bytes
}

// rate is in byte/s with all of so many viewers held back; 0 where nothing is known.
func (a *average) rate(all float64) float64 {
	if a.seconds == 0 {
		return 0
	}
	mean, viewers := a.bytes/a.seconds, a.viewers/a.seconds
	variance := a.squares/a.seconds - viewers*viewers
	if variance < variation || mean == 0 {
		return mean
	}
	slope := (a.viewersXBytes/a.seconds - mean*viewers) / variance
	if slope*viewers/mean < ownPaths {
		return mean
	}
	return mean + slope*max(0, all-viewers)
}

// atLeast raises the rate and keeps the weight.
func (a *average) atLeast(rate float64) {
	if a.bytes == 0 || a.bytes >= rate*a.seconds {
		return
	}
	factor := rate * a.seconds / a.bytes
	a.bytes *= factor
	a.viewersXBytes *= factor
}

// atMost lowers the rate, and makes it light.
func (a *average) atMost(rate float64) {
	if a.seconds == 0 || a.bytes > rate*a.seconds {
		*a = average{}
		a.add(2, rate*lightWeight, lightWeight, 1)
	}
}
