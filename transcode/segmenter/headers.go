package segmenter

import "bytes"

// headers repeats SPS and PPS where an encoder writes them at the beginning of its
// stream only: in h264_v4l2m2m as Debian builds it they are a packet of their own
// before the first picture, and no option or filter of ffmpeg puts them elsewhere.
// What is inserted makes the picture's PES packet longer, by a TS packet or two, so
// all later packets of the stream are counted anew.
type headers struct {
	wanted   bool
	scanned  []byte // what has come of the access unit, up to its first slice
	sps, pps []byte // the latest, with start codes
	added    uint8  // packets, modulo 16
}

// mostScanned is enough for headers of any size that makes sense; what stands
// before a slice beyond it (subtitles in SEI) is not looked at.
const mostScanned = 16 << 10

var startCode = []byte{0, 0, 1}

// scan takes what has come of an access unit.
func (h *headers) scan(data []byte) {
	if h.wanted && len(h.scanned) < mostScanned {
		h.scanned = append(h.scanned, data...)
	}
}

// learn keeps the headers among what was scanned: the unit ends, or its slices begin.
func (h *headers) learn() {
	if len(h.scanned) == 0 {
		return
	}
	for _, unit := range bytes.Split(h.scanned, startCode)[1:] {
		if len(unit) == 0 {
			continue
		}
		switch kind := unit[0] & 0x1f; kind {
		case nalSPS:
			h.sps = withStartCode(h.sps[:0], unit)
		case nalPPS:
			h.pps = withStartCode(h.pps[:0], unit)
		}
	}
	h.scanned = h.scanned[:0]
}

// withStartCode drops zeros at the end: they belong to the next start code.
func withStartCode(dst, unit []byte) []byte {
	return append(append(append(dst, 0), startCode...), bytes.TrimRight(unit, "\x00")...)
}

// mostHeaders is far more than an encoder writes.
const mostHeaders = 1 << 10

// known: there is something to repeat.
func (h *headers) known() bool {
	return h.wanted && len(h.sps) > 0 && len(h.pps) > 0 && len(h.sps)+len(h.pps) <= mostHeaders
}

// count makes the counters of packets of the PID right that come after inserted ones.
func (h *headers) count(packets []byte, pid uint16) {
	if h.added == 0 {
		return
	}
	for ; len(packets) >= packetSize; packets = packets[packetSize:] {
		if pidOf(packets) == pid {
			packets[3] = packets[3]&0xf0 | (packets[3]+h.added)&0x0f
		}
	}
}

// insert writes the headers into the access unit whose packets lie at the end of
// buf from at on, whole up to its first slice, and returns buf. An access unit
// delimiter stays the first.
func (h *headers) insert(buf []byte, at int, pid uint16) []byte {
	var payload, field, others []byte
	var counter uint8
	packets := 0
	for rest := buf[at:]; len(rest) > 0; rest = rest[packetSize:] {
		packet := rest[:packetSize]
		switch {
		case pidOf(packet) != pid:
			others = append(others, packet...)
			continue
		case !hasPayload(packet): // nothing but a field, and it does not count
			continue
		}
		if packets == 0 {
			counter, field = counterOf(packet), append(field, usedField(packet)...)
		}
		packets++
		payload = append(payload, payloadOf(packet)...)
	}
	stream := pesFixed + int(payload[8])
	payload[4], payload[5] = 0, 0 // its length, which video need not tell
	place := stream + delimiter(payload[stream:])
	whole := append(make([]byte, 0, len(payload)+len(h.sps)+len(h.pps)), payload[:place]...)
	whole = append(append(append(whole, h.sps...), h.pps...), payload[place:]...)

	buf = append(buf[:at], others...)
	begins := byte(0x40)
	for ; len(whole) > 0; begins, field = 0, nil {
		room := packetSize - headerSize
		if len(field) > 0 {
			room -= 1 + len(field)
		}
		n := min(len(whole), room)
		buf = append(buf, syncByte, begins|byte(pid>>8), byte(pid&0xff), 0x10|counter)
		if stuffed := packetSize - headerSize - n; stuffed > 0 {
			buf[len(buf)-1] |= 0x20
			buf = appendField(buf, field, stuffed)
		}
		buf = append(buf, whole[:n]...)
		whole, counter, packets = whole[n:], (counter+1)&0x0f, packets-1
	}
	h.added = (h.added + uint8(-packets)) & 0x0f //nolint:gosec // a few packets more than there were
	return buf
}

// usedField is the adaptation field without its stuffing, and without its length;
// nil when there is none, or nothing in it.
func usedField(packet []byte) []byte {
	if !hasField(packet) || fieldLength(packet) == 0 || fieldLength(packet) > packetSize-headerSize-1 {
		return nil
	}
	field := packet[headerSize+1 : headerSize+1+fieldLength(packet)]
	const clocks = 6
	used := 1
	for _, part := range []struct {
		flag   byte
		length int // -1: its first byte says
	}{{0x10, clocks}, {0x08, clocks}, {0x04, 1}, {0x02, -1}, {0x01, -1}} {
		switch {
		case field[0]&part.flag == 0:
		case part.length > 0:
			used += part.length
		case used < len(field):
			used += 1 + int(field[used])
		}
	}
	return field[:min(used, len(field))]
}

// appendField adds an adaptation field that takes size bytes, its length included.
func appendField(dst, used []byte, size int) []byte {
	dst = append(dst, byte(size-1)) //nolint:gosec // of one packet
	if size == 1 {
		return dst
	}
	if len(used) == 0 {
		used = []byte{0}
	}
	dst = append(dst, used...)
	for range size - 1 - len(used) {
		dst = append(dst, 0xff)
	}
	return dst
}

// delimiter is the length of an access unit delimiter at the beginning of a
// stream, 0 when there is none.
func delimiter(stream []byte) int {
	const nalAUD = 9
	at := bytes.Index(stream, startCode)
	if at < 0 || at > 1 || at+len(startCode) >= len(stream) || stream[at+len(startCode)]&0x1f != nalAUD {
		return 0
	}
	from := at + len(startCode)
	next := bytes.Index(stream[from:], startCode)
	if next < 0 {
		return 0
	}
	next += from
	if stream[next-1] == 0 {
		next--
	}
	return next
}
