package usb

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// hangs makes a folder one whose looks end when the test does.
func (w *watched) hangs(dir string) {
	release := make(chan struct{})
	w.t.Cleanup(func() { close(release) })
	w.fakeDevices.mu.Lock()
	defer w.fakeDevices.mu.Unlock()
	w.hang[dir] = release
}

// toldAfter is how long after an event the first report came that is as wanted.
func (w *watched) toldAfter(event time.Time, wanted string) (time.Duration, bool) {
	all := w.all()
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, sticks := range all {
		if !w.told[i].Before(event) && ids(sticks) == wanted {
			return w.told[i].Sub(event), true
		}
	}
	return 0, false
}

// Whatever moment of a look it meets, and however long the other one has hung: a
// second where nothing but the look of each second sees it, and the time that a look
// waits where the kernel says so. The clock is the bubble's.
func TestAStickThatHangsMakesNoneLate(t *testing.T) {
	const step, span = 70 * time.Millisecond, 2200 * time.Millisecond
	for _, c := range []struct {
		name  string
		hung  time.Duration
		event bool
		limit time.Duration
	}{
		{"from now on, and no event comes", 0, false, lookEvery},
		{"for two seconds, and no event comes", 2 * time.Second, false, lookEvery},
		{"for half a minute, and no event comes", 30 * time.Second, false, lookEvery},
		{"from now on, with the kernel's events", 0, true, lookLimit},
		{"for two seconds, with the kernel's events", 2 * time.Second, true, lookLimit},
		{"for half a minute, with the kernel's events", 30 * time.Second, true, lookLimit},
	} {
		for offset := time.Duration(0); offset < span; offset += step {
			t.Run(fmt.Sprintf("one hangs %s, and %v", c.name, offset), func(t *testing.T) {
				run(t, func(w *watched) {
					t := w.t
					w.set("/media/a", sight{device: 1, inode: 1})
					pass(1500 * time.Millisecond)
					w.hangs("/media/a")
					pass(c.hung + offset)
					first := "a b"
					if ids(w.last()) == "" {
						first = "b" // the one that hangs has been let go
					}
					happens := func(change func(), wanted string) {
						t.Helper()
						now := time.Now()
						change()
						if c.event {
							w.wake()
						}
						pass(5 * time.Second)
						if after, ok := w.toldAfter(now, wanted); !ok || after > c.limit {
							t.Errorf("%q is told %v later (%v), at most %v are allowed: %v", wanted, after, ok, c.limit, w.all())
						}
					}
					happens(func() { w.set("/media/b", sight{device: 2, inode: 1}) }, first)
					if c.hung == 0 {
						return // it is let go meanwhile
					}
					pass(15*time.Second + offset)
					happens(func() { w.remove("/media/b") }, "")
				}, &Folders{Dirs: []string{"/media/a", "/media/b"}})
			})
		}
	}
}

// An answer that comes late is told when it comes, not when the next look is due.
func TestAnAnswerThatComesLateIsToldAtOnce(t *testing.T) {
	run(t, func(w *watched) {
		t := w.t
		pass(100 * time.Millisecond)
		release := make(chan struct{})
		w.fakeDevices.mu.Lock()
		w.hang["/media/a"] = release
		w.fakeDevices.mu.Unlock()
		w.set("/media/a", sight{device: 1, inode: 1})
		pass(1600 * time.Millisecond) // the look began at 1 s
		if got := ids(w.last()); got != "" {
			t.Fatalf("told before it answered: %q", got)
		}
		now := time.Now()
		close(release)
		synctest.Wait()
		if after, ok := w.toldAfter(now, "a"); !ok || after != 0 {
			t.Errorf("told %v later (%v)", after, ok)
		}
	}, &Folders{Dirs: []string{"/media/a"}})
}
