package intake

import (
	"testing"
	"time"

	"streambox.local/appliance/library"
)

func TestEmptyFilesAreNoCopiesOfEachOther(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("a", "Empty.mp4", nil)
		r.put("a", "Zero.mkv", nil)
		r.put("b", "Zero.mkv", nil)
		r.start()
		r.plug("a")
		r.settle(time.Minute)
		empty, zero := r.want("Empty", library.Unplayable), r.want("Zero", library.Unplayable)
		if len(empty.Sources) != 1 || len(zero.Sources) != 1 {
			t.Errorf("they lie in %v and %v", empty.Sources, zero.Sources)
		}
		r.plug("b")
		r.settle(time.Minute)
		if n := len(r.titles()); n != 2 { // by name; two of the three have the same
			t.Errorf("%d names", n)
		}
		if n := r.lib.Titles(library.Query{}).Total; n != 3 {
			t.Errorf("%d titles of 3 empty files", n)
		}

		r.restart()
		r.settle(time.Minute)
		if again := r.want("Empty", library.Unplayable); again.ID != empty.ID {
			t.Errorf("%s is %s after a restart", empty.ID, again.ID)
		}

		r.put("a", "Zero.mkv", content(spec{Name: "film"}))
		if err := r.in.Rescan(); err != nil {
			t.Fatal(err)
		}
		r.pull("b")
		r.settle(time.Minute)
		r.want("Zero", library.Ready)
		r.want("Empty", library.Unplayable)
	})
}
