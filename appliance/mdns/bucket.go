package mdns

import "time"

// bucket lets so many things through in a second, and that many at once.
type bucket struct {
	rate float64
	left float64
	at   time.Time
}

func newBucket(perSecond int, now time.Time) bucket {
	return bucket{rate: float64(perSecond), left: float64(perSecond), at: now}
}

// take takes one, if there is one.
func (b *bucket) take(now time.Time) bool {
	if d := now.Sub(b.at); d > 0 {
		b.left = min(b.rate, b.left+d.Seconds()*b.rate)
		b.at = now
	}
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}
