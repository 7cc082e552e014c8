package aac

// FrameTicks is how long a frame lasts, in ticks of 90 kHz.
func (c Config) FrameTicks() int64 {
	return (1024*90_000 + int64(rates[c.rate])/2) / int64(rates[c.rate])
}

// Syntactic elements of a frame (ISO/IEC 14496-3, table 4.85).
const (
	elementSingle = 0
	elementPair   = 1
	elementLow    = 3
	elementEnd    = 7
)

// layouts are the elements of each channel configuration (table 1.19).
var layouts = [...][]uint32{
	1: {elementSingle},
	2: {elementPair},
	3: {elementSingle, elementPair},
	4: {elementSingle, elementPair, elementSingle},
	5: {elementSingle, elementPair, elementPair},
	6: {elementSingle, elementPair, elementPair, elementLow},
	7: {elementSingle, elementPair, elementPair, elementPair, elementLow},
}

// Silence is a frame without sound: in each channel not a single band is coded
// (max_sfb 0), so there is nothing more to say.
func (c Config) Silence() []byte {
	w := &writer{}
	seen := map[uint32]uint32{}
	for _, element := range layouts[c.channels] {
		w.bits(element, 3)
		w.bits(seen[element], 4) // element_instance_tag
		seen[element]++
		channels := 1
		if element == elementPair {
			w.bits(0, 1) // common_window
			channels = 2
		}
		for range channels {
			w.bits(0, 8)  // global_gain
			w.bits(0, 11) // ics_info: long window, max_sfb 0, no prediction
			w.bits(0, 3)  // no pulses, no noise shaping, no gain control
		}
	}
	w.bits(elementEnd, 3)
	return w.data
}

type writer struct {
	data []byte
	n    int
}

func (w *writer) bits(v uint32, n int) {
	for n--; n >= 0; n-- {
		if w.n%8 == 0 {
			w.data = append(w.data, 0)
		}
		if v>>n&1 == 1 {
			w.data[w.n/8] |= 0x80 >> (w.n % 8)
		}
		w.n++
	}
}
