package packager

import (
	"bytes"
	"context"
	crypto "crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"
)

// Input is a film's file, opened.
type Input interface {
	io.ReaderAt
	io.Closer
}

// Digests remembers SHA-256 and size of segments, over restarts if it likes:
// they are the same for ever under the same rendition. It must be safe for
// concurrent use.
type Digests interface {
	Digest(segment int) (sha256 []byte, sizeBytes int64, ok bool)
	SetDigest(segment int, sha256 []byte, sizeBytes int64)
}

// Source serves a Title: playlist, segments by name, digests as far as they are
// known. It satisfies library.Source.
type Source struct {
	title   *Title
	cache   *Cache
	key     string
	open    func(context.Context) (Input, error)
	digests Digests
}

// ErrOther is a segment that is not the one it was: the film's bytes have changed
// where its identity does not look, or a stick reads them wrongly. Whoever holds
// the one from before must not meet another under the same address.
var ErrOther = errors.New("a segment has other bytes than before")

// NewSource joins a title to a cache. key names title and rendition in it: it
// must be another for another file. open opens the file anew for each segment
// that is made (nothing is held in between) and must fail, or return the same
// content; its error is what Segment returns. digests may be nil: then they are
// remembered as long as the Source.
func NewSource(title *Title, cache *Cache, key string, open func(context.Context) (Input, error), digests Digests) *Source {
	if digests == nil {
		digests = &memory{}
	}
	return &Source{title: title, cache: cache, key: key, open: open, digests: digests}
}

// Title is what its segments are made of.
func (s *Source) Title() *Title { return s.title }

// MemoryBytes is about what the source keeps in memory beside the cache.
func (s *Source) MemoryBytes() int64 { return s.title.MemoryBytes() }

// Playlist returns the media playlist.
func (s *Source) Playlist(ctx context.Context) ([]byte, error) {
	return s.title.Playlist(), ctx.Err()
}

// CanMake tells whether a segment can be made by now; false too for a name that is none.
func (s *Source) CanMake(name string) bool {
	n, ok := s.title.SegmentNumber(name)
	return ok && s.title.CanMake(n)
}

// Segment returns a segment by its name in the playlist; fs.ErrNotExist for any
// other, ErrNotYet for one whose sound is still being converted. Its content is in memory and shared.
func (s *Source) Segment(ctx context.Context, name string) (io.ReadSeekCloser, error) {
	if init := s.title.Init(); init != nil && name == InitName {
		return content{bytes.NewReader(init)}, ctx.Err()
	}
	n, ok := s.title.SegmentNumber(name)
	if !ok {
		return nil, fmt.Errorf("segment %q: %w", name, fs.ErrNotExist)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !s.title.CanMake(n) { // the stick need not be asked
		return nil, fmt.Errorf("segment %d: %w", n, ErrNotYet)
	}
	packed, err := s.cache.get(ctx, key{title: s.key, n: n}, func(ctx context.Context) ([]byte, error) { return s.produce(ctx, n) })
	if err != nil {
		return nil, err
	}
	sum, size, known := s.digests.Digest(n)
	switch {
	case !known:
		s.digests.SetDigest(n, packed.SHA256[:], int64(len(packed.Data)))
	case size != int64(len(packed.Data)) || !bytes.Equal(sum, packed.SHA256[:]):
		return nil, fmt.Errorf("segment %d: %w", n, ErrOther)
	}
	return content{bytes.NewReader(packed.Data)}, nil
}

// Digest returns what is known of a segment: nil and 0 before it is first made.
// fs.ErrNotExist for a name that is not in the playlist.
func (s *Source) Digest(_ context.Context, name string) (sha256 []byte, sizeBytes int64, err error) {
	if init := s.title.Init(); init != nil && name == InitName {
		sum := crypto.Sum256(init)
		return sum[:], int64(len(init)), nil
	}
	n, ok := s.title.SegmentNumber(name)
	if !ok {
		return nil, 0, fmt.Errorf("segment %q: %w", name, fs.ErrNotExist)
	}
	if sum, size, known := s.digests.Digest(n); known {
		return slices.Clone(sum), size, nil
	}
	return nil, 0, nil
}

func (s *Source) produce(ctx context.Context, n int) (data []byte, err error) {
	if !s.title.needsFile() { // nor need its stick be there
		return s.title.Segment(ctx, bytes.NewReader(nil), n)
	}
	in, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { // also when it panics
		if closing := in.Close(); err == nil && closing != nil {
			data, err = nil, fmt.Errorf("close the film: %w", closing)
		}
	}()
	return s.title.Segment(ctx, in, n)
}

// content is a segment in memory; closing it does nothing.
type content struct{ *bytes.Reader }

func (content) Close() error { return nil }

// memory is Digests that lasts no longer than the program.
type memory struct {
	mu    sync.Mutex
	known map[int]digest
}

type digest struct {
	sha256 []byte
	bytes  int64
}

// Digest implements Digests.
func (m *memory) Digest(segment int) (sha256 []byte, sizeBytes int64, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d, ok := m.known[segment]
	return d.sha256, d.bytes, ok
}

// SetDigest implements Digests.
func (m *memory) SetDigest(segment int, sha256 []byte, sizeBytes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil {
		m.known = map[int]digest{}
	}
	m.known[segment] = digest{slices.Clone(sha256), sizeBytes}
}
