package room

import (
	"net/netip"
	"slices"
	"time"
)

// onePart of an access point's places is the most that one address takes. Cookies cost
// nothing, addresses on the box's own Wi-Fi a little. Half, and not one: behind a repeater
// a few phones share an address. On other links the box cannot know how many phones a
// router puts behind one address (perhaps all), so there is no such bound. Nor is there
// one on loopback, where a proxy speaks for everybody.
const onePart = 2

// shareFull says whether one's address has all the places that it may have.
func (r *Room) shareFull(one *viewer, now time.Time) bool {
	return r.bounded(one) && r.taken()[one.addr] >= r.share(now)
}

func (r *Room) bounded(one *viewer) bool {
	return r.role == RoleAccessPoint && one.addr.IsValid() && !one.addr.IsLoopback()
}

// share is how many places one address may have.
func (r *Room) share(now time.Time) int { return max(alwaysAdmitted, r.total(now)/onePart) }

// taken is how many places each address has.
func (r *Room) taken() map[netip.Addr]int {
	taken := make(map[netip.Addr]int)
	for _, one := range r.viewers {
		if one.admitted {
			taken[one.addr]++
		}
	}
	return taken
}

// total is how many places an access point has, whoever has them now.
func (r *Room) total(now time.Time) int {
	if !r.capacity.measured(now) {
		return accessPointPlaces
	}
	return int(min(r.capacity.limit(now)/(r.typical()*(1-r.spared)), maxViewers))
}

// next is the place in the line of the first whose turn it can be; -1 where there is
// nobody. Who waits because of its own address's share holds up nobody else.
func (r *Room) next(now time.Time) int {
	if r.role != RoleAccessPoint || len(r.waiting) == 0 {
		return min(0, len(r.waiting)-1)
	}
	share, taken := r.share(now), r.taken()
	return slices.IndexFunc(r.waiting, func(one *viewer) bool { return !r.bounded(one) || taken[one.addr] < share })
}
