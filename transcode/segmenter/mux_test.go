package segmenter

import (
	"bytes"
	"encoding/binary"

	"streambox.local/transcode/mpegts"
)

const (
	pmtPID   = 0x1000
	videoPID = 0x100
	audioPID = 0x101
)

// muxer writes transport streams as ffmpeg does, and in every odd way that the
// standard allows.
type muxer struct {
	bytes.Buffer
	counters map[uint16]uint8
	most     int  // payload bytes in a packet; 0: as many as fit
	fields   bool // a packet of nothing but an adaptation field after each packet of video
}

func (m *muxer) packet(pid uint16, begins bool, payload []byte) int {
	if m.counters == nil {
		m.counters = map[uint16]uint8{}
	}
	room := packetSize - headerSize
	if m.most > 0 {
		room = min(room, m.most)
	}
	n := min(len(payload), room)
	head := []byte{syncByte, byte(pid >> 8), byte(pid), 0x10 | m.counters[pid]&0x0f}
	m.counters[pid]++
	if begins {
		head[1] |= 0x40
	}
	if stuffing := packetSize - headerSize - n; stuffing > 0 {
		head[3] |= 0x20
		head = append(head, byte(stuffing-1))
		if stuffing > 1 {
			head = append(head, 0)
			head = append(head, bytes.Repeat([]byte{0xff}, stuffing-2)...)
		}
	}
	m.Write(head)
	m.Write(payload[:n])
	if m.fields && pid == videoPID {
		m.fieldOnly(pid)
	}
	return n
}

// fieldOnly writes a packet without payload: an adaptation field of 183 bytes.
func (m *muxer) fieldOnly(pid uint16) {
	m.Write([]byte{syncByte, byte(pid >> 8), byte(pid), 0x20 | (m.counters[pid]-1)&0x0f, 183, 0})
	m.Write(bytes.Repeat([]byte{0xff}, 182))
}

func (m *muxer) unit(pid uint16, payload []byte) {
	for begins := true; len(payload) > 0; begins = false {
		payload = payload[m.packet(pid, begins, payload):]
	}
}

func (m *muxer) section(pid uint16, table byte, body []byte) {
	size := 5 + len(body) + crcSize
	data := append([]byte{table, 0xb0 | byte(size>>8), byte(size), 0, 1, 0xc1, 0, 0}, body...)
	data = binary.BigEndian.AppendUint32(data, mpegts.CRC32(data))
	m.unitPadded(pid, append([]byte{0}, data...))
}

func (m *muxer) unitPadded(pid uint16, payload []byte) {
	const room = packetSize - headerSize
	for len(payload)%room != 0 {
		payload = append(payload, 0xff)
	}
	most := m.most
	m.most = 0
	m.unit(pid, payload)
	m.most = most
}

func (m *muxer) pat() {
	m.section(pidPAT, tablePAT, []byte{0, 0, 0xe0, 0x10, 0, 1, 0xe0 | pmtPID>>8, pmtPID & 0xff}) // the NIT's line first
}

// pmt lists streams by type and PID; descriptors is a number of bytes that make it longer.
func (m *muxer) pmt(descriptors int, streams ...stream) {
	body := []byte{0xe0 | videoPID>>8, videoPID & 0xff, 0xf0 | byte(descriptors>>8), byte(descriptors)}
	body = append(body, make([]byte, descriptors)...)
	for _, s := range streams {
		body = append(body, s.kind, 0xe0|byte(s.pid>>8), byte(s.pid), 0xf0, 3, 0x0a, 1, 'x')
	}
	m.section(pmtPID, tablePMT, body)
}

var (
	videoStream = stream{streamH264, videoPID}
	audioStream = stream{0x0f, audioPID}
)

func (m *muxer) tables() {
	m.section(pidSDT, 0x42, []byte{1, 2, 3})
	m.pat()
	m.pmt(0, videoStream, audioStream)
}

func (m *muxer) null() { m.unitPadded(pidNull, make([]byte, 184)) }

func stamp(prefix byte, ticks int64) []byte {
	t := uint64(ticks) & (1<<33 - 1)
	return []byte{prefix<<4 | byte(t>>30)<<1 | 1, byte(t >> 22), byte(t>>15)<<1 | 1, byte(t >> 7), byte(t)<<1 | 1}
}

// pes wraps data; dts < 0 is none.
func pes(id byte, pts, dts int64, data []byte) []byte {
	head := []byte{0, 0, 1, id, 0, 0, 0x80, 0x80, 5}
	if dts < 0 {
		head = append(head, stamp(2, pts)...)
	} else {
		head[7], head[8] = 0xc0, 10
		head = append(append(head, stamp(3, pts)...), stamp(1, dts)...)
	}
	return append(head, data...)
}

// Kinds of pictures.
const (
	idr       = 'I' // with AUD, SPS, PPS, SEI
	bareIDR   = 'b' // without SPS and PPS
	noPPS     = 'p'
	recovery  = 'i' // the I frame of an open GOP, with SPS and PPS
	predicted = 'P'
	nothing   = '-' // no slice at all
	heading   = 'H' // SPS and PPS alone, in an access unit of their own
)

func picture(kind rune, size int) []byte {
	nal := func(header byte, fill int) []byte {
		return append([]byte{0, 0, 0, 1, header}, bytes.Repeat([]byte{0xab}, fill)...)
	}
	unit := nal(0x09, 1)
	if kind == idr || kind == recovery || kind == noPPS || kind == heading {
		unit = append(unit, nal(0x67, 20)...)
	}
	if kind == idr || kind == recovery || kind == heading {
		unit = append(unit, nal(0x68, 4)...)
	}
	if kind != predicted && kind != heading {
		unit = append(unit, nal(0x06, 300)...) // an SEI that fills a packet
	}
	switch kind {
	case idr, bareIDR, noPPS:
		unit = append(unit, nal(0x65, size)...)
	case recovery, predicted:
		unit = append(unit, nal(0x41, size)...)
	}
	return unit
}

// film writes a picture per letter, tables as often as ffmpeg, and sound.
type film struct {
	muxer
	ticks int64 // of the next picture
	frame int64 // ticks of one picture; 0: 25 in a second
	size  int   // bytes of a picture; 0: 500
	count int
	mute  bool
	// reorder shows every third predicted picture late, as with B-frames; short uses start codes of three bytes.
	reorder, short bool
}

func (f *film) show(pictures string) {
	if f.frame == 0 {
		f.frame = ticksPerSecond / 25
	}
	if f.size == 0 {
		f.size = 500
	}
	for _, kind := range pictures {
		if f.count%10 == 0 {
			f.tables()
		}
		late := 2 * f.frame
		if f.reorder && kind == predicted {
			late = []int64{4, 1, 1}[f.count%3] * f.frame
		}
		data := picture(kind, f.size)
		if f.short {
			data = bytes.ReplaceAll(data, []byte{0, 0, 0, 1}, []byte{0, 0, 1})
		}
		f.unit(videoPID, pes(0xe0, f.ticks+late, f.ticks, data))
		if f.count%5 == 0 && !f.mute {
			f.sound()
		}
		if f.count%7 == 0 {
			f.null()
		}
		f.ticks += f.frame
		f.count++
	}
}

// sound writes what is heard beside the last five pictures.
func (f *film) sound() {
	f.unit(audioPID, pes(0xc0, f.ticks, -1, bytes.Repeat([]byte{0x55}, 400)))
}
