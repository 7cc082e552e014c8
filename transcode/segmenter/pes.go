package segmenter

// track is an elementary stream.
type track struct {
	pid   uint16
	pes   pesHeader
	unit  unitScan // video only
	timed bool     // the fields below are set
	last  int64    // ticks at which the last unit is decoded
	frame int64    // ticks between the last two units
	end   int64    // ticks at which the last unit shown ends
	heard int64    // sound: ticks of it since the last picture; a jump counts as a second
}

// pesHeader gathers the header of a PES packet, which may lie in several packets.
type pesHeader struct {
	data     [pesFixed + 255]byte
	n        int
	done     bool
	hasTime  bool
	pts, dts int64 // 33 bits, 90 kHz
}

const pesFixed = 9 // up to and with PES_header_data_length

func (h *pesHeader) reset() { h.n, h.done, h.hasTime = 0, false, false }

// add takes payload until the header is done and returns what follows it.
func (h *pesHeader) add(payload []byte) []byte {
	for !h.done {
		need := pesFixed
		if h.n >= pesFixed {
			need += int(h.data[8])
		}
		if h.n < need {
			c := copy(h.data[h.n:need], payload)
			if c == 0 {
				return nil
			}
			h.n += c
			payload = payload[c:]
			continue
		}
		h.parse()
	}
	return payload
}

func (h *pesHeader) parse() {
	h.done = true
	d := h.data[:h.n]
	if d[0] != 0 || d[1] != 0 || d[2] != 1 || d[6]&0xc0 != 0x80 {
		return // not a PES header, or one without times
	}
	if d[7]&0x80 != 0 && d[8] >= 5 {
		h.pts, h.hasTime = timestamp(d[9:]), true
		h.dts = h.pts
	}
	if d[7]&0xc0 == 0xc0 && d[8] >= 10 {
		h.dts = timestamp(d[14:])
	}
}

func timestamp(b []byte) int64 {
	return int64(b[0]&0x0e)<<29 | int64(b[1])<<22 | int64(b[2]&0xfe)<<14 | int64(b[3])<<7 | int64(b[4])>>1
}

// clock makes timestamps of 33 bits, which begin anew every 26.5 hours, go on.
type clock struct {
	now int64 // the picture's last time
	set bool
}

// ticks is the time nearest to now that has these 33 bits.
func (c *clock) ticks(stamp int64) int64 {
	if !c.set {
		// A turn of the clock ahead, so that what is a little earlier is not negative.
		c.now, c.set = stamp+1<<33, true
	}
	return c.now + (stamp-c.now)<<31>>31 // the low 33 bits of the difference, signed
}

// time reads the times of a unit that has them and keeps count of them.
func (t *track) time(c *clock) (pts int64) {
	pts, dts := c.ticks(t.pes.pts), c.ticks(t.pes.dts)
	if !t.timed {
		t.timed, t.last, t.end = true, dts, pts
	}
	if d := dts - t.last; d > 0 {
		t.frame = min(d, ticksPerSecond)
		t.heard += t.frame
	}
	t.last = dts
	t.end = max(t.end, pts+t.frame)
	return pts
}
