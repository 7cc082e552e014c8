package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/web/swarm"
)

// Limits of the memory for digests, and of the patience with a stick.
const (
	maxDigests        = 1 << 15 // remembered in all, about 200 bytes each
	maxDigestGroups   = 64
	maxSegments       = 100_000 // of one rendition; a want beyond is against the protocol
	maxDigestsWaiting = 64      // of one rendition
	maxDigestWorkers  = 3       // of one rendition: some segments are made when they are first asked for
	minDigestWait     = 100 * time.Millisecond
	maxDigestWait     = time.Second
	digestTimeout     = 15 * time.Second       // for sources that heed it
	playlistFresh     = 250 * time.Millisecond // a want beyond the playlist reads it again, not oftener
)

var errBroke = errors.New("the source broke down")

// digests knows which bytes a segment has, so that pages can trust each
// other's. It asks the library once for each segment; what the library does not
// know either is read, which also makes a segment that nobody has had yet, and the
// request for it, which follows, finds it made. A few goroutines ask for each
// rendition while something is wanted of it: a stick that hangs holds up only
// what lies on it, and there only the first to ask, for maxDigestWait at most.
type digests struct {
	source func(id, rendition string) (library.Source, error)
	log    *slog.Logger
	now    func() time.Time

	mu     sync.Mutex
	groups map[swarm.Group]*groupDigests
	known  int    // in all groups
	uses   uint64 // order of use
}

// groupDigests is what is known of one rendition. Guarded by digests.mu.
type groupDigests struct {
	known    map[int]swarm.Segment
	waiting  map[int]chan struct{} // closed when it was asked for
	queue    []int
	workers  int
	progress time.Time // when a worker last got an answer, or the first began
	used     uint64

	listed     int           // segments that were seen in the playlist
	looking    chan struct{} // closed when they were counted anew; nil: nobody does
	lookFailed bool          // the last time
	playlist   playlist
}

// playlist is the names of a rendition's segments, for its workers.
type playlist struct {
	mu    sync.Mutex // held while it is read: the others need it as well
	names []string
	read  time.Time
}

func newDigests(s *Server) *digests {
	return &digests{source: s.cfg.Library.Source, log: s.log, now: time.Now, groups: make(map[swarm.Group]*groupDigests)}
}

