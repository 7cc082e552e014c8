package opus

import "testing"

// Packets are a stranger's: one lasts 120 ms at most, or is none.
func FuzzSamples(f *testing.F) {
	for _, packet := range []string{"", "\xfc\xff\xfe", "\x03", "\x1b\x3f", "\x0b\x06", "\xff\xff"} {
		f.Add([]byte(packet))
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		if n := Samples(packet); n < 0 || n > 63*2880 {
			t.Errorf("%d samples", n)
		}
	})
}
