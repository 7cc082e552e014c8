package segmenter

import (
	"bytes"
	"maps"
)

// Counters are the continuity counters that each PID came to.
type Counters map[uint16]uint8

// CountersAfter are the counters after a segment that follows those before, which
// may be nil. A PID that it does not have keeps its own.
func CountersAfter(before Counters, segment []byte) Counters {
	after := make(Counters, len(before)+4)
	maps.Copy(after, before)
	for ; len(segment) >= packetSize; segment = segment[packetSize:] {
		if pid := pidOf(segment); pid != pidNull {
			after[pid] = counterOf(segment)
		}
	}
	return after
}

// LastSound is when the last frame of AAC in a segment is heard, in ticks of 33
// bits as they stand in it; false: it has none. Sound may end before the segment's
// last picture does: what is interleaved by times of decoding is cut by them.
func LastSound(segment []byte) (pts int64, ok bool) {
	picture, found := pictureOf(segment)
	if !found {
		return 0, false
	}
	var unit []byte // from its end to its beginning, the packets of the last PES packet
	for at := len(segment) - packetSize; at >= 0; at -= packetSize {
		packet := segment[at : at+packetSize]
		payload := payloadOf(packet)
		if pid := pidOf(packet); pid == picture || pid == pidNull || pid == pidPAT {
			continue
		}
		unit = append(append([]byte(nil), payload...), unit...)
		if !beginsUnit(packet) {
			continue
		}
		var header pesHeader
		frames := header.add(unit)
		if header.done && header.hasTime && unit[3]&0xe0 == 0xc0 { // ISO 13818-1: audio's stream_id
			return header.pts + adtsTicks(frames), true
		}
		unit = nil
	}
	return 0, false
}

// adtsTicks is how much later than the first the last of some frames of AAC in a
// row is heard: the muxer puts small ones into one PES packet.
func adtsTicks(frames []byte) (ticks int64) {
	const header, samples, rate = 7, 1024, 48_000 // as a conversion makes them
	for {
		if len(frames) < header || frames[0] != 0xff || frames[1]&0xf0 != 0xf0 {
			return max(0, ticks-samples*ticksPerSecond/rate)
		}
		length := int(frames[3]&3)<<11 | int(frames[4])<<3 | int(frames[5])>>5
		if length < header || length > len(frames) {
			return ticks
		}
		ticks += samples * ticksPerSecond / rate
		frames = frames[length:]
	}
}

// joiner lets the counters of one stream go on from those of another: each run of
// ffmpeg begins to count anew, and what does not join is taken for packets lost.
// A PID's counters all move by the same amount, so that within the stream they
// say what they said.
type joiner struct {
	before Counters
	shift  map[uint16]uint8 // by PID, since its first packet
}

func (j *joiner) patch(data []byte) {
	for ; len(data) >= packetSize; data = data[packetSize:] {
		pid := pidOf(data)
		if pid == pidNull {
			continue
		}
		shift, known := j.shift[pid]
		if !known {
			if last, met := j.before[pid]; met {
				want := last // a packet without payload does not count
				if hasPayload(data) {
					want++
				}
				shift = (want - counterOf(data)) & 0x0f
			}
			j.shift[pid] = shift
		}
		data[3] = data[3]&0xf0 | (counterOf(data)+shift)&0x0f
	}
}

// Headers are the SPS and PPS before a segment's first picture, each with what
// lies between it and the next: they are the same while one encoder goes on.
func Headers(segment []byte) []byte {
	pid, ok := pictureOf(segment)
	if !ok {
		return nil
	}
	var headers []byte
	for unit := firstUnit(segment, pid); ; {
		_, after, found := bytes.Cut(unit, []byte{0, 0, 1})
		if !found || len(after) == 0 || after[0]&0x1f <= nalIDR && after[0]&0x1f != 0 {
			return headers
		}
		unit = after
		if kind := after[0] & 0x1f; kind == nalSPS || kind == nalPPS {
			one, _, _ := bytes.Cut(after, []byte{0, 0, 1})
			headers = append(headers, bytes.TrimRight(one, "\x00")...)
		}
	}
}

// pictureOf reads the tables that a segment begins with.
func pictureOf(segment []byte) (uint16, bool) {
	var t tables
	for ; len(segment) >= packetSize; segment = segment[packetSize:] {
		packet := segment[:packetSize]
		if pidOf(packet) == pidPAT && t.pat == nil {
			t.addPAT(packet)
			continue
		}
		if t.pat == nil || pidOf(packet) != t.pmtPID {
			return 0, false // no segment of ours
		}
		if streams, whole := t.addPMT(packet); whole {
			for _, one := range streams {
				if one.kind == streamH264 {
					return one.pid, true
				}
			}
			return 0, false
		}
	}
	return 0, false
}
