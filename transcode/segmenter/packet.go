package segmenter

import "fmt"

const (
	packetSize = 188
	headerSize = 4
	syncByte   = 0x47

	pidPAT  = 0x0000
	pidSDT  = 0x0011
	pidNull = 0x1fff
)

// route says what is done with the packets of a PID.
type route uint8

const (
	routeDrop route = iota // also what stands before the tables: it belongs to nothing
	routePass
	routePAT
	routePMT
	routeQuiet // a track's: passes, but a packet that begins a PES packet is looked at
	routeBusy  // a track's: every packet is looked at
)

func pidOf(packet []byte) uint16    { return uint16(packet[1]&0x1f)<<8 | uint16(packet[2]) }
func beginsUnit(packet []byte) bool { return packet[1]&0x40 != 0 }
func hasPayload(packet []byte) bool { return packet[3]&0x10 != 0 }
func hasField(packet []byte) bool   { return packet[3]&0x20 != 0 }
func counterOf(packet []byte) uint8 { return packet[3] & 0x0f }
func fieldLength(packet []byte) int { return int(packet[headerSize]) }
func discontinues(packet []byte) bool {
	return hasField(packet) && fieldLength(packet) > 0 && packet[headerSize+1]&0x80 != 0
}

// payloadOf is what follows the header and the adaptation field; it may be empty.
func payloadOf(packet []byte) []byte {
	if !hasPayload(packet) {
		return nil
	}
	at := headerSize
	if hasField(packet) {
		at += 1 + fieldLength(packet)
	}
	return packet[min(at, packetSize):packetSize]
}

// packets takes whole packets. Runs of those that merely pass are copied at once.
func (s *Segmenter) packets(p []byte) error {
	run := 0 // p[run:at] passes
	for at := 0; at+packetSize <= len(p); at += packetSize {
		packet := p[at : at+packetSize : at+packetSize]
		if packet[0] != syncByte {
			return s.lostSync(at)
		}
		r := s.routes[pidOf(packet)]
		if r == routePass || r == routeQuiet && !beginsUnit(packet) {
			continue
		}
		if err := s.keep(p[run:at]); err != nil {
			return err
		}
		run = at + packetSize
		if err := s.special(packet, r); err != nil {
			return err
		}
	}
	s.offset += int64(len(p))
	return s.keep(p[run:])
}

// special takes one packet that is more than a part of the segment.
func (s *Segmenter) special(packet []byte, r route) error {
	switch r {
	case routePAT:
		s.tables.addPAT(packet)
		if s.tables.pat != nil {
			s.routes[pidPAT] = routeDrop // the first one holds
			s.routes[s.tables.pmtPID] = routePMT
		}
	case routePMT:
		streams, ok := s.tables.addPMT(packet)
		if ok {
			return s.begin(streams)
		}
	case routeQuiet, routeBusy:
		for i := range s.tracks {
			if t := &s.tracks[i]; t.pid == pidOf(packet) {
				if i == 0 {
					return s.video(t, packet)
				}
				return s.sound(t, packet)
			}
		}
	case routeDrop, routePass:
	}
	return nil
}

// keep adds packets to the segment.
func (s *Segmenter) keep(packets []byte) error {
	if len(s.buf)+len(packets) > s.maxBytes {
		return fmt.Errorf("%w: segment %d has more than %d bytes", ErrTooLong, s.number, s.maxBytes)
	}
	s.buf = append(s.buf, packets...)
	if s.headers.added != 0 {
		s.headers.count(s.buf[len(s.buf)-len(packets):], s.tracks[0].pid)
	}
	return nil
}
