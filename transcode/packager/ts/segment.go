package ts

// PacketSize is that of every packet.
const PacketSize = 188

const (
	syncByte   = 0x47
	headerSize = 4
	room       = PacketSize - headerSize
	counters   = 16 // continuity counters have 4 bits
	clockField = 8  // adaptation field with a PCR: length, flags, 6 bytes
	flagField  = 2  // one with flags only
)

// Stream is an elementary stream.
type Stream struct {
	Type byte // stream_type
	ID   byte // stream_id of its PES packets: 0xe0 for pictures, 0xc0 for sound
}

// Unit is one access unit. Times are ticks of 90 kHz.
type Unit struct {
	Stream   int // position in the list of streams
	PTS, DTS int64
	Key      bool     // decoding may start here
	Parts    [][]byte // its bytes, in a row
	Size     int      // of all parts; at least 2

	extra int // packets more than it needs
}

// clockLead is how far the clock runs ahead of decoding: the time that a
// player has to receive a picture. ffmpeg uses the same.
const clockLead = 63_000

// Append adds a whole segment to dst. Streams[0] carries the clock. Only
// Unit.extra of units is changed.
func Append(dst []byte, number int, streams []Stream, units []Unit) []byte {
	spread(len(streams), units)
	dst = appendTables(dst, streams, byte(number&0x0f))
	next := make([]byte, len(streams)) // continuity counters
	for i := range units {
		u := &units[i]
		dst = appendUnit(dst, streams[u.Stream], u, &next[u.Stream])
	}
	return dst
}

// Size is what Append will add, so that dst can be made large enough at once.
func Size(streams int, units []Unit) int {
	packets := make([]int, streams)
	for i := range units {
		packets[units[i].Stream] += units[i].packets()
	}
	total := 2
	for _, n := range packets {
		total += (n + counters - 1) / counters * counters
	}
	return total * PacketSize
}

// spread decides which access units take more packets than they need, so that
// each stream has a multiple of 16: the last ones, as many as it takes.
func spread(streams int, units []Unit) {
	missing := make([]int, streams)
	last := make([]int, streams)
	for i := range units {
		u := &units[i]
		u.extra = 0
		missing[u.Stream] -= u.packets()
		last[u.Stream] = i
	}
	open := 0
	for i := range missing {
		missing[i] &= counters - 1
		if missing[i] > 0 {
			open++
		}
	}
	for i := len(units) - 1; i >= 0 && open > 0; i-- {
		u := &units[i]
		// Each packet has a byte at least, and the PES header stays in the first one.
		if n := min(missing[u.Stream], max(0, u.Size-u.packets())); n > 0 {
			u.extra = n
			if missing[u.Stream] -= n; missing[u.Stream] == 0 {
				open--
			}
		}
	}
	for i, n := range missing { // a handful of tiny units: their headers are spread too
		if n > 0 {
			units[last[i]].extra += n
		}
	}
}

func (u *Unit) pesHeader() int {
	if u.PTS != u.DTS {
		return 19
	}
	return 14
}

// field is the size of the adaptation field that its first packet needs.
func (u *Unit) field() int {
	switch {
	case u.Stream == 0:
		return clockField
	case u.Key:
		return flagField
	}
	return 0
}

// packets is how many it needs.
func (u *Unit) packets() int {
	return (u.field() + u.pesHeader() + u.Size + room - 1) / room
}
