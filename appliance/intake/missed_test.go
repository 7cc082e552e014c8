package intake

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"streambox.local/appliance/library"
)

// looks counts how often the stick was looked at again for what a phone missed.
func (r *rig) looks() int { return strings.Count(r.log.String(), "Stick is looked at again") }

// Nobody presses a button, nobody asks for a rescan: who waits for the film is told.
func TestWhatAPhoneMissesIsLookedFor(t *testing.T) {
	films := realFilms(t, "h264-aac")
	for _, test := range []struct {
		name string
		put  func(*rig)
		lost string // of the stick
	}{
		{"a film", func(r *rig) { r.put("a", "film.mp4", films["h264-aac"]) }, "film.mp4"},
		{"a film's folder", func(r *rig) { r.put("a", "My films/film.mp4", films["h264-aac"]) }, "My films"},
		{"a ready-made folder", func(r *rig) { r.readyFolder("a", "film", true) }, "film"},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBox(t, func(r *rig) {
				t := r.t
				packing(r)
				test.put(r)
				title := r.plugged()
				if err := os.RemoveAll(filepath.Join(r.dir, "sticks", "a", test.lost)); err != nil {
					t.Fatal(err)
				}
				if _, err := r.segment("film", 0); err == nil {
					t.Fatal("a segment of a film that is not there")
				}
				r.settle(4 * time.Second)
				if left := r.titles(); len(left) != 0 {
					t.Errorf("still listed: %+v", left)
				}
				if _, err := r.lib.Source(title.ID, path.Base(path.Dir(title.Playlist))); !errors.Is(err, library.ErrUnknownTitle) && !errors.Is(err, library.ErrRenditionGone) {
					t.Errorf("whoever still asks for it is told: %v", err)
				}
			})
		})
	}
}

func TestAPulledStickIsNoDeletedFilm(t *testing.T) {
	films := realFilms(t, "h264-aac")
	inBox(t, func(r *rig) {
		t := r.t
		packing(r)
		r.put("a", "film.mp4", films["h264-aac"])
		r.plugged()
		r.yank("a")
		if _, err := r.segment("film", 0); err == nil {
			t.Fatal("a segment of a stick that is not there")
		}
		r.settle(missedAfter / 2)
		r.tellGone("a")
		r.settle(4 * time.Second)
		if got := r.want("film", library.Unplugged); got.Reason != nil && got.Reason.Code == CodeFileRemoved {
			t.Errorf("%+v", got.Reason)
		}
	})
}

// A stick that does not show what it has, whatever the reason, is not walked for every request.
func TestWhatIsMissedForLongIsLookedForNowAndThen(t *testing.T) {
	inBox(t, func(r *rig) {
		r.readyFolder("a", "film", true)
		r.plugged()
		source, err := r.source("film")
		if err != nil {
			r.t.Fatal(err)
		}
		if err = os.Remove(filepath.Join(r.dir, "sticks", "a", "film", "chunk_001.ts")); err != nil {
			r.t.Fatal(err)
		}
		for range int(missedEvery/time.Second) - 1 {
			if _, err = source.Segment(r.t.Context(), segmentFile(1)); err == nil {
				r.t.Fatal("a segment that is not there")
			}
			r.settle(time.Second)
		}
		if n := r.looks(); n != 1 {
			r.t.Errorf("looked %d times in a moment", n)
		}
		r.settle(missedEvery)
		if _, err = source.Segment(r.t.Context(), segmentFile(1)); err == nil || r.looks() != 2 {
			r.t.Errorf("looked %d times after a while, %v", r.looks(), err)
		}
	})
}
