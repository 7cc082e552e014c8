package library

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// SegmentDigests remembers SHA-256 and size of segments that are made on request,
// over restarts: library/<id>/digests.bin, a row per segment at its number's
// place. Each row ends with a check of itself, its number and its rendition's
// name. So a row that was torn by a power cut, spoiled on the card, or left by
// another rendition of the title is as good as none, nothing need be synced, and
// one file per title is enough. Safe for concurrent use.
type SegmentDigests struct {
	file, rendition string
	note            func(error)

	mu   sync.Mutex
	rows []digestRow // nil: not read yet
	size int
}

// digestRow is what is known of a segment; 0 bytes: nothing.
type digestRow struct {
	sum   [sha256.Size]byte
	bytes uint32
}

const (
	digestsFile = "digests.bin"
	checkBytes  = 12
	rowBytes    = sha256.Size + 4 + checkBytes
)

// Digests are those of a rendition with so many segments. The file is read when
// it is first asked for.
func (l *Library) Digests(id, rendition string, segments int) *SegmentDigests {
	d := &SegmentDigests{rendition: rendition, size: segments, note: func(err error) {
		l.cfg.Log.Debug("Digests of segments are not kept", "title", id, "error", err)
	}}
	if ValidID(id) && ValidRendition(rendition) {
		d.file = filepath.Join(l.cfg.Dir, id, digestsFile)
	}
	return d
}

// Digest returns what is known of a segment.
func (d *SegmentDigests) Digest(segment int) (sum []byte, sizeBytes int64, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.load()
	if segment < 0 || segment >= len(d.rows) || d.rows[segment].bytes == 0 {
		return nil, 0, false
	}
	return bytes.Clone(d.rows[segment].sum[:]), int64(d.rows[segment].bytes), true
}

// SetDigest keeps what is known of a segment. A disk that does not take it costs
// a viewer nothing: it lasts as long as the program then.
func (d *SegmentDigests) SetDigest(segment int, sum []byte, sizeBytes int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.load()
	if segment < 0 || segment >= len(d.rows) || len(sum) != sha256.Size || sizeBytes <= 0 || sizeBytes >= 1<<32 {
		return
	}
	row := digestRow{bytes: uint32(sizeBytes)}
	copy(row.sum[:], sum)
	d.rows[segment] = row
	if err := d.write(segment, row); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a title that is not kept, or was removed
		d.note(err)
	}
}

func (d *SegmentDigests) write(segment int, row digestRow) error {
	if d.file == "" {
		return nil
	}
	f, err := os.OpenFile(d.file, os.O_WRONLY|os.O_CREATE, fileMode)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(d.packed(segment, row), int64(segment)*rowBytes)
	return errors.Join(err, f.Close())
}

// packed is a row as it lies in the file.
func (d *SegmentDigests) packed(segment int, row digestRow) []byte {
	out := binary.BigEndian.AppendUint32(append(make([]byte, 0, rowBytes), row.sum[:]...), row.bytes)
	check := sha256.Sum256(fmt.Appendf(bytes.Clone(out), "%s %d", d.rendition, segment))
	return append(out, check[:checkBytes]...)
}

// load reads the file, once. mu is held.
func (d *SegmentDigests) load() {
	if d.rows != nil {
		return
	}
	d.rows = make([]digestRow, d.size)
	if d.file == "" {
		return
	}
	f, err := os.Open(d.file)
	if err != nil {
		return // none are known
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, int64(d.size)*rowBytes))
	if err != nil {
		d.note(err)
	}
	for n := 0; len(data) >= rowBytes; n, data = n+1, data[rowBytes:] {
		row := digestRow{sum: [sha256.Size]byte(data), bytes: binary.BigEndian.Uint32(data[sha256.Size:])}
		if bytes.Equal(d.packed(n, row), data[:rowBytes]) {
			d.rows[n] = row
		}
	}
}
