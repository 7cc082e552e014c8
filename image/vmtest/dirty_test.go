//go:build vm

package vmtest

import (
	"encoding/binary"
	"os"
	"testing"

	"streambox.local/image/boxtest"
)

// partitionAt is where partitioned puts the file system.
const partitionAt = boxtest.Mebibyte

// dirty marks a stick's file system as one that was not unmounted: pulled out
// of a computer while it was still in use there. The owners of such sticks are
// told nothing by their own computers, and expect them to work.
func dirty(t *testing.T, image, fileSystem string) {
	t.Helper()
	f, err := os.OpenFile(image, os.O_RDWR, 0)
	boxtest.Must(t, err)
	defer f.Close()
	read := func(at int64, size int) []byte {
		data := make([]byte, size)
		_, err := f.ReadAt(data, at)
		boxtest.Must(t, err)
		return data
	}
	set := func(at int64, bit byte) {
		_, err := f.WriteAt([]byte{read(at, 1)[0] | bit}, at)
		boxtest.Must(t, err)
	}
	switch fileSystem {
	case "vfat":
		const state = 0x41 // of a FAT32 boot sector; bit 0: dirty
		set(partitionAt+state, 1)
	case "exfat":
		const volumeFlags = 106 // of the boot sector; bit 1: VolumeDirty. Its checksum leaves these bytes out
		set(partitionAt+volumeFlags, 2)
	case "ntfs":
		set(ntfsFlags(t, read), 1) // bit 0: VOLUME_IS_DIRTY
	default:
		t.Fatalf("how is a dirty %s made?", fileSystem)
	}
}

// ntfsFlags is where the flags of $VOLUME_INFORMATION lie: an attribute of the
// fourth record of the master file table.
func ntfsFlags(t *testing.T, read func(at int64, size int) []byte) int64 {
	t.Helper()
	const recordBytes, information, flags = 1024, 0x70, 10
	boot := read(partitionAt, 512)
	cluster := int64(binary.LittleEndian.Uint16(boot[0x0b:])) * int64(boot[0x0d])
	record := partitionAt + int64(binary.LittleEndian.Uint64(boot[0x30:]))*cluster + 3*recordBytes
	content := read(record, recordBytes)
	if string(content[:4]) != "FILE" {
		t.Fatal("the record of the volume is not where it should be")
	}
	for at := int(binary.LittleEndian.Uint16(content[0x14:])); at+0x18 < len(content); {
		kind, size := binary.LittleEndian.Uint32(content[at:]), int(binary.LittleEndian.Uint32(content[at+4:]))
		if kind == information {
			return record + int64(at) + int64(binary.LittleEndian.Uint16(content[at+0x14:])) + flags
		}
		if size <= 0 {
			break
		}
		at += size
	}
	t.Fatal("the volume has no information")
	return 0
}
