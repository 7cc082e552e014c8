package intake

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"time"

	"streambox.local/appliance/library"
)

// readyFolder serves a film from a stick as it lies there (library.Source). It
// opens the stick anew for each segment instead of holding it: a stick must be
// free to be unmounted. What it opens is compared with what was checked, so a
// file that was replaced is not served under the old address.
type readyFolder struct {
	open     func() (tree, error) // the stick
	missed   func(error)          // a file could not be opened
	folder   string
	segments []readySegment
	sizes    []int64
	times    []time.Time
	sums     []digest
	playlist []byte
	computed bool // some digests are of our own making
}

// readyPrefix begins the names of their renditions.
const readyPrefix = "ready-"

// name is the rendition's, generation included.
func (r *readyFolder) name() string { return readyPrefix + generationOf(r.sizes, r.sums) }

// rendition is the entry in the title's record.
func (r *readyFolder) rendition() library.Rendition {
	out := library.Rendition{Name: r.name(), Complete: true, SegmentBytes: r.sizes}
	for n, s := range r.segments {
		out.DurationSeconds += s.seconds
		out.TotalBytes += r.sizes[n]
	}
	return out
}

// Playlist implements library.Source.
func (r *readyFolder) Playlist(context.Context) ([]byte, error) { return r.playlist, nil }

// Segment implements library.Source. A stick that is gone is
// ErrUnreadable, a file on it that is not the one that was checked ErrNotYet: the
// player waits for its return.
func (r *readyFolder) Segment(_ context.Context, name string) (io.ReadSeekCloser, error) {
	n, ok := segmentNumber(name, len(r.segments))
	if !ok {
		return nil, fmt.Errorf("ready-made folder: segment %q: %w", name, fs.ErrNotExist)
	}
	t, err := r.open()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", library.ErrUnreadable, err)
	}
	defer t.Close()
	f, err := t.Open(path.Join(r.folder, r.segments[n].file))
	if err != nil {
		r.missed(err)
		return nil, fmt.Errorf("%w: %w", library.ErrUnreadable, err)
	}
	info, err := f.Stat()
	if err != nil || info.Size() != r.sizes[n] || !info.ModTime().Equal(r.times[n]) {
		_ = f.Close() // only read
		r.missed(errChanged)
		return nil, fmt.Errorf("ready-made folder: segment %d has changed: %w", n, library.ErrNotYet)
	}
	return f, nil
}

// Digest implements library.Source.
func (r *readyFolder) Digest(_ context.Context, name string) (sum []byte, sizeBytes int64, err error) {
	n, ok := segmentNumber(name, len(r.segments))
	if !ok {
		return nil, 0, fmt.Errorf("ready-made folder: segment %q: %w", name, fs.ErrNotExist)
	}
	return r.sums[n], r.sizes[n], nil
}
