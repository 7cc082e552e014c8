package swarm

import (
	"encoding/json"
	"fmt"
	"math/bits"
)

// inventory is a set of segments, one bit each, as long as the highest one: a
// two-hour film takes 240 bytes, the longest allowed rendition 12.5 KB.
type inventory []uint64

func (v inventory) has(n int) bool {
	w := n >> 6
	return w < len(v) && v[w]>>(uint(n)&63)&1 == 1
}

// set and clear say whether that changed anything.
func (v *inventory) set(n int) bool {
	w, bit := n>>6, uint64(1)<<(uint(n)&63)
	if w >= len(*v) { // to the word: room to spare would be most of a viewer's memory
		longer := make(inventory, w+1)
		copy(longer, *v)
		*v = longer
	}
	if (*v)[w]&bit != 0 {
		return false
	}
	(*v)[w] |= bit
	return true
}

func (v inventory) clear(n int) bool {
	if !v.has(n) {
		return false
	}
	v[n>>6] &^= 1 << (uint(n) & 63)
	return true
}

// within counts the segments of first…last that are there.
func (v inventory) within(first, last int) int {
	count := 0
	for n := max(first, 0); n <= last && n>>6 < len(v); n++ {
		if v.has(n) {
			count++
		}
	}
	return count
}

func (v inventory) spans() []Span {
	var out []Span
	for i, w := range v {
		for w != 0 {
			first := bits.TrailingZeros64(w)
			length := bits.TrailingZeros64(^(w >> uint(first)))
			last := first + length - 1
			w &^= (^uint64(0) >> uint(64-length)) << uint(first)
			if k := len(out) - 1; k >= 0 && out[k][1] == i<<6+first-1 {
				out[k][1] = i<<6 + last
			} else {
				out = append(out, Span{i<<6 + first, i<<6 + last})
			}
		}
	}
	return out
}

func inventoryOf(spans []Span) inventory {
	last := -1
	for _, s := range spans {
		last = max(last, s[1])
	}
	v := make(inventory, (last+64)/64)
	for _, s := range spans {
		for n := s[0]; n <= s[1]; n++ {
			v.set(n)
		}
	}
	return v
}

// checkSpans refuses what is no set of segments below limit. As many segments in
// all as there can be at most: overlapping spans cannot make work without end.
func checkSpans(do string, spans []Span, limit int) error {
	sum := 0
	for _, s := range spans {
		if s[0] < 0 || s[1] < s[0] || s[1] >= limit {
			return violation(do, "segments out of range")
		}
		if sum += s[1] - s[0] + 1; sum > limit {
			return violation(do, "segments named twice")
		}
	}
	return nil
}

// without gives what is in v and not in o.
func (v inventory) without(o inventory) inventory {
	out := make(inventory, len(v))
	for i := range v {
		out[i] = v[i]
		if i < len(o) {
			out[i] &^= o[i]
		}
	}
	return out
}

// and gives what is in both.
func (v inventory) and(o inventory) inventory {
	out := make(inventory, min(len(v), len(o)))
	for i := range out {
		out[i] = v[i] & o[i]
	}
	return out
}

// IsZero says that it is empty, whatever room it has: a snapshot leaves it out.
func (v inventory) IsZero() bool {
	for _, w := range v {
		if w != 0 {
			return false
		}
	}
	return true
}

// MarshalJSON writes spans.
func (v inventory) MarshalJSON() ([]byte, error) {
	spans := v.spans()
	if spans == nil {
		spans = []Span{}
	}
	return json.Marshal(spans)
}

// UnmarshalJSON reads spans, of a rendition of the usual limit at most.
func (v *inventory) UnmarshalJSON(raw []byte) error {
	var spans []Span
	if err := json.Unmarshal(raw, &spans); err != nil {
		return fmt.Errorf("read inventory: %w", err)
	}
	if err := checkSpans("snapshot", spans, Limits{}.withDefaults().Segments); err != nil {
		return err
	}
	*v = inventoryOf(spans)
	return nil
}
