package intake

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode/packager"
)

func TestWhatNobodyWaitsForGivesWay(t *testing.T) {
	inBox(t, func(r *rig) {
		for _, n := range []string{"a", "b", "c"} {
			r.put("s", n+".mp4", content(spec{Name: n, Slow: 60}))
		}
		r.put("s", "wanted.mp4", content(spec{Name: "wanted", Slow: 1}))
		r.start()
		r.plug("s")
		r.settle(2 * time.Second) // two long probes have begun
		r.open("wanted", 1)
		r.settle(1500 * time.Millisecond)
		if s := r.title("wanted").State; s == library.Checking {
			t.Errorf("an opened film still waits; log:\n%s", r.log)
		}
		r.tools.mu.Lock()
		began := slices.Clone(r.tools.probed)
		r.tools.mu.Unlock()
		if !slices.Equal(began, []string{"a", "b", "wanted"}) && !slices.Equal(began, []string{"b", "a", "wanted"}) {
			t.Errorf("examined were %v", began)
		}
		r.open("wanted", 0)
		r.settle(4 * time.Minute)
		for _, n := range []string{"a", "b", "c"} {
			r.want(n, library.Ready)
		}
	})
}

func TestAFilmThatIsBeingExaminedIsNotBegunAnew(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("s", "a.mp4", content(spec{Name: "a", Slow: 20}))
		r.start()
		r.plug("s")
		r.settle(2 * time.Second)
		r.open("a", 1)
		r.settle(time.Minute)
		r.want("a", library.Ready)
		r.tools.mu.Lock()
		defer r.tools.mu.Unlock()
		if len(r.tools.probed) != 1 {
			t.Errorf("examined were %v", r.tools.probed)
		}
	})
}

func TestPicturesAreMadeOfWhatIsSeen(t *testing.T) {
	inBox(t, func(r *rig) {
		for i := range 9 {
			n := fmt.Sprint("film", i)
			r.put("s", n+".mp4", content(spec{Name: n, Slow: 10}))
		}
		r.start()
		r.plug("s")
		r.settle(time.Second) // two are being examined
		id := func(n string) string { return r.title(n).ID }
		r.in.Seen([]string{id("film7"), id("film8"), "aaaaaaaaaaaaaaaa"})
		r.settle(21 * time.Second)
		r.tools.mu.Lock()
		probed, pictures := slices.Clone(r.tools.probed), slices.Clone(r.tools.pictures)
		r.tools.mu.Unlock()
		if len(probed) < 4 || !slices.Contains(probed[2:4], "film7") || !slices.Contains(probed[2:4], "film8") {
			t.Errorf("seen films are not examined first: %v", probed)
		}
		if !slices.Contains(pictures, "film7") || !slices.Contains(pictures, "film8") || len(pictures) != 2 {
			t.Errorf("pictures of %v while others wait to be examined, want those of what is seen", pictures)
		}
		r.settle(5 * time.Minute)
		r.tools.mu.Lock()
		defer r.tools.mu.Unlock()
		if len(r.tools.pictures) != 9 {
			t.Errorf("in the end %d pictures of 9", len(r.tools.pictures))
		}
	})
}

func TestThePictureOfAnOpenedFilmIsMadeFirst(t *testing.T) {
	inBox(t, func(r *rig) {
		var late atomic.Bool
		late.Store(true)
		r.change = func(c *Config) { c.ViewersLate = late.Load }
		for i := range 5 {
			n := fmt.Sprint("film", i)
			r.put("s", n+".mp4", content(spec{Name: n}))
		}
		r.start()
		r.plug("s")
		r.settle(30 * time.Second)
		r.open("film3", 1)
		r.settle(15 * time.Second) // it is not hurried for ever
		late.Store(false)
		r.settle(time.Minute)
		r.tools.mu.Lock()
		defer r.tools.mu.Unlock()
		if len(r.tools.pictures) != 5 || r.tools.pictures[0] != "film3" {
			t.Errorf("pictures of %v, want film3 first", r.tools.pictures)
		}
	})
}

func TestNoPicturesWhileViewersAreLate(t *testing.T) {
	inBox(t, func(r *rig) {
		var late atomic.Bool
		late.Store(true)
		r.change = func(c *Config) { c.ViewersLate = late.Load }
		r.put("s", "a.mp4", content(spec{Name: "a"}))
		r.start()
		r.plug("s")
		r.settle(30 * time.Second)
		r.want("a", library.Ready)
		if n := len(r.tools.pictures); n != 0 {
			t.Errorf("%d pictures made while viewers' segments come late", n)
		}
		late.Store(false)
		r.settle(2 * time.Second)
		if n := len(r.tools.pictures); n != 1 {
			t.Errorf("%d pictures when they are in time again, want 1", n)
		}
	})
}

// An index that takes long, of a film that nobody has opened, is left for that of one
// that somebody has.
func TestIndexesGiveWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.change = func(c *Config) { c.Segments = packager.NewCache(1<<20, 1) }
		r.start()
		defer r.stop()
		w := &work{cancel: nil}
		var cause error
		w.cancel = func(err error) { cause = err }
		r.in.yield.givesWay(w, "mine")
		r.in.yield.hurry("mine", r.in.now())
		if cause != nil {
			t.Error("work for the very film is called off")
		}
		r.in.yield.hurry("other", r.in.now())
		if cause != nil {
			t.Error("work for a film that somebody waits for is called off for another one")
		}
		r.in.yield.answered("mine", true)
		r.in.yield.hurry("other", r.in.now())
		if cause == nil {
			t.Error("work that nobody waits for goes on")
		}
		cause = nil
		r.in.yield.over(w)
		r.in.yield.hurry("third", r.in.now())
		if cause != nil {
			t.Error("work that has ended is called off")
		}
	})
}

func TestReadsWaitForWhoWaitsForAFilm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var y yield
		passed := func(id string) (waited time.Duration) {
			began := time.Now()
			y.pass(t.Context(), id)
			return time.Since(began)
		}
		if passed("") != 0 {
			t.Error("a read waits though nobody waits for a film")
		}
		y.hurry("a", time.Now())
		if passed("a") != 0 {
			t.Error("the film that somebody waits for waits for itself")
		}
		if d := passed(""); d != heldFor {
			t.Errorf("a film that does not come holds a read back for %v, want %v", d, heldFor)
		}
		go func() {
			time.Sleep(time.Second) //nolint:forbidigo // the bubble's clock
			y.answer()
			y.answered("a", true)
		}()
		if d := passed(""); d != time.Second {
			t.Errorf("a read waits %v for a film that is seen after 1s", d)
		}
	})
}
