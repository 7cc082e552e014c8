package room

import "time"

const windowSeconds = 20

// window remembers the last seconds, one slot each.
type window struct {
	slots  [windowSeconds]slot
	origin time.Time // the first second; what is counted from it is monotonic, whatever the clock is set to
}

// slot is one second, or the sum of several.
type slot struct {
	second int64 // since the origin, from 1
	bytes  float64
	busy   float64 // s
	length float64 // s that the sum is over
}

// second numbers the seconds.
func (w *window) second(now time.Time) int64 {
	if w.origin.IsZero() {
		w.origin = now
	}
	return 1 + max(0, int64(now.Sub(w.origin)/time.Second))
}

func (w *window) add(now time.Time, bytes, busy, span float64) {
	second := w.second(now)
	s := &w.slots[second%windowSeconds]
	if s.second != second {
		*s = slot{second: second}
	}
	s.bytes += bytes
	s.busy += busy
	s.length += span
}

// over sums up the given number of whole seconds before now. Seconds in which
// nobody fetched count as silent.
func (w *window) over(now time.Time, seconds int64) slot {
	sum := slot{second: w.second(now), length: float64(seconds)}
	for _, s := range w.slots {
		if s.second < sum.second && s.second >= sum.second-seconds {
			sum.bytes += s.bytes
			sum.busy += s.busy
		}
	}
	return sum
}

func (s slot) bitsPerSecond() float64 { return 8 * s.bytes / s.length }
