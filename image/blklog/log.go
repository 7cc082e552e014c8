package blklog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrFormat is a recording that QEMU cannot have made.
var ErrFormat = errors.New("no recording of writes")

const (
	magic          = 0x6a736677736872
	version        = 1
	smallestSector = 512
	largestSector  = 1 << 20
	mostEntries    = 1 << 24

	flagFlush    = 1 << 0
	flagFUA      = 1 << 1
	flagDiscard  = 1 << 2
	flagMark     = 1 << 3
	flagMetadata = 1 << 4 // of the kernel's own recorder only: nothing follows from it
	allFlags     = flagFlush | flagFUA | flagDiscard | flagMark | flagMetadata

	headerBytes = 32 // of an entry: sector, number of sectors, flags, length of a mark
)

// Entry is something that was done to the disk.
type Entry struct {
	Offset, Length int64 // in bytes; Length 0: nothing was written
	Flush          bool  // everything before it is on the disk
	FUA            bool  // itself is on the disk
	Discard        bool  // it now reads as zeroes
	Mark           string

	at int64 // where its content lies in the recording
}

// Writes tells whether the entry changes anything.
func (e Entry) Writes() bool { return e.Length > 0 }

// Log is a recording.
type Log struct {
	Entries []Entry
	content io.ReaderAt
}

// Read reads the list of what was recorded; contents stay where they are.
func Read(r io.ReaderAt, size int64) (*Log, error) {
	head := make([]byte, headerBytes)
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, fmt.Errorf("reading a recording of writes: %w", err)
	}
	listed, sector := binary.LittleEndian.Uint64(head[16:]), int64(binary.LittleEndian.Uint32(head[24:]))
	switch {
	case binary.LittleEndian.Uint64(head) != magic:
		return nil, fmt.Errorf("%w: its first bytes are others", ErrFormat)
	case binary.LittleEndian.Uint64(head[8:]) != version:
		return nil, fmt.Errorf("%w: version %d", ErrFormat, binary.LittleEndian.Uint64(head[8:]))
	case sector < smallestSector || sector > largestSector || sector&(sector-1) != 0:
		return nil, fmt.Errorf("%w: sectors of %d bytes", ErrFormat, sector)
	case listed > mostEntries:
		return nil, fmt.Errorf("%w: %d entries", ErrFormat, listed)
	}
	l := &Log{content: r}
	for at := sector; at+sector <= size && len(l.Entries) < mostEntries; {
		e, next, err := readEntry(r, at, sector, size)
		if err == nil && next > size {
			err = fmt.Errorf("%w: it ends within an entry", ErrFormat)
		}
		beyond := uint64(len(l.Entries)) >= listed // what QEMU had noted when it was killed
		if beyond && (err != nil || e.isNothing()) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", len(l.Entries), err)
		}
		l.Entries = append(l.Entries, e)
		at = next
	}
	if uint64(len(l.Entries)) < listed {
		return nil, fmt.Errorf("%w: it has %d entries of %d", ErrFormat, len(l.Entries), listed)
	}
	return l, nil
}

// isNothing is an entry of zeroes: QEMU had made room for it and not written it.
func (e Entry) isNothing() bool { return !e.Writes() && !e.Flush && e.Mark == "" }

func readEntry(r io.ReaderAt, at, sector, size int64) (e Entry, next int64, err error) {
	head := make([]byte, sector)
	if _, err := r.ReadAt(head, at); err != nil {
		return Entry{}, 0, fmt.Errorf("reading a recording of writes: %w", err)
	}
	first, count := binary.LittleEndian.Uint64(head), binary.LittleEndian.Uint64(head[8:])
	flags, mark := binary.LittleEndian.Uint64(head[16:]), binary.LittleEndian.Uint64(head[24:])
	limit := uint64(1<<62) / uint64(sector) //nolint:gosec // a power of two, see Read
	if flags&^allFlags != 0 || first > limit || count > limit {
		return Entry{}, 0, fmt.Errorf("%w: flags %#x, sectors %d+%d", ErrFormat, flags, first, count)
	}
	e = Entry{
		Offset: int64(first) * sector, Length: int64(count) * sector, //nolint:gosec // both are below limit
		Flush: flags&flagFlush != 0, FUA: flags&flagFUA != 0, Discard: flags&flagDiscard != 0, at: at + sector,
	}
	if flags&flagMark != 0 {
		e.Mark = string(head[headerBytes:min(sector, headerBytes+int64(mark%largestSector))])
	}
	next = at + sector
	if !e.Discard {
		next += min(e.Length, size) // so that it cannot overflow; beyond size it is refused anyway
	}
	return e, next, nil
}

// Content is what an entry wrote; zeroes for a discard.
func (l *Log) Content(e Entry) io.Reader {
	if e.Discard {
		return io.LimitReader(zeroes{}, e.Length)
	}
	return io.NewSectionReader(l.content, e.at, e.Length)
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
