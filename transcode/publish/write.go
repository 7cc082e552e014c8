package publish

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	playlistName = "index.m3u8"
	hashesName   = "hashes.json"

	// pieceBytes of a segment are hashed, then written. It is little enough to
	// stay in the cache of a small processor, and spares the kernel the memory
	// that it takes for a single write of many megabytes: two thirds of the
	// system's time.
	pieceBytes = 128 << 10
)

// segmentName is the only place where names come from of segments that are
// written. (Names are also given to the segments of a ready-made folder on a
// stick, where nothing is written: those are of the same form.)
func segmentName(number int) string { return fmt.Sprintf(segmentForm, number) }

const segmentForm = "seg%05d.ts"

// entry is a segment that has its name.
type entry struct {
	digest  [sha256.Size]byte
	bytes   int64
	seconds float64
	anew    bool // a discontinuity stands before it
}

// write hashes a segment and writes it, piece by piece: what has just been
// hashed is still near the processor when it is written. It waits for no disk,
// unless it is kept: seal does, for all segments together.
func (p *Publisher) write(s Segment) (entry, error) {
	if err := p.failure(); err != nil {
		return entry{}, err
	}
	hash := sha256.New()
	write := func(f file) error {
		for rest := s.Data; len(rest) > 0; {
			piece := rest[:min(len(rest), pieceBytes)]
			rest = rest[len(piece):]
			_, _ = hash.Write(piece) // never fails
			if _, err := f.Write(piece); err != nil {
				return err
			}
		}
		f.StartSync()
		return nil
	}
	e := entry{bytes: int64(len(s.Data)), seconds: s.DurationSeconds, anew: s.Discontinuity}
	err := p.replace(segmentName(s.Number), write, p.kept)
	hash.Sum(e.digest[:0])
	return e, err
}

// whole writes data in one go.
func whole(data []byte) func(file) error {
	return func(f file) error {
		_, err := f.Write(data)
		return err
	}
}

// replace gives name new content: never half of it, whenever one looks. With
// sync the content is on the disk before it has the name.
func (p *Publisher) replace(name string, write func(file) error, sync bool) error {
	temporary := p.path("." + name + ".part")
	if err := p.create(temporary, write, sync); err != nil {
		return fmt.Errorf("write %s: %w", name, noSpace(err))
	}
	if err := p.disk.rename(temporary, p.path(name)); err != nil {
		return fmt.Errorf("name %s: %w", name, noSpace(err))
	}
	return nil
}

func (p *Publisher) create(name string, write func(file) error, sync bool) error {
	f, err := p.disk.create(name)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil && sync {
		err = f.Sync()
	}
	return errors.Join(err, f.Close()) // some file systems tell of a full disk only now
}

// arrived takes note of a segment and has the lists written when it is its turn.
func (p *Publisher) arrived(number int, e entry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.written[number] = e
	for {
		one, ok := p.written[p.lists.count()]
		if !ok {
			break
		}
		delete(p.written, p.lists.count())
		p.lists.add(one)
	}
	if p.listing || p.lists.count() == len(p.listed.SegmentBytes) {
		return
	}
	// This goroutine writes the lists until nothing has come meanwhile.
	p.listing = true
	for p.err == nil && p.lists.count() > len(p.listed.SegmentBytes) {
		p.pause()
		if err := p.list(); err != nil && p.err == nil {
			p.err = err
		}
	}
	p.listing = false
}

// pause waits until lists may be written again. p.mu is held, but not meanwhile.
func (p *Publisher) pause() {
	p.mu.Unlock()
	defer p.mu.Lock()
	left := time.Until(p.last.Add(listInterval))
	if left <= 0 {
		return
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.ending:
	}
}

// list writes the lists as they stand: digests first, so that none comes late,
// and that what is kept is on the disk before the playlist tells of it.
// p.mu is held, but not while writing.
func (p *Publisher) list() error {
	now := p.lists // its slices only grow, so what it sees does not change
	p.mu.Unlock()
	err := p.replace(hashesName, whole(now.hashes()), p.kept)
	if err == nil && p.kept { // the names too, of segments and of the list
		err = p.disk.syncDir(p.dir)
	}
	if err == nil {
		err = p.replace(playlistName, whole(now.playlist(p.most, p.lead, false)), false)
	}
	p.mu.Lock()
	if err == nil {
		p.listed, p.last = now.manifest, time.Now()
	}
	return err
}

// seal waits until every segment is on the disk, makes the folder whole and says so.
func (p *Publisher) seal(ctx context.Context) error {
	if err := p.syncSegments(ctx); err != nil {
		return err
	}
	if err := p.replace(hashesName, whole(p.lists.hashes()), true); err != nil {
		return err
	}
	if err := p.syncFolders(); err != nil {
		return err
	}
	if err := p.replace(playlistName, whole(p.lists.playlist(p.most, p.lead, true)), true); err != nil {
		return err
	}
	return p.syncFolders()
}

// syncSegments finds most of them written by now. Several at once share the
// file system's commits.
func (p *Publisher) syncSegments(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxUnderWay)
	for number := range p.lists.count() {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := p.disk.syncFile(p.path(segmentName(number))); err != nil {
				return fmt.Errorf("sync segment %d: %w", number, noSpace(err))
			}
			return nil
		})
	}
	return group.Wait()
}

// syncFolders makes sure that the names are on the disk, and the folder's own.
func (p *Publisher) syncFolders() error {
	for _, dir := range []string{p.dir, filepath.Dir(p.dir)} {
		if err := p.disk.syncDir(dir); err != nil {
			return fmt.Errorf("sync the folder: %w", noSpace(err))
		}
	}
	return nil
}

// noSpace marks the errors of a full disk.
func noSpace(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	return err
}
