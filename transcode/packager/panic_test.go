package packager_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"streambox.local/transcode/packager"
)

// faulty is a film that makes its reader panic.
type faulty struct{}

func (faulty) ReadAt([]byte, int64) (int, error) { panic("a mistake") }

func TestAPanicIsAnErrorForAllWhoWait(t *testing.T) {
	film := (&synthetic{seconds: 30}).build()
	title := open(t, film, film.size(), packager.Choice{})
	synctest.Test(t, func(t *testing.T) {
		device := &stick{ReaderAt: faulty{}, wait: make(chan struct{})}
		cache := packager.NewCache(0, 1)
		source := packager.NewSource(title, cache, "film", device.open, nil)
		var viewers sync.WaitGroup
		for range 3 {
			viewers.Go(func() {
				if _, err := source.Segment(t.Context(), "seg00003.ts"); err == nil || !strings.Contains(err.Error(), "a mistake") {
					t.Errorf("got %v", err)
				}
			})
		}
		synctest.Wait()
		close(device.wait)
		viewers.Wait()
		if device.opened.Load() != 1 || device.closed.Load() != 1 {
			t.Errorf("opened %d times, closed %d times", device.opened.Load(), device.closed.Load())
		}
		device.ReaderAt = film // the place of the one that panicked is free again
		if len(read(t, source, "seg00003.ts")) == 0 {
			t.Error("nothing can be made any more")
		}
	})
}

// A lace whose last frame is what the others leave, which is nothing.
func TestLacesWithAnEmptyFrameAreDamaged(t *testing.T) {
	film := (&matroska{clusters: 9, lacing: 1, sound: 300, emptyFrames: true}).build()
	if _, err := packager.Open(t.Context(), film, film.size(), packager.Choice{}); !errors.Is(err, packager.ErrDamaged) {
		t.Errorf("got %v", err)
	}
}
