package usbtest

import "encoding/binary"

// Signature puts into a blank disk what makes libblkid, and so udev, call it a
// file system that the box does not read. The places and bytes are those that
// util-linux documents in its prober's sources; no such file system is behind them.
func Signature(disk []byte, fileSystem string) {
	switch fileSystem {
	case "apfs": // container superblock: magic at 32 behind checksum, ids, type (1) and subtype; block size
		const block = 4096
		copy(disk[32:], "NXSB")
		binary.LittleEndian.PutUint16(disk[24:], 1)
		binary.LittleEndian.PutUint32(disk[36:], block)
		copy(disk[72:], "0123456789abcdef")
		binary.LittleEndian.PutUint64(disk, appleChecksum(disk[8:block])) // Debian 13's libblkid looks at it
	case "hfsplus": // volume header at 1024: signature, version 4, block size
		copy(disk[1024:], "H+")
		binary.BigEndian.PutUint16(disk[1026:], 4)
		binary.BigEndian.PutUint32(disk[1024+40:], 4096)
	case "BitLocker":
		copy(disk, []byte{0xeb, 0x58, 0x90})
		copy(disk[3:], "-FVE-FS-")
		binary.LittleEndian.PutUint16(disk[510:], 0xaa55)
		binary.LittleEndian.PutUint64(disk[176:], 0x2000) // where the metadata is
		copy(disk[0x2000:], "-FVE-FS-")
		binary.LittleEndian.PutUint16(disk[0x2000+10:], 2)
	case "crypto_LUKS": // version 1, UUID at 168
		copy(disk, "LUKS\xba\xbe\x00\x01")
		copy(disk[168:], "8dd5b3f0-6a5f-4f11-8d54-0f5ad4dbd40e")
	}
}

// appleChecksum is the Fletcher checksum of an APFS object (Apple File System
// Reference, "Object checksum"): over what stands behind its own place, made so
// that the sums over the whole are zero.
func appleChecksum(data []byte) uint64 {
	const modulus = 0xffffffff
	var first, second uint64
	for ; len(data) >= 4; data = data[4:] {
		first = (first + uint64(binary.LittleEndian.Uint32(data))) % modulus
		second = (second + first) % modulus
	}
	low := modulus - (first+second)%modulus
	high := modulus - (first+low)%modulus
	return high<<32 | low
}
