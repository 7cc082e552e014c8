package ts

import (
	"encoding/binary"

	"streambox.local/transcode/mpegts"
)

// Stream types of a PMT (table 2-34).
const (
	TypeMPEG1Audio = 0x03
	TypeMPEG2Audio = 0x04
	TypeADTS       = 0x0f
	TypeH264       = 0x1b
)

// PIDs, those that ffmpeg uses: every player has met them.
const (
	pidPAT = 0x0000
	pidPMT = 0x1000
	// FirstPID is that of the first stream; the others follow it.
	FirstPID = 0x0100
)

const (
	tablePAT = 0x00
	tablePMT = 0x02
)

// appendTables adds PAT and PMT with the counter of their packets.
func appendTables(dst []byte, streams []Stream, counter byte) []byte {
	dst = appendSection(dst, pidPAT, tablePAT, counter, []byte{0, 1, 0xe0 | pidPMT>>8, pidPMT & 0xff})
	body := []byte{0xe0 | FirstPID>>8, FirstPID & 0xff, 0xf0, 0} // the clock's PID, no descriptors
	for i, s := range streams {
		pid := FirstPID + i
		body = append(body, s.Type, 0xe0|byte(pid>>8&0x1f), byte(pid&0xff), 0xf0, 0)
	}
	return appendSection(dst, pidPMT, tablePMT, counter, body)
}

// appendSection adds a section that fits into one packet.
func appendSection(dst []byte, pid int, table, counter byte, body []byte) []byte {
	at := len(dst)
	dst = append(dst, syncByte, 0x40|byte(pid>>8&0x1f), byte(pid&0xff), 0x10|counter&0x0f, 0) // pointer_field 0
	section := len(dst)
	size := 5 + len(body) + 4 // what follows the length, with CRC
	dst = append(dst, table, 0xb0|byte(size>>8&0x0f), byte(size&0xff), 0, 1, 0xc1, 0, 0)
	dst = append(dst, body...)
	dst = binary.BigEndian.AppendUint32(dst, mpegts.CRC32(dst[section:]))
	for len(dst) < at+PacketSize {
		dst = append(dst, 0xff)
	}
	return dst
}
