// Package opus reads of Opus packets how long they last (RFC 6716, 3.1).
package opus

// SamplesPerSecond is the clock of Opus, whatever its sound was made of.
const SamplesPerSecond = 48_000

// Silence is a packet of 20 ms without sound, which every decoder knows:
// CELT, whole band, one frame, nothing coded.
func Silence() []byte { return []byte{0xfc, 0xff, 0xfe} }

// SilenceSamples is how long it lasts.
const SilenceSamples = 960

// Samples is how long a packet lasts; 0 when it is damaged.
func Samples(packet []byte) int64 {
	if len(packet) == 0 {
		return 0
	}
	kind := packet[0] >> 3
	var frame int64
	switch {
	case kind < 12: // SILK: 10, 20, 40, 60 ms
		frame = [...]int64{480, 960, 1920, 2880}[kind&3]
	case kind < 16: // hybrid: 10, 20 ms
		frame = [...]int64{480, 960}[kind&1]
	default: // CELT: 2.5, 5, 10, 20 ms
		frame = [...]int64{120, 240, 480, 960}[kind&3]
	}
	switch packet[0] & 3 {
	case 0:
		return frame
	case 1, 2:
		return 2 * frame
	}
	if len(packet) < 2 {
		return 0
	}
	return int64(packet[1]&0x3f) * frame
}
