package packager_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"streambox.local/transcode/packager"
)

// stick is a file that can be opened, while it is plugged.
type stick struct {
	io.ReaderAt
	opened, closed atomic.Int32
	gone           atomic.Bool
	wait           chan struct{} // reads wait for it, unless nil
}

var errGone = errors.New("the stick is gone")

func (s *stick) open(context.Context) (packager.Input, error) {
	if s.gone.Load() {
		return nil, errGone
	}
	s.opened.Add(1)
	return s, nil
}

func (s *stick) ReadAt(p []byte, at int64) (int, error) {
	if s.wait != nil {
		<-s.wait
	}
	return s.ReaderAt.ReadAt(p, at)
}

func (s *stick) Close() error {
	s.closed.Add(1)
	return nil
}

func read(t *testing.T, s *packager.Source, name string) []byte {
	t.Helper()
	r, err := s.Segment(t.Context(), name)
	if err != nil {
		t.Error(err)
		return nil
	}
	data, err := io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil {
		t.Error(err)
	}
	return data
}

func TestThirtyViewersOfASegmentCostOneRead(t *testing.T) {
	film := (&synthetic{seconds: 30}).build()
	title := open(t, film, film.size(), packager.Choice{})
	want := segments(t, title, film)
	synctest.Test(t, func(t *testing.T) {
		device := &stick{ReaderAt: film, wait: make(chan struct{})}
		source := packager.NewSource(title, packager.NewCache(0, 0), "film", device.open, nil)
		var viewers sync.WaitGroup
		for range 30 {
			viewers.Go(func() {
				if !bytes.Equal(read(t, source, "seg00003.ts"), want[3]) {
					t.Error("another segment")
				}
			})
		}
		synctest.Wait()
		close(device.wait)
		viewers.Wait()
		if device.opened.Load() != 1 || device.closed.Load() != 1 {
			t.Errorf("opened %d times, closed %d times", device.opened.Load(), device.closed.Load())
		}
	})
}

func TestAnotherMakesTheSegmentWhenItsMakerLeaves(t *testing.T) {
	film := (&synthetic{seconds: 30}).build()
	title := open(t, film, film.size(), packager.Choice{})
	synctest.Test(t, func(t *testing.T) {
		device := &stick{ReaderAt: film, wait: make(chan struct{})}
		source := packager.NewSource(title, packager.NewCache(0, 0), "film", device.open, nil)
		ctx, leave := context.WithCancel(t.Context())
		var viewers sync.WaitGroup
		viewers.Go(func() {
			if _, err := source.Segment(ctx, "seg00001.ts"); !errors.Is(err, context.Canceled) {
				t.Errorf("who left got %v", err)
			}
		})
		synctest.Wait()
		for range 3 {
			viewers.Go(func() { read(t, source, "seg00001.ts") })
		}
		impatient, giveUp := context.WithCancel(t.Context())
		viewers.Go(func() {
			if _, err := source.Segment(impatient, "seg00001.ts"); !errors.Is(err, context.Canceled) {
				t.Errorf("who gave up got %v", err)
			}
		})
		synctest.Wait()
		giveUp()
		leave()
		close(device.wait)
		viewers.Wait()
		if device.opened.Load() != 2 {
			t.Errorf("opened %d times", device.opened.Load())
		}
	})
}

func TestOnlyAFewSegmentsAreMadeAtOnce(t *testing.T) {
	film := (&synthetic{seconds: 30}).build()
	title := open(t, film, film.size(), packager.Choice{})
	synctest.Test(t, func(t *testing.T) {
		device := &stick{ReaderAt: film, wait: make(chan struct{})}
		source := packager.NewSource(title, packager.NewCache(0, 2), "film", device.open, nil)
		var viewers sync.WaitGroup
		for n := range title.Segments() {
			viewers.Go(func() { read(t, source, packager.SegmentName(n)) })
		}
		synctest.Wait()
		if device.opened.Load() != 2 {
			t.Errorf("%d are made at once", device.opened.Load())
		}
		close(device.wait)
		viewers.Wait()
	})
}

func TestTheCacheKeepsWhatWasUsedLast(t *testing.T) {
	film := (&synthetic{seconds: 30}).build()
	title := open(t, film, film.size(), packager.Choice{})
	device := &stick{ReaderAt: film}
	one := int64(len(segments(t, title, film)[1]))
	cache := packager.NewCache(3*one+one/2, 0)
	source := packager.NewSource(title, cache, "film", device.open, nil)
	made := func() int32 { return device.opened.Swap(0) }
	for _, name := range []string{"seg00001.ts", "seg00002.ts", "seg00003.ts", "seg00001.ts", "seg00004.ts"} {
		read(t, source, name)
	}
	if n := made(); n != 4 {
		t.Errorf("%d were made", n)
	}
	for _, name := range []string{"seg00001.ts", "seg00003.ts", "seg00004.ts"} {
		read(t, source, name)
	}
	if n := made(); n != 0 {
		t.Errorf("%d were made again", n)
	}
	device.gone.Store(true)
	read(t, source, "seg00001.ts") // what is in memory needs no stick
	if _, err := source.Segment(t.Context(), "seg00002.ts"); !errors.Is(err, errGone) {
		t.Error(err)
	}
	cache.Forget("film")
	if _, err := source.Segment(t.Context(), "seg00001.ts"); !errors.Is(err, errGone) {
		t.Error(err)
	}
	device.gone.Store(false)
	read(t, source, "seg00001.ts") // an error is not remembered
	tiny := packager.NewSource(title, packager.NewCache(100, 0), "film", device.open, nil)
	read(t, tiny, "seg00001.ts")
}

func TestADigestIsKnownFromTheFirstUseOn(t *testing.T) {
	film := (&synthetic{seconds: 30}).build()
	title := open(t, film, film.size(), packager.Choice{})
	source := packager.NewSource(title, packager.NewCache(0, 0), "film", (&stick{ReaderAt: film}).open, nil)
	if sum, size, err := source.Digest(t.Context(), "seg00002.ts"); sum != nil || size != 0 || err != nil {
		t.Errorf("before: %x, %d, %v", sum, size, err)
	}
	data := read(t, source, "seg00002.ts")
	want := sha256.Sum256(data)
	for range 2 {
		sum, size, err := source.Digest(t.Context(), "seg00002.ts")
		if err != nil || !bytes.Equal(sum, want[:]) || size != int64(len(data)) {
			t.Errorf("%x, %d, %v", sum, size, err)
		}
		sum[0]++ // a caller's copy is the caller's
	}
	if _, _, err := source.Digest(t.Context(), "seg00008.ts"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, err := source.Segment(t.Context(), "seg00008.ts"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	playlist, err := source.Playlist(t.Context())
	if err != nil || !bytes.Equal(playlist, title.Playlist()) {
		t.Error(err)
	}
}
