package swarm

import (
	"slices"
	"time"
)

// The box is one link that all fetches share, so what a segment takes depends on
// how many are under way. What is measured is therefore the time that a mebibyte
// would take alone: how long it took, divided by how many ran beside it (at the
// beginning and at the end, in the mean). Pages' fetches that the director does
// not know of make it look slower, which is what it is then.
//
// It is pages that say when a segment was there, and the box is the same for all
// films. So what counts is the running mean of all, but no more than twice and no
// less than half of what most say: of the viewers who fetched something within the
// last minute, the last 16, each has one voice. Of two, the one who says less is
// right: a box taken for slow keeps everybody waiting behind each lease, and one taken
// for fast only ends leases too soon (a page goes to the box in time by its own clock).

// voice is what a viewer's last fetch from the box took, as a mebibyte alone.
type voice struct {
	Viewer string        `json:"viewer"`
	Took   int64         `json:"took"`
	At     time.Duration `json:"at"`
}

const (
	maxVoices   = 16
	voicesCount = time.Minute // … for so long
	// Of a mebibyte. A last segment of a few bytes says nothing of more, and its time
	// for a mebibyte, times the bytes of a large one, must be a number still.
	mostTaken = int64(time.Minute)
)

// fetched books a fetch from the box that has ended well.
func (d *Director) fetched(w *want) {
	if w.Bytes <= 0 {
		return
	}
	beside := time.Duration(max(2, w.Beside+d.fetching))
	took := min(int64((d.now-w.Since)*2/beside)*(1<<20)/w.Bytes, mostTaken)
	d.box.add(took)
	key := w.page.viewer.Key
	d.voices = slices.DeleteFunc(d.voices, func(v voice) bool { return v.Viewer == key })
	if len(d.voices) == maxVoices {
		d.voices = slices.Delete(d.voices, 0, 1)
	}
	d.voices = append(d.voices, voice{key, took, d.now})
}

// alone is what a mebibyte takes from the box if nothing else is fetched; 0: not known.
func (d *Director) alone() int64 {
	var room [maxVoices]int64
	said := room[:0]
	for _, v := range d.voices {
		if d.now-v.At < voicesCount {
			said = append(said, v.Took)
		}
	}
	if len(said) == 0 {
		return int64(d.box)
	}
	slices.Sort(said)
	middle := said[(len(said)-1)/2]
	return max(middle/2, min(2*middle, int64(d.box)))
}

// expected is what a segment of this size would take from the box now, as one more.
func (d *Director) expected(g *group, bytes int64) time.Duration {
	alone := d.alone()
	if alone == 0 {
		return d.limits.Expected
	}
	if bytes <= 0 {
		bytes = int64(g.Bytes)
	}
	return time.Duration(alone*bytes>>20) * time.Duration(d.fetching+1)
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
