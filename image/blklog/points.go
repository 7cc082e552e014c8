package blklog

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// Point is a moment at which the power can have gone, and what the disk had by then.
type Point struct {
	Durable int   // so many entries of the log are on the disk
	Extra   []int // numbers of later ones that are there too, ascending
	// TornBytes, when not 0, is how much of the last of Extra is there.
	TornBytes int64
	Kind      Kind
}

// Kind says how a point was chosen.
type Kind string

// The kinds of points.
const (
	AtFlush    Kind = "flush"   // just what was flushed
	Prefix     Kind = "prefix"  // and what was written next, up to some write
	Torn       Kind = "torn"    // a prefix whose last write is there in part
	OneMissing Kind = "missing" // all that was written until the next flush, but one
	OneAlone   Kind = "alone"   // one write behind the flush, and none before it
	Suffix     Kind = "suffix"  // what was written last, and not what was written first
	Random     Kind = "random"  // any subset
	atEnd      Kind = "end"     // everything: where the recording ends
)

func (p Point) String() string {
	return fmt.Sprintf("%s: %d entries and %v (torn at %d)", p.Kind, p.Durable, p.Extra, p.TornBytes)
}

// End is the whole recording.
func (l *Log) End() Point { return Point{Durable: len(l.Entries), Kind: atEnd} }

// window are the writes between two flushes: entries [from, to), of which
// those in writes change something.
type window struct {
	from   int
	writes []int
}

func (l *Log) windows() []window {
	var all []window
	now := window{}
	for n, e := range l.Entries {
		if e.Flush {
			all = append(all, now)
			now = window{from: n}
			if !e.Writes() {
				now.from = n + 1
			}
		}
		if e.Writes() {
			now.writes = append(now.writes, n)
		}
	}
	return append(all, now)
}

// Points are all flushes and all prefixes of entries [from, to), and of the other
// subsets as many as are needed for want points in all, but at least a quarter of
// want, as far as there are so many. They are in the order of the recording. random
// is used to choose.
func (l *Log) Points(from, to, want int, random *rand.Rand) []Point {
	var all, more []Point
	windows := slices.DeleteFunc(l.windows(), func(w window) bool { return w.from < from || w.from >= to })
	for _, w := range windows {
		all = append(all, Point{Durable: w.from, Kind: AtFlush})
		for n := range w.writes {
			all = append(all, Point{Durable: w.from, Extra: slices.Clone(w.writes[:n+1]), Kind: Prefix})
		}
		more = append(more, l.subsets(w)...)
	}
	random.Shuffle(len(more), func(i, j int) { more[i], more[j] = more[j], more[i] })
	extra := max(want-len(all), want/4)
	if len(more) < extra {
		more = append(more, l.random(windows, extra-len(more), random)...)
	}
	all = append(all, more[:min(extra, len(more))]...)
	slices.SortStableFunc(all, func(a, b Point) int { return a.Durable - b.Durable })
	return all
}

// subsets are those that are worth more than chance, each once, and none that is
// a prefix. What was written through is in all.
func (l *Log) subsets(w window) []Point {
	var all []Point
	seen := map[string]bool{}
	for n := range w.writes {
		seen[fmt.Sprint(w.writes[:n+1], 0)] = true
	}
	add := func(kind Kind, torn int64, among []int, keep func(n int) bool) {
		p := Point{Durable: w.from, Kind: kind, TornBytes: torn}
		for n, entry := range among {
			if keep(n) || l.Entries[entry].FUA {
				p.Extra = append(p.Extra, entry)
			}
		}
		if key := fmt.Sprint(p.Extra, torn); !seen[key] {
			seen[key] = true
			all = append(all, p)
		}
	}
	last := len(w.writes) - 1
	for n, entry := range w.writes {
		if e := l.Entries[entry]; !e.FUA {
			for _, torn := range []int64{smallestSector, e.Length / 2 / smallestSector * smallestSector, e.Length - smallestSector} {
				if torn > 0 && torn < e.Length {
					add(Torn, torn, w.writes[:n+1], func(int) bool { return true })
				}
			}
		}
		if last == 0 {
			break // the others are prefixes then
		}
		if n < last && !l.Entries[entry].FUA {
			add(OneMissing, 0, w.writes, func(i int) bool { return i != n })
		}
		if n > 0 {
			add(OneAlone, 0, w.writes[:n+1], func(i int) bool { return i == n })
		}
		if n > 1 && n < last {
			add(Suffix, 0, w.writes, func(i int) bool { return i >= n })
		}
	}
	return all
}

// random are different subsets by chance, of windows with enough writes to have others than those above.
func (l *Log) random(windows []window, count int, random *rand.Rand) []Point {
	const fewest = 4
	windows = slices.DeleteFunc(slices.Clone(windows), func(w window) bool { return len(w.writes) < fewest })
	if len(windows) == 0 {
		return nil
	}
	all := make([]Point, 0, count)
	seen := map[string]bool{}
	const tries = 8 // for each: of few writes there are few subsets
	for n := 0; n < tries*count && len(all) < count; n++ {
		w := windows[random.IntN(len(windows))]
		p := Point{Durable: w.from, Kind: Random}
		for _, entry := range w.writes[:1+random.IntN(len(w.writes))] {
			if l.Entries[entry].FUA || random.IntN(2) == 0 {
				p.Extra = append(p.Extra, entry)
			}
		}
		if key := fmt.Sprint(p.Durable, p.Extra); !seen[key] {
			seen[key] = true
			all = append(all, p)
		}
	}
	return all
}
