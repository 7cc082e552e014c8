package transcode

import "io"

// Discs and broadcasts say in their packet headers, which stay readable, that
// the rest is scrambled. ffmpeg plays noise then, or nothing.

const (
	tsPacket   = 188
	m2tsPacket = 192  // a Blu-ray puts a time of four bytes before each
	psSector   = 2048 // a DVD's packs
	syncByte   = 0x47
)

// bluRayEncrypted: AACS leaves the first 16 bytes of every 6144 readable and
// says in the first two bits that it is there.
func bluRayEncrypted(head []byte) bool {
	return len(head) > 2*m2tsPacket && head[0]&0xc0 != 0 && head[4] == syncByte && head[4+m2tsPacket] != syncByte
}

// scrambled looks at some places of a file of MPEG packets. A DVD scrambles
// only some sectors, and rarely its first.
func scrambled(in io.ReaderAt, size int64) bool {
	piece := make([]byte, 64*psSector)
	for _, percent := range []int64{0, 20, 50, 80} {
		offset := size / 100 * percent
		offset -= offset % psSector
		n, _ := in.ReadAt(piece, offset) // what cannot be read is not seen here
		if scrambledSectors(piece[:n]) || scrambledPackets(piece[:n]) {
			return true
		}
	}
	return false
}

// scrambledSectors: a pack header, then a PES header whose flags hold two bits
// of scrambling control.
func scrambledSectors(piece []byte) bool {
	const packHeader, packetAt = 14, 14
	for ; len(piece) >= psSector; piece = piece[psSector:] {
		if piece[0] != 0 || piece[1] != 0 || piece[2] != 1 || piece[3] != 0xba {
			return false
		}
		pes := piece[packetAt+int(piece[packHeader-1]&7):]
		media := pes[3] == 0xbd || pes[3] >= 0xc0 && pes[3] <= 0xef
		if pes[0] == 0 && pes[1] == 0 && pes[2] == 1 && media && pes[6]&0xc0 == 0x80 && pes[6]&0x30 != 0 {
			return true
		}
	}
	return false
}

// scrambledPackets: most packets of a scrambled broadcast carry the bits; one
// alone may be damage.
func scrambledPackets(piece []byte) bool {
	for start := range min(tsPacket, len(piece)) {
		whole, secret := 0, 0
		for at := start; at+tsPacket <= len(piece) && piece[at] == syncByte; at += tsPacket {
			whole++
			if piece[at+3]&0xc0 != 0 {
				secret++
			}
		}
		if whole > 16 {
			return secret > whole/2
		}
	}
	return false
}
