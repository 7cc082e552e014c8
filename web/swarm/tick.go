package swarm

import (
	"slices"
	"time"
)

func (d *Director) tick() {
	if d.now >= d.house {
		d.house = d.now + time.Second
		d.keepHouse()
	}
	for {
		at, ok := d.timers.next()
		if !ok || at > d.now {
			break
		}
		d.due(d.timers[0])
	}
}

// keepHouse is what can wait a second: who has fallen silent, whose penalty is
// over, who has too few neighbours, who keeps what, and how often what is there.
func (d *Director) keepHouse() {
	for _, p := range slices.Clone(d.list) {
		if !p.Asleep && d.now-p.Heard >= d.limits.Silent {
			p.Asleep = true
			d.exit(p)
		}
	}
	for _, v := range d.known {
		if v.Until != 0 && v.Until <= d.now {
			d.pardon(v)
		}
	}
	d.forget(func(v *viewer) bool { return v.Until == 0 && (v.Forget <= d.now || !v.memorable()) })
	for _, g := range d.ordered {
		if !g.On {
			continue
		}
		for _, p := range g.members {
			if len(p.pairs) < 2 && d.now-p.Refilled >= d.limits.Silent {
				p.Refilled = d.now
				d.befriend(p)
			}
		}
		d.retain(g)
		d.tellCopies(g)
	}
}

// heard wakes a page that was taken for gone: what it had told holds still,
// because nothing it said in between can have been lost.
func (d *Director) heard(p *page) {
	p.Heard = d.now
	if !p.Asleep {
		return
	}
	p.Asleep = false
	p.anew, p.Fresh, p.Touched = true, true, nil
	d.reconfigure(p)
	d.enter(p)
	d.befriend(p)
}
