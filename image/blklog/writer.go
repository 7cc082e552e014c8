package blklog

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Writer makes a recording, as QEMU does: for disks that are not QEMU's. One
// goroutine at a time.
type Writer struct {
	to      io.WriterAt
	at      int64
	entries uint64
}

// NewWriter begins a recording in an empty file, with sectors of 512 bytes.
func NewWriter(to io.WriterAt) *Writer { return &Writer{to: to, at: smallestSector} }

// Wrote notes a write that is done. Offset and length are whole sectors.
func (w *Writer) Wrote(offset int64, data []byte) error {
	if offset < 0 || offset%smallestSector != 0 || len(data)%smallestSector != 0 {
		return fmt.Errorf("noting a write of %d bytes at %d: these are no sectors", len(data), offset)
	}
	return w.note(offset/smallestSector, 0, data)
}

// Flushed notes a flush that is done, and that all until here can be read.
func (w *Writer) Flushed() error {
	if err := w.note(0, flagFlush, nil); err != nil {
		return err
	}
	head := make([]byte, smallestSector)
	binary.LittleEndian.PutUint64(head, magic)
	binary.LittleEndian.PutUint64(head[8:], version)
	binary.LittleEndian.PutUint64(head[16:], w.entries)
	binary.LittleEndian.PutUint32(head[24:], smallestSector)
	if _, err := w.to.WriteAt(head, 0); err != nil {
		return fmt.Errorf("noting a flush: %w", err)
	}
	return nil
}

func (w *Writer) note(sector int64, flags uint64, data []byte) error {
	entry := make([]byte, smallestSector, smallestSector+len(data))
	binary.LittleEndian.PutUint64(entry, uint64(sector)) //nolint:gosec // not negative, see Wrote
	binary.LittleEndian.PutUint64(entry[8:], uint64(len(data)/smallestSector))
	binary.LittleEndian.PutUint64(entry[16:], flags)
	entry = append(entry, data...)
	if _, err := w.to.WriteAt(entry, w.at); err != nil {
		return fmt.Errorf("noting a write: %w", err)
	}
	w.at += int64(len(entry))
	w.entries++
	return nil
}
