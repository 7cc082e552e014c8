package usbtest

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"testing"
)

// Of a GPT (UEFI specification, chapter 5).
const (
	sector    = 512
	gptEntry  = 128
	gptLimit  = 128
	gptFirst  = 2048 // sector of the first partition
	gptStride = 2048 // sectors of each
)

// PartitionTable writes a GPT with n partitions of 1 MiB for ordinary data.
func PartitionTable(tb testing.TB, image string, n int) {
	tb.Helper()
	le := binary.LittleEndian
	entries := make([]byte, gptLimit*gptEntry)
	data := []byte{0xa2, 0xa0, 0xd0, 0xeb, 0xe5, 0xb9, 0x33, 0x44, 0x87, 0xc0, 0x68, 0xb6, 0xb7, 0x26, 0x99, 0xc7} // basic data
	for i := range n {
		e := entries[i*gptEntry:]
		copy(e, data)
		le.PutUint64(e[16:], uint64(i+1)) // its own GUID
		le.PutUint64(e[32:], uint64(gptFirst+i*gptStride))
		le.PutUint64(e[40:], uint64(gptFirst+(i+1)*gptStride-1))
	}
	f, err := os.OpenFile(image, os.O_RDWR, 0)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		tb.Fatal(err)
	}
	last := uint64(info.Size()/sector - 1)
	h := make([]byte, sector)
	copy(h, "EFI PART\x00\x00\x01\x00")
	le.PutUint32(h[12:], 92)
	le.PutUint64(h[24:], 1)
	le.PutUint64(h[32:], last)
	le.PutUint64(h[40:], 34)
	le.PutUint64(h[48:], last-33)
	copy(h[56:], "usbtest disk GUID")
	le.PutUint64(h[72:], 2)
	le.PutUint32(h[80:], gptLimit)
	le.PutUint32(h[84:], gptEntry)
	le.PutUint32(h[88:], crc32.ChecksumIEEE(entries))
	le.PutUint32(h[16:], crc32.ChecksumIEEE(h[:92]))
	mbr := make([]byte, sector)
	mbr[446+4] = 0xee // all of the disk is GPT's
	le.PutUint32(mbr[446+8:], 1)
	le.PutUint32(mbr[446+12:], uint32(last))
	le.PutUint16(mbr[510:], 0xaa55)
	for at, b := range map[int64][]byte{0: mbr, sector: h, 2 * sector: entries} {
		if _, err = f.WriteAt(b, at); err != nil {
			tb.Fatal(err)
		}
	}
}

// AddPartitions tells the kernel of the partitions on a device. (Its own look at
// the table depends on how it was built.)
func AddPartitions(tb testing.TB, l *Loop, n int) {
	tb.Helper()
	runTool(tb, "partx", "--add", fmt.Sprintf("--nr=1:%d", n), "/dev/"+l.Name)
	tb.Cleanup(func() { runTool(tb, "partx", "--delete", fmt.Sprintf("--nr=1:%d", n), "/dev/"+l.Name) })
}
