package blklog

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func chance(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// session: two writes, a flush, three writes of which the second is written
// through, a flush, and one write that nobody flushed.
func session(t *testing.T) *Log {
	t.Helper()
	r := &recorded{sector: 512}
	r.write(0, filled("a", 2)) // 0
	r.write(2, filled("b", 1)) // 1
	r.flush()                  // 2
	r.write(4, filled("c", 1)) // 3
	r.add(5, 1, flagFUA, []byte(filled("d", 1)))
	r.write(6, filled("e", 1)) // 5
	r.flush()                  // 6
	r.write(7, filled("f", 4)) // 7
	return r.log(t)
}

func TestPointsOfASession(t *testing.T) {
	got := map[string]Kind{}
	for _, p := range session(t).Points(0, 8, 1000, chance(1)) {
		got[fmt.Sprintf("%d%v%d", p.Durable, p.Extra, p.TornBytes)] = p.Kind
	}
	for want, kind := range map[string]Kind{
		"0[]0": AtFlush, "0[0]0": Prefix, "0[0 1]0": Prefix,
		"0[1]0": OneMissing, "0[0]512": Torn,
		"3[]0": AtFlush, "3[3]0": Prefix, "3[3 4]0": Prefix, "3[3 4 5]0": Prefix,
		"3[4]0":   OneAlone,   // of 4; and of 3 it is what is missing
		"3[4 5]0": OneMissing, // 3 is missing; 4 was written through, so it is in all that come later
		"7[]0":    AtFlush, "7[7]0": Prefix, "7[7]1024": Torn,
	} {
		if got[want] != kind {
			t.Errorf("%s is %q, want %q", want, got[want], kind)
		}
	}
	for name, kind := range got {
		if kind == OneMissing && name == "3[3 5]0" {
			t.Errorf("%s: what was written through is missing", name)
		}
	}
}

// Whatever the recording: what a flush has promised is in every later point, and
// nothing is there that was not written yet.
func TestNoPointBreaksAPromise(t *testing.T) {
	for seed := range uint64(50) {
		random := chance(seed)
		r := &recorded{sector: 512}
		for range 60 {
			switch random.IntN(6) {
			case 0:
				r.flush()
			case 1:
				r.add(random.IntN(64), 1, flagFUA, []byte(filled("x", 1)))
			case 2:
				r.add(random.IntN(64), 2, flagDiscard, nil)
			default:
				r.write(random.IntN(64), filled("y", 1+random.IntN(4)))
			}
		}
		l := r.log(t)
		points := l.Points(0, len(l.Entries)+1, 400, random)
		if len(points) < 150 {
			t.Fatalf("seed %d: only %d points", seed, len(points))
		}
		last := 0
		for _, p := range points {
			if p.Durable < last || !slices.IsSorted(p.Extra) || p.Durable > 0 && !l.Entries[p.Durable-1].Flush {
				t.Fatalf("seed %d: %v after %d", seed, p, last)
			}
			last = p.Durable
			newest := p.Durable
			for _, entry := range p.Extra {
				newest = max(newest, entry)
				if entry < p.Durable || !l.Entries[entry].Writes() {
					t.Fatalf("seed %d: %v", seed, p)
				}
			}
			for n := p.Durable; n < newest; n++ {
				if e := l.Entries[n]; e.Flush && n > p.Durable || e.FUA && !slices.Contains(p.Extra, n) {
					t.Fatalf("seed %d: %v has entry %d and not %d, which was promised before", seed, p, newest, n)
				}
			}
		}
	}
}

func TestEveryPrefixIsThereHoweverFewAreWanted(t *testing.T) {
	l := session(t)
	prefixes := 0
	for _, p := range l.Points(0, 8, 1, chance(1)) {
		if p.Kind == Prefix || p.Kind == AtFlush {
			prefixes++
		}
	}
	if prefixes != 3+2+3+1 {
		t.Errorf("%d flushes and prefixes", prefixes)
	}
}

func TestPointsOfAStretch(t *testing.T) {
	for _, p := range session(t).Points(3, 7, 20, chance(1)) {
		if p.Durable != 3 {
			t.Errorf("%v", p)
		}
	}
}
