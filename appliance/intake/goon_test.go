package intake

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"streambox.local/appliance/library"
)

// The fake writes into each segment which run has made it, but for the first; a film of 40 s is ten.
const goesOn = `what was made is gone on with`

func film40(name string) []byte { return content(spec{Name: name, Codec: "mpeg4"}) }

// runs are the runs that the film's segments were made by.
func (r *rig) runs(name string, segments int) []string {
	r.t.Helper()
	var runs []string
	for n := range segments {
		data, err := r.segment(name, n)
		if err != nil {
			r.t.Fatalf("segment %d: %v", n, err)
		}
		_, run, again := strings.Cut(data, "run ")
		if !again {
			run = "1"
		}
		runs = append(runs, run)
	}
	return runs
}

func TestAConversionGoesOn(t *testing.T) {
	for name, come := range map[string]func(r *rig){
		"after its stick was pulled": func(r *rig) {
			r.pull("a")
			r.settle(3 * time.Second)
			rec, _ := r.lib.Record(r.want("film", library.Unplugged).ID) // pages are told half a second later
			if rec.Progress < 0.3 || rec.Progress > 0.5 {
				r.t.Errorf("progress %g", rec.Progress)
			}
			r.plug("a")
		},
		"after a restart":   func(r *rig) { r.restart() },
		"from another copy": func(r *rig) { r.pull("a"); r.put("b", "copy.avi", film40("film")); r.plug("b") },
		"after a power cut": func(r *rig) {
			r.stop()
			// As it was while the job ran: nothing had been told that it would end.
			if err := os.RemoveAll(filepath.Join(r.dir, "library")); err != nil {
				r.t.Fatal(err)
			}
			if err := os.Rename(filepath.Join(r.dir, "cut"), filepath.Join(r.dir, "library")); err != nil {
				r.t.Fatal(err)
			}
			r.start()
			r.in.SetSticks(r.sticks)
		},
		"after its tool was killed": func(*rig) {},
	} {
		t.Run(name, func(t *testing.T) {
			inBox(t, func(r *rig) {
				s := spec{Name: "film", Codec: "mpeg4"}
				if strings.Contains(name, "killed") {
					s.Fails = 1 // in its middle, at the sixth segment
				}
				r.put("a", "film.avi", content(s))
				r.start()
				r.plug("a")
				r.settle(4500 * time.Millisecond)
				before := r.want("film", library.Converting)
				if err := os.CopyFS(filepath.Join(r.dir, "cut"), os.DirFS(filepath.Join(r.dir, "library"))); err != nil {
					t.Fatal(err)
				}
				come(r)
				r.settle(30 * time.Second)
				after := r.want(r.titleOf(), library.Ready)
				if after.Playlist != before.Playlist {
					t.Errorf("%s: %s became %s", goesOn, before.Playlist, after.Playlist)
				}
				runs := r.runs(r.titleOf(), 10)
				if runs[0] != "1" || runs[2] != "1" || runs[9] == "1" || !slices.IsSorted(runs) {
					t.Errorf("%s: segments were made by runs %v", goesOn, runs)
				}
			})
		})
	}
}

// titleOf is the name of the only title.
func (r *rig) titleOf() string {
	r.t.Helper()
	for name := range r.titles() {
		return name
	}
	r.t.Fatalf("nothing is listed; log:\n%s", r.log)
	return ""
}

func TestABoxSwitchedOffAgainAndAgainFinishes(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("a", "film.avi", content(spec{Name: "film", Codec: "mpeg4", Seconds: 80}))
		r.start()
		r.plug("a")
		for range 4 { // lives, in each of which a quarter can be made at most
			r.settle(5500 * time.Millisecond)
			r.restart()
		}
		r.settle(3 * time.Second)
		r.want("film", library.Ready)
		if runs := slices.Compact(r.runs("film", 20)); len(runs) < 4 {
			r.t.Errorf("runs %v", runs)
		}
	})
}

func TestWhatIsNotGoneOnWith(t *testing.T) {
	for name, spoil := range map[string]func(dir string) error{
		"made by another plan or release": func(dir string) error {
			file := filepath.Join(filepath.Dir(dir), "title.json")
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			return os.WriteFile(file, []byte(strings.Replace(string(text), `"by":"`, `"by":"x`, 1)), 0o600)
		},
		"a segment is lost": func(dir string) error { return os.Remove(filepath.Join(dir, "seg00001.ts")) },
	} {
		t.Run(name, func(t *testing.T) {
			inBox(t, func(r *rig) {
				r.put("a", "film.avi", film40("film"))
				r.start()
				r.plug("a")
				r.settle(7 * time.Second)
				before := r.want("film", library.Converting)
				r.stop()
				dir := filepath.Join(r.dir, "library", strings.TrimPrefix(filepath.Dir(before.Playlist), "/stream/"))
				if err := spoil(dir); err != nil {
					t.Fatal(err)
				}
				r.start()
				r.in.SetSticks(r.sticks)
				r.settle(20 * time.Second)
				after := r.want("film", library.Ready)
				if after.Playlist == before.Playlist {
					t.Error("the same address serves other bytes")
				}
				if runs := slices.Compact(r.runs("film", 10)); len(runs) != 1 {
					t.Errorf("made by runs %v", runs)
				}
				if left := r.halfWritten(); len(left) > 0 {
					t.Errorf("left behind: %v", left)
				}
			})
		})
	}
}

func TestAFilmThatIsWaitedForGoesBetweenPieces(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("a", "1.avi", content(spec{Name: "1", Codec: "mpeg4", Seconds: 80, Piece: 5}))
		r.put("a", "2.avi", content(spec{Name: "2", Codec: "mpeg4", Seconds: 80, Piece: 5}))
		r.start()
		r.plug("a")
		r.settle(5 * time.Second)
		first, second := "1", "2"
		if r.title("2").State == library.Converting {
			first, second = second, first
		}
		r.open(second, 1)
		r.settle(time.Second)
		r.want(first, library.Converting) // to the end of its piece
		r.settle(5 * time.Second)
		if got := r.want(first, library.Queued); got.Progress != 0.5 { // two pieces
			r.t.Errorf("progress %g", got.Progress)
		}
		r.want(second, library.Converting)
		r.open(first, 1) // as many wait for it: nobody is kept waiting for a change
		r.settle(10 * time.Second)
		r.want(second, library.Converting)
		r.settle(35 * time.Second)
		r.want(first, library.Ready)
		r.want(second, library.Ready)
	})
}
