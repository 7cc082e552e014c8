package segmenter

import "streambox.local/transcode/mpegts"

// tables are the PAT and PMT of the stream: gathered once, then written at the
// start of each segment. ffmpeg repeats them but never changes them.
type tables struct {
	pat, pmt               []byte // whole sections with CRC; nil: not yet seen
	pmtPID                 uint16
	gather                 section
	patCounter, pmtCounter uint8
}

const (
	tablePAT      = 0x00
	tablePMT      = 0x02
	streamH264    = 0x1b
	sectionHeader = 8 // up to and with last_section_number
	crcSize       = 4
)

// stream is one line of a PMT.
type stream struct {
	kind uint8 // stream_type
	pid  uint16
}

// addPAT looks for the programme's PMT. A section that is damaged or names no
// programme is passed over: the next one comes a tenth of a second later.
func (t *tables) addPAT(packet []byte) {
	data := t.gather.add(packet, tablePAT)
	for at := sectionHeader; at+4 <= len(data)-crcSize; at += 4 {
		number := uint16(data[at])<<8 | uint16(data[at+1])
		pid := uint16(data[at+2]&0x1f)<<8 | uint16(data[at+3])
		if number != 0 && pid > pidSDT && pid < pidNull {
			t.pat, t.pmtPID = append([]byte(nil), data...), pid
			t.gather = section{}
			return
		}
	}
}

// addPMT returns the streams as soon as the section is whole.
func (t *tables) addPMT(packet []byte) (streams []stream, ok bool) {
	data := t.gather.add(packet, tablePMT)
	if len(data) < sectionHeader+4+crcSize {
		return nil, false
	}
	end := len(data) - crcSize
	at := sectionHeader + 4 + int(data[10]&0x0f)<<8 + int(data[11])
	for at+5 <= end {
		streams = append(streams, stream{
			kind: data[at],
			pid:  uint16(data[at+1]&0x1f)<<8 | uint16(data[at+2]),
		})
		at += 5 + int(data[at+3]&0x0f)<<8 + int(data[at+4])
	}
	if at != end { // its lengths contradict one another
		return nil, false
	}
	t.pmt = append([]byte(nil), data...)
	return streams, true
}

// appendTo adds PAT and PMT as packets.
func (t *tables) appendTo(dst []byte) []byte {
	dst, t.patCounter = appendSection(dst, pidPAT, t.pat, t.patCounter)
	dst, t.pmtCounter = appendSection(dst, t.pmtPID, t.pmt, t.pmtCounter)
	return dst
}

func appendSection(dst []byte, pid uint16, data []byte, counter uint8) (packets []byte, next uint8) {
	begins := byte(0x40)
	for len(data) > 0 {
		dst = append(dst, syncByte, begins|byte(pid>>8&0x1f), byte(pid&0xff), 0x10|counter)
		room := packetSize - headerSize
		if begins != 0 {
			dst = append(dst, 0) // pointer_field: the section begins here
			room--
		}
		n := min(room, len(data))
		dst = append(dst, data[:n]...)
		for range room - n {
			dst = append(dst, 0xff)
		}
		data, begins, counter = data[n:], 0, (counter+1)&0x0f
	}
	return dst, counter
}

// section gathers a PSI section from the packets that it lies in.
type section struct {
	data []byte // at most maxSection bytes
	open bool
}

const maxSection = 1024 // of PAT and PMT, by the standard

// add returns the section when this packet makes it whole and it is sound; the
// bytes are good until the next call.
func (s *section) add(packet []byte, table uint8) []byte {
	payload := payloadOf(packet)
	if beginsUnit(packet) {
		s.open, s.data = false, s.data[:0]
		if len(payload) == 0 || 1+int(payload[0]) > len(payload) {
			return nil
		}
		payload, s.open = payload[1+int(payload[0]):], true
	}
	if !s.open {
		return nil
	}
	s.data = append(s.data, payload...)
	if len(s.data) < 3 {
		return nil
	}
	size := 3 + int(s.data[1]&0x0f)<<8 + int(s.data[2])
	if s.data[0] != table || s.data[1]&0x80 == 0 || size > maxSection || size < sectionHeader+crcSize {
		s.open = false
		return nil
	}
	if len(s.data) < size {
		return nil
	}
	s.open = false
	data := s.data[:size]
	if data[5]&1 == 0 || mpegts.CRC32(data) != 0 { // not yet in force, or damaged
		return nil
	}
	return data
}
