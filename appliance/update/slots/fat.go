package slots

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Bounds of a file system that was made for a handful of files; a damaged one must not keep us.
const (
	entryBytes    = 32
	maxEntries    = 4096
	maxClusters   = 64 // of the top folder
	attributeLong = 0x0f
	attributeNone = 0x08 | 0x10 // a volume's label, a folder
)

// fat is as much of a FAT file system (Microsoft's "FAT: General Overview of On-Disk
// Format", 1.03) as finding one file in its top folder takes.
type fat struct {
	device     io.ReaderAt
	sector     int64 // bytes
	cluster    int64 // bytes
	table      int64 // where the first allocation table begins
	rootDir    int64 // where the top folder lies, in FAT12 and FAT16
	rootBytes  int64 //
	rootFirst  int64 // its first cluster, in FAT32
	firstData  int64 // where cluster 2 begins
	totalBytes int64
}

var errNotFAT = errors.New("there is no FAT file system on the partition that people see")

func openFAT(device io.ReaderAt) (*fat, error) {
	b := make([]byte, 512)
	if _, err := device.ReadAt(b, 0); err != nil {
		return nil, fmt.Errorf("reading the partition that people see: %w", err)
	}
	le16 := func(at int) int64 { return int64(binary.LittleEndian.Uint16(b[at:])) }
	le32 := func(at int) int64 { return int64(binary.LittleEndian.Uint32(b[at:])) }
	f := &fat{device: device, sector: le16(11)}
	f.cluster = f.sector * int64(b[13])
	tables, tableSectors, total := int64(b[16]), le16(22), le16(19)
	if total == 0 {
		total = le32(32)
	}
	wide := tableSectors == 0
	if wide {
		tableSectors, f.rootFirst = le32(36), le32(44)
	}
	if b[510] != 0x55 || b[511] != 0xaa || f.sector < 512 || f.sector > 4096 || f.sector&(f.sector-1) != 0 || b[13] == 0 || tables == 0 || tableSectors == 0 {
		return nil, errNotFAT
	}
	f.totalBytes = total * f.sector
	f.table = le16(14) * f.sector
	f.rootDir = f.table + tables*tableSectors*f.sector
	f.rootBytes = (le16(17)*entryBytes + f.sector - 1) / f.sector * f.sector
	f.firstData = f.rootDir + f.rootBytes
	if wide && f.rootFirst < 2 || f.firstData >= f.totalBytes {
		return nil, errNotFAT
	}
	return f, nil
}

// locate finds autoboot.txt on a FAT file system: where its one sector lies on the device.
func locate(device io.ReaderAt) (int64, error) {
	f, err := openFAT(device)
	if err != nil {
		return 0, err
	}
	entry, err := f.find("AUTOBOOTTXT")
	if err != nil {
		return 0, err
	}
	first := int64(binary.LittleEndian.Uint16(entry[20:]))<<16 | int64(binary.LittleEndian.Uint16(entry[26:]))
	if f.rootFirst == 0 {
		first &= 0xffff // the upper half means something else in FAT12 and FAT16
	}
	at := f.at(first)
	if size := binary.LittleEndian.Uint32(entry[28:]); size != SectorBytes || at < f.firstData || at+SectorBytes > f.totalBytes {
		return 0, fmt.Errorf("%w: it is not the one sector that it was made as, %d bytes", ErrAutoboot, size)
	}
	return at, nil
}

// at is where a cluster begins.
func (f *fat) at(cluster int64) int64 { return f.firstData + (cluster-2)*f.cluster }

// find looks through the top folder for a name as FAT writes it: eight letters and three.
func (f *fat) find(name string) ([]byte, error) {
	if f.rootFirst == 0 {
		entry, _, err := f.scan(f.rootDir, f.rootBytes, name)
		return found(entry, err)
	}
	cluster := f.rootFirst
	for range maxClusters {
		entry, end, err := f.scan(f.at(cluster), f.cluster, name)
		if entry != nil || end || err != nil {
			return found(entry, err)
		}
		next := make([]byte, 4)
		if _, err := f.device.ReadAt(next, f.table+4*cluster); err != nil {
			return nil, fmt.Errorf("reading the partition that people see: %w", err)
		}
		cluster = int64(binary.LittleEndian.Uint32(next) & 0x0fffffff)
		if cluster < 2 || cluster >= 0x0ffffff7 {
			break
		}
	}
	return found(nil, nil)
}

func found(entry []byte, err error) ([]byte, error) {
	if entry == nil && err == nil {
		err = errors.New("there is no autoboot.txt on the partition that people see")
	}
	return entry, err
}

// scan looks through a piece of a folder; end: nothing follows.
func (f *fat) scan(at, size int64, name string) (entry []byte, end bool, err error) {
	if at < f.rootDir || size <= 0 || at+size > f.totalBytes {
		return nil, false, errNotFAT
	}
	piece := make([]byte, min(size, maxEntries*entryBytes))
	if _, err := f.device.ReadAt(piece, at); err != nil {
		return nil, false, fmt.Errorf("reading the partition that people see: %w", err)
	}
	for ; len(piece) >= entryBytes; piece = piece[entryBytes:] {
		switch {
		case piece[0] == 0:
			return nil, true, nil
		case piece[11]&attributeLong == attributeLong, piece[11]&attributeNone != 0:
		case string(piece[:11]) == name:
			return piece[:entryBytes], false, nil
		}
	}
	return nil, false, nil
}
