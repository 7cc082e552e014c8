package mpegts_test

import (
	"encoding/binary"
	"testing"

	"streambox.local/transcode/mpegts"
)

// The check value of CRC-32/MPEG-2 in the catalogue of CRC algorithms.
func TestCRC32(t *testing.T) {
	data := []byte("123456789")
	if got := mpegts.CRC32(data); got != 0x0376e6e7 {
		t.Errorf("%#x", got)
	}
	if left := mpegts.CRC32(binary.BigEndian.AppendUint32(data, 0x0376e6e7)); left != 0 {
		t.Errorf("over data with its CRC: %#x", left)
	}
}
