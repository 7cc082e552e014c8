package updatetest

import (
	"encoding/binary"
	"fmt"
)

// FAT makes a FAT file system of 12, 16 or 32 bits with files of one cluster each in its top
// folder, in this order, behind a label and a long name; it tells where each begins.
func FAT(bits int, sectorsPerCluster int, names []string, contents [][]byte) (image []byte, at []int64) {
	const sector = 512
	clusters := map[int]int{12: 100, 16: 300, 32: 500}[bits] // few: nobody counts them to tell the kinds apart
	entries, reserved := 512, 1
	if bits == 32 {
		entries, reserved = 0, 32
	}
	tableSectors := (clusters + 2) * bits / 8 / sector * 11 / 10 // a little more than it takes
	tableSectors++
	data := reserved + 2*tableSectors + entries*32/sector
	total := data + clusters*sectorsPerCluster
	image = make([]byte, total*sector)
	put16 := func(at, v int) { binary.LittleEndian.PutUint16(image[at:], uint16(v&0xffff)) }
	put32 := func(at, v int) { binary.LittleEndian.PutUint32(image[at:], uint32(v)) } //nolint:gosec // a small file system
	copy(image, "\xeb\x3c\x90test    ")
	put16(11, sector)
	image[13] = byte(sectorsPerCluster) //nolint:gosec // 8 at most
	put16(14, reserved)
	image[16] = 2
	put16(17, entries)
	put32(32, total)
	image[510], image[511] = 0x55, 0xaa
	next := 2
	folder := (reserved + 2*tableSectors) * sector
	if bits == 32 {
		put32(36, tableSectors)
		put32(44, 2)
		// The top folder has two clusters, and the files' entries stand in the second.
		put32(reserved*sector+4*2, 5)
		put32(reserved*sector+4*5, 0x0fffffff)
		folder = data * sector
		for i := range sectorsPerCluster * sector / 32 {
			copy(image[folder+32*i:], fmt.Sprintf("\xe5ONE%05dTXT", i))
		}
		folder = (data + 3*sectorsPerCluster) * sector
		next = 6
	} else {
		put16(22, tableSectors)
	}
	copy(image[folder:], "STREAMBOX  \x08")
	copy(image[folder+32:], "AUTOBOOTTXT\x0f") // a piece of a long name is no file
	folder += 64
	for i, name := range names {
		entry := folder + 32*i
		copy(image[entry:], name)
		image[entry+11] = 0x20
		put16(entry+20, next>>16)
		put16(entry+26, next&0xffff)
		put32(entry+28, len(contents[i]))
		where := (data + (next-2)*sectorsPerCluster) * sector
		copy(image[where:], contents[i])
		at = append(at, int64(where))
		next++
	}
	return image, at
}
