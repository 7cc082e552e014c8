package intake

import (
	"strings"
	"testing"
	"time"
)

func TestALookThatFindsNothingNewIsNoNews(t *testing.T) {
	inBox(t, func(r *rig) {
		scans := func() int { return strings.Count(r.log.String(), "Stick scanned") }
		more := func(what string, want int, do func()) {
			t.Helper()
			before := scans()
			do()
			if got := scans() - before; got != want {
				t.Errorf("%s: %d lines, want %d; log:\n%s", what, got, want, r.log)
			}
		}
		r.put("a", "film.mp4", content(spec{Name: "film"}))
		r.start()
		more("a plug", 1, func() {
			r.plug("a")
			r.settle(time.Minute)
		})
		more("a rescan that finds nothing", 1, func() {
			if err := r.in.Rescan(); err != nil {
				t.Fatal(err)
			}
			r.settle(time.Minute)
		})
		text := content(spec{Name: "copied", Padding: 100})
		grow := func(n int) {
			r.put("a", "copied.mp4", text[:n])
			r.touch("a", "copied.mp4", time.Now())
		}
		more("a rescan that finds a file being copied", 1, func() {
			grow(10)
			if err := r.in.Rescan(); err != nil {
				t.Fatal(err)
			}
			r.settle(time.Second)
		})
		walks := func() int {
			r.openMu.Lock()
			defer r.openMu.Unlock()
			return r.walked
		}
		walked := walks()
		more("a minute of copying", 0, func() {
			for n := range 20 {
				grow(11 + n)
				r.settle(3 * time.Second)
			}
		})
		if walks() == walked {
			t.Error("nobody looked at it again")
		}
		more("its end", 1, func() {
			grow(len(text))
			r.settle(time.Minute)
		})
		r.title("copied")
	})
}
