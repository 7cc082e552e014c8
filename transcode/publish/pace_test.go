package publish

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// quiet is a disk that keeps nothing: for tests of what is written when.
type quiet struct {
	mu    sync.Mutex
	names []string // of what was renamed to, in order
	delay func(name string) time.Duration
}

func (q *quiet) mkdir(string) error { return nil }
func (q *quiet) create(name string) (file, error) {
	return &quietFile{q: q, name: name}, nil
}

func (q *quiet) rename(_, to string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.names = append(q.names, filepath.Base(to))
	return nil
}
func (q *quiet) syncFile(string) error { return nil }
func (q *quiet) syncDir(string) error  { return nil }

func (q *quiet) count(name string) (n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, one := range q.names {
		if one == name {
			n++
		}
	}
	return n
}

type quietFile struct {
	q    *quiet
	name string
}

func (f *quietFile) Close() error { return nil }
func (f *quietFile) Sync() error  { return nil }
func (f *quietFile) StartSync()   {}
func (f *quietFile) Write(p []byte) (int, error) {
	if f.q.delay != nil {
		time.Sleep(f.q.delay(f.name)) //nolint:forbidigo // the bubble's clock: a slow disk
	}
	return len(p), nil
}

func TestListsAreWrittenAtOnceAndThenNotTooOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &quiet{}
		p, err := create("x", d)
		must(t, err)
		add := func(i int) {
			must(t, p.Add(t.Context(), Segment{Number: i, Data: []byte("x"), DurationSeconds: 4}))
			synctest.Wait()
		}
		add(0)
		if n := d.count(playlistName); n != 1 {
			t.Errorf("after the first segment the playlist was written %d times", n)
		}
		for i := range 200 { // 5 ms each: one second
			<-time.After(5 * time.Millisecond)
			add(i + 1)
		}
		if n := d.count(playlistName); n < 4 || n > 6 {
			t.Errorf("within a second the playlist was written %d times", n)
		}
		<-time.After(listInterval)
		synctest.Wait()
		if n := len(p.Manifest().SegmentBytes); n != 201 {
			t.Errorf("when no more came, %d of 201 were listed", n)
		}
		_, err = p.Finish(t.Context())
		must(t, err)
	})
}

func TestSegmentsAreListedInOrderThoughLaterOnesAreFaster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &quiet{delay: func(name string) time.Duration {
			if strings.Contains(name, "seg00000") {
				return time.Second
			}
			return 0
		}}
		p, err := create("x", d)
		must(t, err)
		for i := range 3 {
			must(t, p.Add(t.Context(), Segment{Number: i, Data: []byte("x"), DurationSeconds: 4}))
		}
		synctest.Wait()
		if d.count(segmentName(2)) != 1 || d.count(playlistName) != 0 || len(p.Manifest().SegmentBytes) != 0 {
			t.Errorf("before the first is written: %v", d.names)
		}
		<-time.After(time.Second)
		synctest.Wait()
		if n := len(p.Manifest().SegmentBytes); n != 3 || d.count(playlistName) != 1 {
			t.Errorf("%d are listed, %v", n, d.names)
		}
		must(t, p.Add(t.Context(), Segment{Number: 3, Data: []byte("x"), DurationSeconds: 4}))
		synctest.Wait()
		now := time.Now()
		_, err = p.Finish(t.Context())
		must(t, err)
		if time.Since(now) != 0 {
			t.Error("Finish waited for the next time to write the lists")
		}
	})
}

func TestAddWaitsWhileTooMuchIsUnderWay(t *testing.T) {
	for name, c := range map[string]struct{ size, room int }{
		"too many segments":                         {1, maxUnderWay},
		"too many bytes":                            {maxBytesUnderWay / 2, 2},
		"one larger than all that may be under way": {maxBytesUnderWay + 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, err := create("x", &quiet{delay: func(string) time.Duration { return time.Minute }})
				must(t, err)
				data := make([]byte, c.size)
				for i := range c.room {
					must(t, p.Add(t.Context(), Segment{Number: i, Data: data, DurationSeconds: 4}))
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				err = p.Add(ctx, Segment{Number: c.room, Data: data, DurationSeconds: 4})
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("one more: %v", err)
				}
				if _, err = p.Finish(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("finish: %v", err)
				}
				must(t, p.Discard())
			})
		})
	}
}
