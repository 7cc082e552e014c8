package blklog

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Part is a piece of the disk that is looked at: a partition, or all of it.
type Part struct {
	Name          string // of its files
	Offset, Bytes int64
}

// Replay puts parts of a disk back as they were at points, one after the other.
type Replay struct {
	log   *Log
	parts []Part
	dir   string
	files []*os.File // of each part: what was on the disk at the last point's flush
	done  int        // so many entries are in them
	at    Point
}

// NewReplay copies the parts of base, the disk before the recording, into dir.
// End it with Close.
func NewReplay(log *Log, base *os.File, dir string, parts ...Part) (*Replay, error) {
	r := &Replay{log: log, parts: parts, dir: dir}
	for _, part := range parts {
		f, err := os.Create(filepath.Join(dir, part.Name+".flushed"))
		if err == nil {
			r.files = append(r.files, f)
			err = copyData(f, base, part.Offset, part.Bytes)
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("copying the disk before the recording: %w", err), r.Close())
		}
	}
	return r, nil
}

// Close removes what NewReplay and Image have made.
func (r *Replay) Close() error {
	var err error
	for n, f := range r.files {
		err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		if gone := os.Remove(r.image(n)); !errors.Is(gone, os.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}

var errBackwards = errors.New("points are to be visited in the order of their flushes")

// Visit goes on to a point. Points go forward only (as Points has them).
func (r *Replay) Visit(p Point) error {
	if p.Durable < r.done {
		return fmt.Errorf("replaying: %w", errBackwards)
	}
	for ; r.done < p.Durable; r.done++ {
		for n, part := range r.parts {
			if err := r.apply(r.files[n], part, r.log.Entries[r.done], 0); err != nil {
				return fmt.Errorf("replaying entry %d: %w", r.done, err)
			}
		}
	}
	r.at = p
	return nil
}

// Key tells points apart by what they make of the part: equal keys, equal bytes.
func (r *Replay) Key(part int) string {
	var key strings.Builder
	count := 0
	for _, e := range r.log.Entries[:r.at.Durable] {
		if touches(e, r.parts[part]) {
			count++
		}
	}
	key.WriteString(strconv.Itoa(count))
	for n, entry := range r.at.Extra {
		if !touches(r.log.Entries[entry], r.parts[part]) {
			continue
		}
		key.WriteString(" " + strconv.Itoa(entry))
		if n == len(r.at.Extra)-1 && r.at.TornBytes > 0 {
			key.WriteString("/" + strconv.FormatInt(r.at.TornBytes, 10))
		}
	}
	return key.String()
}

// Image writes a part as it was at the point visited last, and returns the
// file's path: the same for each point, and for its caller to write into.
func (r *Replay) Image(part int) (string, error) {
	path := r.image(part)
	// Anew, not truncated: something may still hold the last one's pages.
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("replaying: %w", err)
	}
	f, err := os.Create(path)
	if err != nil {
		return "", fmt.Errorf("replaying: %w", err)
	}
	defer f.Close()
	if err := copyData(f, r.files[part], 0, r.parts[part].Bytes); err != nil {
		return "", fmt.Errorf("replaying: %w", err)
	}
	for n, entry := range r.at.Extra {
		torn := int64(0)
		if n == len(r.at.Extra)-1 {
			torn = r.at.TornBytes
		}
		if err := r.apply(f, r.parts[part], r.log.Entries[entry], torn); err != nil {
			return "", fmt.Errorf("replaying entry %d: %w", entry, err)
		}
	}
	return path, f.Close()
}

func (r *Replay) image(part int) string { return filepath.Join(r.dir, r.parts[part].Name+".img") }

func touches(e Entry, part Part) bool {
	return e.Writes() && e.Offset < part.Offset+part.Bytes && e.Offset+e.Length > part.Offset
}

// apply writes what of an entry lies in the part; of a torn one only its first bytes.
func (r *Replay) apply(f *os.File, part Part, e Entry, torn int64) error {
	if !touches(e, part) {
		return nil
	}
	from, to := max(e.Offset, part.Offset), min(e.Offset+e.Length, part.Offset+part.Bytes)
	if torn > 0 {
		to = min(to, e.Offset+torn)
	}
	if from >= to {
		return nil
	}
	content := r.log.Content(e)
	if from > e.Offset && !e.Discard {
		content = io.NewSectionReader(r.log.content, e.at+from-e.Offset, to-from)
	}
	_, err := io.Copy(io.NewOffsetWriter(f, from-part.Offset), io.LimitReader(content, to-from))
	return err
}

// copyData copies so many bytes of in from an offset on to the beginning of out, holes as holes.
func copyData(out, in *os.File, from, count int64) error {
	if err := out.Truncate(count); err != nil {
		return err
	}
	fd := int(in.Fd())
	for at := from; at < from+count; {
		data, err := unix.Seek(fd, at, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) || err == nil && data >= from+count {
			return nil // nothing but a hole to the end
		}
		if err != nil {
			return err
		}
		hole, err := unix.Seek(fd, data, unix.SEEK_HOLE)
		if err != nil {
			return err
		}
		hole = min(hole, from+count)
		if _, err := io.Copy(io.NewOffsetWriter(out, data-from), io.NewSectionReader(in, data, hole-data)); err != nil {
			return err
		}
		at = hole
	}
	return nil
}
