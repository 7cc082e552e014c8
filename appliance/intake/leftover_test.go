package intake

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"streambox.local/appliance/library"
)

// A full disk stops a conversion at the last whole segment, and it goes on from there.
func TestAConversionOnAFullDiskGoesOnWhenThereIsRoom(t *testing.T) {
	for name, fill := range map[string]spec{
		"the disk itself says so": {Name: "film", Codec: "mpeg4", NoSpace: true, Fails: 1},
		"it comes to the reserve": {Name: "film", Codec: "mpeg4"},
	} {
		t.Run(name, func(t *testing.T) {
			inBox(t, func(r *rig) {
				r.put("s", "film.avi", content(fill))
				r.start()
				r.plug("s")
				r.settle(5500 * time.Millisecond)
				before := r.want("film", library.Converting)
				if !fill.NoSpace {
					r.setFree(500) // somebody else fills it
				}
				r.settle(3 * time.Second)
				held := r.want("film", library.Blocked)
				if held.Reason == nil || held.Reason.Code != CodeNoRoom || held.Progress < 0.3 {
					t.Errorf("it says %+v, and is at %g", held.Reason, held.Progress)
				}
				if !held.Playable || held.Playlist != before.Playlist {
					t.Errorf("what is there of it cannot be played any more: %s, %s", held.Playlist, before.Playlist)
				}
				r.settle(time.Minute)
				r.want("film", library.Blocked)
				r.setFree(1 << 41)
				r.settle(30 * time.Second)
				if after := r.want("film", library.Ready); after.Playlist != before.Playlist {
					t.Errorf("it was begun anew: %s became %s", before.Playlist, after.Playlist)
				}
				if runs := r.runs("film", 10); runs[0] != "1" || runs[9] == "1" {
					t.Errorf("segments were made by runs %v", runs)
				}
			})
		})
	}
}

// What was begun of a film that cannot go on makes room for one that a phone waits for.
func TestABegunConversionMakesRoomForAFilmThatIsWaitedFor(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("s", "1 begun.avi", content(spec{Name: strings.Repeat("begun", 100), Codec: "mpeg4", Seconds: 80}))
		r.start()
		r.plug("s")
		r.settle(8 * time.Second)
		r.want("1 begun", library.Converting)
		r.setFree(500)
		r.settle(3 * time.Second)
		r.want("1 begun", library.Blocked)
		r.put("s", "2 waited for.mp4", content(spec{Name: "w", Seconds: 4}))
		if err := r.in.Rescan(); err != nil && !errors.Is(err, ErrTooSoon) {
			t.Fatal(err)
		}
		r.settle(5 * time.Second)
		r.want("2 waited for", library.Blocked)
		r.setFree(5000) // a little is wanting, less than the begun film has
		r.open("2 waited for", 1)
		r.settle(20 * time.Second)
		r.want("2 waited for", library.Ready)
		rec, _ := r.lib.Record(r.title("1 begun").ID)
		if len(rec.Renditions) != 0 {
			t.Errorf("the begun film still has %+v", rec.Renditions)
		}
		r.setFree(1 << 40)
		r.settle(time.Minute)
		r.want("1 begun", library.Ready)
	})
}

// Somebody deletes the file, or moves the film to another stick: it is listed no
// longer, and what was made of it is gone on with where the film is found again.
func TestBegunWorkOutlivesItsFile(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("s", "film.avi", film40("moved"))
		r.start()
		r.plug("s")
		r.settle(7 * time.Second)
		before := r.want("film", library.Converting)
		r.remove("film.avi")
		if err := r.in.Rescan(); err != nil {
			t.Fatal(err)
		}
		r.settle(5 * time.Second)
		if len(r.titles()) != 0 {
			t.Errorf("a film that was deleted is still listed: %+v", r.titles())
		}
		if _, known := r.lib.Record(before.ID); !known {
			t.Error("what was begun is forgotten")
		}
		r.put("b", "copy.avi", film40("moved"))
		r.plug("b")
		r.settle(30 * time.Second)
		after := r.want("copy", library.Ready)
		if runs := slices.Compact(r.runs("copy", 10)); after.Playlist != before.Playlist || len(runs) != 2 {
			t.Errorf("it was begun anew: %s became %s, made by runs %v", before.Playlist, after.Playlist, runs)
		}
	})
}
