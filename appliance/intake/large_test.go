package intake

import (
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"streambox.local/appliance/library"
)

// A stick with 10,000 files: all listed, found again without reading them, and
// the sentence above the limit. Figures go to the log; nothing is timed.
func TestAStickOfTenThousandFilms(t *testing.T) {
	if testing.Short() {
		t.Skip("not run here: writes 10,000 files (-short)")
	}
	inBox(t, func(r *rig) {
		t := r.t
		const count = 10000
		for i := range count {
			r.put("s", fmt.Sprintf("shelf %d/film %d.mp4", i%40, i), []byte(fmt.Sprint("film ", i)))
		}
		db, _, err := library.OpenStateDB(filepath.Join(r.dir, "state.db"), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		r.change = func(c *Config) { c.Memory, c.Tools = db, nil } // the disk of a busy machine is slow enough without 10,000 title.json
		r.start()
		used := stopwatch()
		r.plug("s")
		r.settle(5 * time.Second)
		if n := r.lib.Titles(library.Query{}).Total; n != count {
			t.Fatalf("%d titles", n)
		}
		t.Logf("first scan, identities read: %v of processor time", used())
		if s := r.stick("s"); s.Titles != count || s.State != library.StickReady {
			t.Errorf("%+v", s)
		}
		used()
		r.pull("s")
		r.settle(5 * time.Second)
		t.Logf("pulled: %v of processor time", used())
		opened := r.countOpened()
		r.restart()
		used()
		r.plug("s")
		r.settle(5 * time.Second)
		t.Logf("known stick listed again: %v of processor time", used())
		if n := r.lib.Titles(library.Query{}).Total; n != count {
			t.Errorf("%d titles", n)
		}
		if n := opened(); n != 0 {
			t.Errorf("%d films of a known stick were read", n)
		}
	})
}

// stopwatch measures real time from inside a bubble: the processor's, which a
// bubble does not bend. Each call starts it anew.
func stopwatch() func() time.Duration {
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			return 0
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	last := used()
	return func() time.Duration {
		now := used()
		d := now - last
		last = now
		return d
	}
}

// countOpened counts all files opened from now on.
func (r *rig) countOpened() func() int {
	r.openMu.Lock()
	defer r.openMu.Unlock()
	r.opened = map[string]int{}
	return func() int {
		r.openMu.Lock()
		defer r.openMu.Unlock()
		return len(r.opened)
	}
}
