package swarm

import "time"

// The box is one link that all fetches share, so what a segment takes depends on
// how many are under way. What is measured is therefore the time that a mebibyte
// would take alone: how long it took, divided by how many ran beside it (at the
// beginning and at the end, in the mean). Pages' fetches that the director does
// not know of make it look slower, which is what it is then.

// fetched books a fetch from the box that has ended well.
func (d *Director) fetched(w *want) {
	if w.Bytes <= 0 {
		return
	}
	beside := time.Duration(max(2, w.Beside+d.fetching))
	d.box.add(int64((d.now-w.Since)*2/beside) * (1 << 20) / w.Bytes)
}

// expected is what a segment of this size would take from the box now, as one more.
func (d *Director) expected(g *group, bytes int64) time.Duration {
	if d.box == 0 {
		return d.limits.Expected
	}
	if bytes <= 0 {
		bytes = int64(g.Bytes)
	}
	return time.Duration(int64(d.box)*bytes>>20) * time.Duration(d.fetching+1)
}

// patience is until when a want waits although it is late, 0 for not at all. If
// the box is so crowded that a segment takes longer than it plays, going there too
// is no rescue: it makes everybody later, and when all are late at once nobody is
// ever ahead again. Then waiting for one fetch and having it from that page is the
// faster way; it is tried for no longer than the box would have taken.
func (d *Director) patience(w *want) time.Duration {
	expected := d.expected(w.page.group, w.Bytes)
	if d.fetching < 2 || expected <= w.page.Length {
		return 0
	}
	return w.Asked + min(expected, d.limits.LeaseMax)
}

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
