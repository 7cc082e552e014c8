package room

import "time"

const (
	lateWithin = 15 * time.Second
	startTime  = 10 * time.Second // a viewer's first segments are late for reasons of its own
)

// distress is whether many segments come late. The zero value says no.
type distress struct {
	at time.Time // when it was last seen
}

// look returns whether it has just begun, or goes on after lateWithin.
func (d *distress) look(viewers []*viewer, now time.Time) bool {
	late := 0
	for _, one := range viewers {
		if one.lateNow(now) {
			late++
		}
	}
	if late < quarter(len(viewers)) || d.holds(now) {
		return false
	}
	d.at = now
	return true
}

// lateNow: a segment of its came late a moment ago, and not because it has just begun.
func (v *viewer) lateNow(now time.Time) bool {
	return !v.late.IsZero() && now.Sub(v.late) < lateWithin && v.late.Sub(v.since) >= startTime
}

// holds tells whether nobody is let in.
func (d *distress) holds(now time.Time) bool { return d.within(now, lateWithin) }

// lately tells whether the last while was not well.
func (d *distress) lately(now time.Time) bool { return d.within(now, settled) }

func (d *distress) within(now time.Time, span time.Duration) bool {
	return !d.at.IsZero() && now.Sub(d.at) < span
}
