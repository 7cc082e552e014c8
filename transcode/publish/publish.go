package publish

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

var (
	// ErrNoSpace is a full disk.
	ErrNoSpace = errors.New("the disk is full")
	// ErrNothing is what Finish says when no segment was added.
	ErrNothing = errors.New("there is no segment")
)

const (
	maxUnderWay      = 4        // segments
	maxBytesUnderWay = 32 << 20 // at least two segments of the largest size
	listInterval     = 250 * time.Millisecond
	defaultMost      = 20 // seconds
)

// Segment is one finished HLS media file.
type Segment struct {
	Number          int    // from 0, without gaps
	Data            []byte // must not be changed after Add, until Release
	DurationSeconds float64
	Release         func() // may be nil; called once, on any goroutine, when Data is not needed any more
	// Discontinuity: another encoder has made it than the one before it. Players
	// are told to begin anew with it.
	Discontinuity bool
}

// Manifest is what a finished rendition consists of.
type Manifest struct {
	SegmentBytes    []int64
	TotalBytes      int64
	DurationSeconds float64
}

// Publisher owns one rendition folder while it is written. Add, Finish and
// Discard are called by one goroutine; Manifest and Suspend by any. Whoever has created one
// must end it by Finish, Discard or Suspend, which wait for what is still under way.
type Publisher struct {
	dir    string
	disk   disk
	most   float64
	lead   float64
	kept   bool // see Keep
	next   int  // number of the segment that Add expects
	bytes  *semaphore.Weighted
	slots  *semaphore.Weighted
	work   sync.WaitGroup
	ending chan struct{} // closed when no more is to come: lists need not wait
	end    sync.Once

	mu        sync.Mutex
	err       error         // the first one; all work stops
	suspended bool          // nothing is taken any more; what is under way is published
	written   map[int]entry // renamed, but one before them is not
	lists     lists         // what is renamed, in order
	listed    Manifest      // what the files tell
	listing   bool          // a goroutine writes the lists until they are true
	last      time.Time     // when they were written
}

// Create makes dir, which must not exist, in a folder that must, and readies a
// publisher for it.
func Create(dir string) (*Publisher, error) { return create(dir, osDisk{}) }

func create(dir string, d disk) (*Publisher, error) {
	if err := d.mkdir(dir); err != nil {
		return nil, fmt.Errorf("make the rendition's folder: %w", noSpace(err))
	}
	return publisherOf(dir, d), nil
}

func publisherOf(dir string, d disk) *Publisher {
	return &Publisher{
		dir:     dir,
		disk:    d,
		most:    defaultMost,
		bytes:   semaphore.NewWeighted(maxBytesUnderWay),
		slots:   semaphore.NewWeighted(maxUnderWay),
		ending:  make(chan struct{}),
		written: map[int]entry{},
	}
}

// Announce says, before the first Add, the longest duration that a segment can
// have. It becomes TARGETDURATION, and so the pause after which players ask a
// growing playlist anew. Without it: 20 s.
func (p *Publisher) Announce(mostSeconds float64) { p.most = mostSeconds }

// Begin says, before the first Add, how many seconds of the first segment are
// only there to be decoded: players are told to begin behind them, exactly. HLS
// cannot hide them. Without it players begin with the first picture.
func (p *Publisher) Begin(leadSeconds float64) { p.lead = leadSeconds }

// Keep says, before the first Add, that Reopen is to find what was published, also
// after a power cut: whatever is listed is on the disk before anybody can see it.
func (p *Publisher) Keep() { p.kept = true }

// Next is the number of the segment that Add expects.
func (p *Publisher) Next() int { return p.next }

// Add publishes a segment. It returns when the segment is under way, which may
// be before it is listed; it waits, as long as ctx allows, while too much is
// under way. An error, which may be that of an earlier segment, is final: then
// the publisher can only be discarded, and Release may not have been called.
func (p *Publisher) Add(ctx context.Context, s Segment) error {
	if err := p.failure(); err != nil {
		return err
	}
	if s.Number != p.next {
		return p.fail(fmt.Errorf("publish segment %d: segment %d was expected", s.Number, p.next))
	}
	if !(s.DurationSeconds > 0) || math.IsInf(s.DurationSeconds, 1) || len(s.Data) == 0 {
		return p.fail(fmt.Errorf("publish segment %d: %d bytes, %g s", s.Number, len(s.Data), s.DurationSeconds))
	}
	weight := int64(min(len(s.Data), maxBytesUnderWay))
	if err := p.slots.Acquire(ctx, 1); err != nil {
		return fmt.Errorf("publish segment %d: %w", s.Number, err)
	}
	if err := p.bytes.Acquire(ctx, weight); err != nil {
		p.slots.Release(1)
		return fmt.Errorf("publish segment %d: %w", s.Number, err)
	}
	p.mu.Lock()
	if p.suspended { // by now
		p.mu.Unlock()
		p.bytes.Release(weight)
		p.slots.Release(1)
		return errSuspended
	}
	p.next++
	p.work.Add(1)
	p.mu.Unlock()
	go func() {
		defer p.work.Done()
		e, err := p.write(s)
		if s.Release != nil {
			s.Release()
		}
		s.Data = nil // not kept while this goroutine writes the lists
		p.bytes.Release(weight)
		p.slots.Release(1)
		if err != nil {
			_ = p.fail(fmt.Errorf("publish segment %d: %w", s.Number, err))
			return
		}
		p.arrived(s.Number, e)
	}()
	return p.failure()
}

// Manifest tells what the playlist lists by now; safe beside Add.
func (p *Publisher) Manifest() Manifest {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.listed
	m.SegmentBytes = slices.Clip(m.SegmentBytes) // whoever appends to it gets his own
	return m
}

// Finish waits for all segments, writes ENDLIST and returns when every file and
// the folder are on the disk. When it fails, the folder is not finished and is to
// be discarded; when ctx ends first, it can be suspended as well.
func (p *Publisher) Finish(ctx context.Context) (Manifest, error) {
	if err := p.wait(ctx); err != nil {
		return Manifest{}, fmt.Errorf("finish the rendition: %w", err)
	}
	if err := p.failure(); err != nil {
		return Manifest{}, err
	}
	if p.next == 0 {
		return Manifest{}, p.fail(fmt.Errorf("finish the rendition: %w", ErrNothing))
	}
	if err := p.seal(ctx); err != nil {
		if ended := ctx.Err(); ended != nil && errors.Is(err, ended) { // nothing is wrong with what is published
			return Manifest{}, fmt.Errorf("finish the rendition: %w", err)
		}
		return Manifest{}, p.fail(fmt.Errorf("finish the rendition: %w", err))
	}
	return p.Manifest(), nil
}

// Discard removes the folder and all in it, finished or not, after what is
// under way has ended.
func (p *Publisher) Discard() error {
	_ = p.fail(errDiscarded)
	_ = p.wait(context.Background()) // bounded: at most maxUnderWay segments are being written
	if err := os.RemoveAll(p.dir); err != nil {
		return fmt.Errorf("discard the rendition: %w", err)
	}
	return nil
}

var errDiscarded = errors.New("the rendition was discarded")

// wait returns when all goroutines are gone, or when ctx ends.
func (p *Publisher) wait(ctx context.Context) error {
	p.end.Do(func() { close(p.ending) })
	done := make(chan struct{})
	go func() {
		p.work.Wait()
		close(done)
	}()
	select {
	case <-done:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fail keeps the first error and returns it.
func (p *Publisher) fail(err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = err
	}
	return p.err
}

func (p *Publisher) failure() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

func (p *Publisher) path(name string) string { return filepath.Join(p.dir, name) }
