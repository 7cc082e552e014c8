package room

import (
	"math"
	"time"
)

const (
	margin     = 0.97 // of the capacity is promised
	tolerance  = 1.03 // of it counts as carried where that was seen: measuring is not more exact
	mostSpared = 0.9
	settled    = 20 * time.Second
)

// typical is the mean bit rate of what is watched, for who does not say.
func (r *Room) typical() float64 {
	sum, known := 0.0, 0
	for _, one := range r.viewers {
		if one.bits > 0 {
			sum += one.bits
			known++
		}
	}
	if known == 0 {
		return typicalBits
	}
	return sum / float64(known)
}

// costs is what a viewer takes from the box, bit/s.
func (r *Room) costs(one *viewer, typical float64) float64 {
	bits := one.bits
	if bits <= 0 {
		bits = typical
	}
	return bits * (1 - r.spared)
}

// demand is what all admitted viewers take, bit/s.
func (r *Room) demand(typical float64) float64 {
	sum := 0.0
	for _, one := range r.viewers {
		if one.admitted {
			sum += r.costs(one, typical)
		}
	}
	return sum
}

// limited tells whether any limit is known.
func (r *Room) limited(now time.Time) bool {
	return r.role == RoleAccessPoint || r.capacity.measured(now)
}

// fits tells whether one more can be carried.
func (r *Room) fits(one *viewer, now time.Time) bool {
	if r.watching < alwaysAdmitted || !r.limited(now) {
		return true
	}
	if r.shareFull(one, now) {
		return false
	}
	if r.distress.holds(now) {
		return false
	}
	typical := r.typical()
	needed := r.demand(typical) + r.costs(one, typical)
	if needed <= r.capacity.limit(now)*(1+1e-9) { // sums of fractions
		return true
	}
	return !r.capacity.measured(now) && r.watching < accessPointPlaces
}

// places is how many the room has, 0 when no limit is known. Whoever plays
// has one, and when somebody waits there is none free.
func (r *Room) places(now time.Time) int {
	if !r.limited(now) {
		return 0
	}
	if r.next(now) >= 0 {
		return max(1, r.watching)
	}
	typical := r.typical()
	free := (r.capacity.limit(now) - r.demand(typical)) / (typical * (1 - r.spared))
	places := r.watching + int(math.Floor(max(0, min(free, maxViewers))+1e-9))
	if !r.capacity.measured(now) {
		places = max(places, accessPointPlaces)
	}
	return max(places, alwaysAdmitted)
}
