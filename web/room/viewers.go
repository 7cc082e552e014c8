package room

import (
	"cmp"
	"slices"
	"time"
)

const addressPrefix = "address "

// find returns the viewer that asks, nil if it is not known. The caller holds the lock.
func (r *Room) find(v Viewer) *viewer {
	if v.Cookie != "" {
		return r.viewers[v.Cookie]
	}
	if cookie, ok := r.byAddr[v.Addr]; ok {
		return r.viewers[cookie]
	}
	return r.viewers[addressPrefix+v.Addr.String()]
}

// arrive takes a viewer in, with a place if there is one and nobody waits.
func (r *Room) arrive(v Viewer, bits float64, now time.Time) *viewer {
	if len(r.viewers) >= maxViewers {
		if now.Sub(r.swept) < time.Second { // Tick does it, and so does a flood at most
			return nil
		}
		if r.expire(now); len(r.viewers) >= maxViewers {
			return nil
		}
	}
	r.arrivals++
	one := &viewer{key: v.Cookie, cookie: v.Cookie, addr: v.Addr, bits: bits, since: now, order: r.arrivals}
	if v.Cookie == "" {
		one.key = addressPrefix + v.Addr.String()
	} else {
		r.byAddr[v.Addr] = v.Cookie
	}
	r.viewers[one.key] = one
	if r.next(now) < 0 && r.fits(one, now) {
		r.admit(one, now)
	} else {
		r.waiting = append(r.waiting, one)
		r.sayFull(now)
	}
	r.shown = r.places(now)
	return one
}

func (r *Room) admit(one *viewer, now time.Time) {
	one.admitted, one.since, one.late = true, now, time.Time{}
	one.trial = !r.capacity.measured(now)
	r.watching++
}

// putBack takes a place away again: the viewer is the first of those who wait.
func (r *Room) putBack(one *viewer) {
	one.admitted, one.trial = false, false
	r.watching--
	r.waiting = slices.Insert(r.waiting, 0, one)
}

// expire forgets who is gone.
func (r *Room) expire(now time.Time) {
	r.swept = now
	for key, one := range r.viewers {
		if len(one.tabs) > 0 || now.Before(one.until) {
			continue
		}
		delete(r.viewers, key)
		if r.byAddr[one.addr] == key {
			delete(r.byAddr, one.addr)
		}
		if one.admitted {
			r.watching--
			continue
		}
		r.waiting = slices.DeleteFunc(r.waiting, func(w *viewer) bool { return w == one })
	}
}

// admitted are those who have a place, the last to come first.
func (r *Room) admitted() []*viewer {
	list := make([]*viewer, 0, r.watching)
	for _, one := range r.viewers {
		if one.admitted {
			list = append(list, one)
		}
	}
	slices.SortFunc(list, func(a, b *viewer) int { return cmp.Compare(b.order, a.order) })
	return list
}

func (r *Room) verdict(admitted bool) Verdict {
	return Verdict{Admitted: admitted, Watching: r.watching, Places: r.shown}
}
