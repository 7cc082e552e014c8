// Package mpegts is what the reader of a transport stream (transcode/segmenter)
// and the writer of one (transcode/packager/ts) have in common.
package mpegts

// CRC32 is the CRC of MPEG sections (ISO/IEC 13818-1, annex A: polynomial
// 0x04c11db7, not reflected, which hash/crc32 does not do). Over a section with
// its CRC it is 0.
func CRC32(data []byte) uint32 {
	crc := ^uint32(0)
	for _, b := range data {
		crc ^= uint32(b) << 24
		for range 8 {
			if crc&(1<<31) != 0 {
				crc = crc<<1 ^ 0x04c11db7
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}