// find returns what is known of segment n; without SHA256 where it is not known
// (yet). It waits for patience at most, between minDigestWait and maxDigestWait.
func (d *digests) find(g swarm.Group, n int, patience time.Duration) swarm.Segment {
	patience = min(max(patience, minDigestWait), maxDigestWait)
	d.mu.Lock()
	group := d.group(g)
	if segment, ok := group.known[n]; ok {
		d.mu.Unlock()
		return segment
	}
	if group.workers > 0 && d.now().Sub(group.progress) > maxDigestWait {
		patience = 0 // it hangs: whoever asks now need not find that out again
	}
	done := group.waiting[n]
	if done == nil {
		if n < 0 || n >= maxSegments || len(group.waiting) >= maxDigestsWaiting {
			d.mu.Unlock()
			return swarm.Segment{}
		}
		done = make(chan struct{})
		group.waiting[n] = done
		group.queue = append(group.queue, n)
		if group.workers < maxDigestWorkers {
			if group.workers == 0 {
				group.progress = d.now()
			}
			group.workers++
			go d.work(g, group)
		}
	}
	d.mu.Unlock()
	if patience > 0 {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case <-done:
		case <-timer.C:
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return group.known[n]
}

// group returns the rendition's place, which becomes the last used. The caller holds the lock.
func (d *digests) group(g swarm.Group) *groupDigests {
	d.uses++
	group := d.groups[g]
	if group == nil {
		if len(d.groups) >= maxDigestGroups {
			d.forget(nil)
		}
		group = &groupDigests{known: make(map[int]swarm.Segment), waiting: make(map[int]chan struct{})}
		d.groups[g] = group
	}
	group.used = d.uses
	return group
}

// forget makes room: the group that was used longest ago goes, but not keep.
func (d *digests) forget(keep *groupDigests) (found bool) {
	var oldest swarm.Group
	for g, group := range d.groups {
		if group != keep && (!found || group.used < d.groups[oldest].used) {
			oldest, found = g, true
		}
	}
	if found {
		d.known -= len(d.groups[oldest].known)
		d.groups[oldest].known = nil // its goroutine, if there is one, writes there no more
		delete(d.groups, oldest)
	}
	return found
}

// work takes from a rendition's queue until it is empty.
func (d *digests) work(g swarm.Group, group *groupDigests) {
	for {
		d.mu.Lock()
		if len(group.queue) == 0 {
			group.workers--
			d.mu.Unlock()
			return
		}
		n := group.queue[0]
		group.queue = group.queue[1:]
		d.mu.Unlock()

		segment, err := d.read(g, group, n)
		if err != nil {
			d.log.Debug("A segment's digest is not known", "title", g.Title, "rendition", g.Rendition, "n", n, "err", err)
		}

		d.mu.Lock()
		group.progress = d.now()
		d.remember(group, n, segment)
		close(group.waiting[n])
		delete(group.waiting, n)
		d.mu.Unlock()
	}
}

// remember keeps a segment for good: the bytes of a rendition never change. What is not
// known yet is asked for again.
func (d *digests) remember(group *groupDigests, n int, segment swarm.Segment) {
	if segment.SHA256 == "" || group.known == nil {
		return
	}
	for d.known >= maxDigests {
		if !d.forget(group) {
			d.known -= len(group.known)
			clear(group.known)
		}
	}
	group.known[n] = segment
	d.known++
}

// read asks the source. It may take as long as a stick takes. No request is around
// it that would catch what a source does wrong, and that must not end the box.
func (d *digests) read(g swarm.Group, group *groupDigests, n int) (segment swarm.Segment, err error) {
	defer func() {
		if wrong := recover(); wrong != nil {
			d.log.Error("A source broke down", "title", g.Title, "rendition", g.Rendition, "n", n,
				"panic", wrong, "stack", string(debug.Stack()))
			segment, err = swarm.Segment{}, errBroke
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), digestTimeout)
	defer cancel()
	src, err := d.source(g.Title, g.Rendition)
	if err != nil {
		return swarm.Segment{}, fmt.Errorf("finding the rendition: %w", err)
	}
	name, err := group.playlist.name(ctx, src, n, d.now)
	if err != nil || name == "" {
		return swarm.Segment{}, err
	}
	sum, size, err := src.Digest(ctx, name)
	if err == nil && len(sum) == 0 {
		sum, size, err = digestOfBytes(ctx, src, name)
	}
	if err != nil {
		return swarm.Segment{}, fmt.Errorf("reading the digest: %w", err)
	}
	return swarm.Segment{SHA256: hex.EncodeToString(sum), Bytes: size}, nil
}

// digestOfBytes reads a segment. A source that makes it for that knows its
// digest afterwards.
func digestOfBytes(ctx context.Context, src library.Source, name string) (sum []byte, size int64, err error) {
	content, err := src.Segment(ctx, name)
	if err != nil {
		return nil, 0, fmt.Errorf("opening the segment: %w", err)
	}
	defer func() { _ = content.Close() }() // was only read
	if sum, size, err = src.Digest(ctx, name); err != nil || len(sum) > 0 {
		return sum, size, err //nolint:wrapcheck // read says what it was
	}
	hash := sha256.New()
	if size, err = io.Copy(hash, content); err != nil {
		return nil, 0, fmt.Errorf("reading the segment: %w", err)
	}
	return hash.Sum(nil), size, nil
}

// name is that of the n-th segment; "" where there is none (yet). The playlist
// is read again when it may have grown.
func (p *playlist) name(ctx context.Context, src library.Source, n int, now func() time.Time) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n >= len(p.names) && now().Sub(p.read) >= playlistFresh {
		if err := p.load(ctx, src, now); err != nil {
			return "", err
		}
	}
	if n >= len(p.names) {
		return "", nil
	}
	return p.names[n], nil
}

// load reads the playlist. The caller holds the lock.
func (p *playlist) load(ctx context.Context, src library.Source, now func() time.Time) error {
	text, err := src.Playlist(ctx)
	if err != nil {
		return fmt.Errorf("reading the playlist: %w", err)
	}
	entries := playlistEntries(text)
	p.names = make([]string, min(len(entries), maxSegments))
	for i := range p.names {
		p.names[i] = entries[i].name
	}
	p.read = now()
	return nil
}
