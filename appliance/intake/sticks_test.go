package intake

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/appliance/usb"
)

func TestTheSameFilmOnTwoSticksIsOneTitle(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.put("a", "film.avi", content(spec{Name: "film", Codec: "mpeg4"}))
		r.put("b", "copies/the film.avi", content(spec{Name: "film", Codec: "mpeg4"}))
		r.start()
		r.plug("a")
		r.settle(time.Second)
		r.plug("b")
		r.settle(4 * time.Second)
		got := r.want("film", library.Converting)
		if len(r.titles()) != 1 || len(got.Sources) != 2 {
			t.Fatalf("%d titles, sources %+v", len(r.titles()), got.Sources)
		}
		r.pull("a") // the job reads from a: it begins again from b
		r.settle(2 * time.Second)
		got = r.want("film", library.Converting)
		if len(got.Sources) != 1 || got.Sources[0].Stick != "b" {
			t.Errorf("sources %+v", got.Sources)
		}
		r.settle(20 * time.Second)
		r.want("film", library.Ready)
		if jobs := r.jobs(); len(jobs) != 2 {
			t.Errorf("jobs %v", jobs)
		}
		r.plug("a")
		r.settle(2 * time.Second)
		if got = r.want("film", library.Ready); len(got.Sources) != 2 {
			t.Errorf("sources %+v", got.Sources)
		}
		r.pull("b")
		r.settle(time.Second)
		r.want("film", library.Ready)
		r.pull("a")
		r.settle(time.Second)
		if got = r.want("film", library.Unplugged); !got.Playable {
			t.Error("finished work does not survive the stick")
		}
		r.plug("a")
		r.settle(time.Second)
		r.want("film", library.Ready)
		if len(r.jobs()) != 2 {
			t.Errorf("converted again: %v", r.jobs())
		}
	})
}

func TestAStickPulledInMidConversion(t *testing.T) {
	for _, noticed := range []bool{true, false} {
		t.Run(fmt.Sprint("noticed before ffmpeg fails: ", noticed), func(t *testing.T) {
			inBox(t, func(r *rig) {
				t := r.t
				r.put("a", "film.avi", content(spec{Name: "film", Codec: "mpeg4"}))
				r.put("b", "other.avi", content(spec{Name: "other", Codec: "mpeg4"}))
				r.start()
				r.plug("a")
				r.plug("b")
				r.settle(4 * time.Second)
				running, waits := "film", "other"
				stick := "a"
				if r.titles()["other"].State == library.Converting {
					running, waits, stick = "other", "film", "b"
				}
				r.want(waits, library.Queued)
				r.yank(stick)
				if !noticed {
					r.settle(1500 * time.Millisecond)
					if got := r.title(running); got.State == library.Unplayable {
						t.Errorf("condemned for being pulled: %+v", got.Reason)
					}
				}
				r.tellGone(stick)
				r.settle(500 * time.Millisecond)
				if got := r.want(running, library.Unplugged); !got.Playable || got.Progress < 0.1 || got.Progress > 0.6 || got.SecondsLeft != 0 {
					t.Errorf("what there is of it is not known: %+v", got)
				}
				r.settle(20 * time.Second)
				r.want(waits, library.Ready) // the others go on
				if left := r.halfWritten(); len(left) > 0 {
					t.Errorf("left behind: %v", left)
				}
				r.plug(stick)
				r.settle(20 * time.Second)
				r.want(running, library.Ready)
			})
		})
	}
}

func TestAStickThatEndsAFilmEarlyIsNotBelieved(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.put("a", "film.mp4", content(spec{Name: "film", Cut: true}))
		r.start()
		r.tools.onDo = func(spec) {}
		r.plug("a")
		r.settle(5500 * time.Millisecond)
		r.yank("a") // just before the tool sees the end of what there is
		r.settle(3 * time.Second)
		if got := r.title("film"); got.State == library.Ready {
			t.Error("half a film is called ready")
		}
		r.tellGone("a")
		r.settle(time.Second)
		if left := r.halfWritten(); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

// A stick may go at every moment. Whatever the moment: nothing half-written
// stays, what was finished does, and putting it back ends with the same titles.
func TestPullingAtEveryStage(t *testing.T) {
	for step := range 30 {
		at := time.Duration(step) * 730 * time.Millisecond
		t.Run(at.String(), func(t *testing.T) {
			inBox(t, func(r *rig) {
				t := r.t
				fill := func(stick string) {
					r.put(stick, "1.mp4", content(spec{Name: "1", Slow: 1, Seconds: 8}))
					r.put(stick, "2.avi", content(spec{Name: "2", Slow: 2, Codec: "mpeg4", Seconds: 12}))
					r.put(stick, "3.avi", content(spec{Name: "3", Slow: 3, Codec: "mpeg4", Seconds: 12}))
					r.readyFolder(stick, "ready", true)
				}
				fill("a")
				r.put("b", "4.mp4", content(spec{Name: "4", Seconds: 8}))
				r.start()
				r.plug("a")
				r.plug("b")
				r.settle(at)
				r.pull("a")
				r.settle(200 * time.Millisecond)
				for name, title := range r.titles() {
					if name != "4" && title.State != library.Unplugged {
						t.Errorf("%s is %s without its stick", name, title.State)
					}
				}
				if step%2 == 0 {
					r.settle(5 * time.Second)
				}
				r.plug("a")
				r.settle(time.Minute)
				for _, name := range []string{"1", "2", "3", "4", "ready"} {
					r.want(name, library.Ready)
				}
				if len(r.titles()) != 5 {
					t.Errorf("titles: %v", r.titles())
				}
				if left := r.halfWritten(); len(left) > 0 {
					t.Errorf("left behind: %v", left)
				}
			})
		})
	}
}

func TestAGrowingFileIsLeftAloneUntilItRests(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.put("s", "film.mp4", []byte("half a f"))
		r.touch("s", "film.mp4", time.Now())
		r.put("s", "other.mp4", content(spec{Name: "other"}))
		r.start()
		r.plug("s")
		r.settle(time.Second)
		if got := r.want("film", library.Copying); got.Reason == nil || got.Playable {
			t.Errorf("%+v", got)
		}
		for range 4 {
			r.settle(3 * time.Second)
			r.put("s", "film.mp4", append([]byte("half a f"), make([]byte, time.Now().Second())...))
			r.touch("s", "film.mp4", time.Now())
			r.want("film", library.Copying)
		}
		r.put("s", "film.mp4", content(spec{Name: "film"}))
		r.touch("s", "film.mp4", time.Now())
		r.settle(30 * time.Second)
		r.want("film", library.Ready)
		if got := r.titles(); len(got) != 2 {
			t.Errorf("listed: %v", got)
		}
		if !slices.Equal(r.tools.probed, []string{"other", "film"}) {
			t.Errorf("probed %v", r.tools.probed)
		}
	})
}

func TestOnAReadOnlyStickNothingGrows(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("s", "film.mp4", content(spec{Name: "film"}))
		r.touch("s", "film.mp4", time.Now())
		r.start()
		r.plug("s")
		r.sticks[0].ReadOnly = true
		r.in.SetSticks(r.sticks)
		r.settle(15 * time.Second)
		r.want("film", library.Ready)
	})
}

func TestAnUnplayableFileIsTriedAgainWhenItChanges(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.put("s", "film.mp4", []byte("the first half"))
		r.start()
		r.plug("s")
		r.settle(20 * time.Second)
		r.want("film", library.Unplayable)
		r.put("s", "film.mp4", content(spec{Name: "film"})) // its time is an hour ago
		r.settle(40 * time.Second)
		r.want("film", library.Ready)
		if len(r.titles()) != 1 {
			t.Errorf("the old one stays: %v", r.titles())
		}
	})
}

func TestAFileDeletedFromAPluggedStick(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.put("s", "finished.mp4", content(spec{Name: "finished", Seconds: 4}))
		r.put("s", "waits.avi", content(spec{Name: "waits", Codec: "mpeg4", Seconds: 4000}))
		r.start()
		r.plug("s")
		r.settle(10 * time.Second)
		r.remove("finished.mp4")
		r.remove("waits.avi")
		if err := r.in.Rescan(); err != nil {
			t.Fatal(err)
		}
		r.settle(5 * time.Second)
		r.want("finished", library.Unplugged)
		if _, ok := r.titles()["waits"]; ok {
			t.Error("a deleted file with nothing finished is still listed")
		}
		if left := r.halfWritten(); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

func TestWhatIsRememberedIsCheckedBeforeItIsUsed(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		stamp := time.Now().Add(-time.Hour)
		r.put("s", "film.mp4", content(spec{Name: "one", Slow: 5}))
		r.start()
		r.plug("s")
		r.settle(time.Second)
		id := r.title("film").ID
		r.stop()
		r.put("s", "film.mp4", content(spec{Name: "two", Slow: 5})) // same size, same time, other content
		r.touch("s", "film.mp4", stamp)
		r.start()
		r.in.SetSticks(r.sticks)
		r.settle(40 * time.Second)
		got := r.want("film", library.Ready)
		if got.ID == id || len(r.titles()) != 1 {
			t.Errorf("taken for the old film: %v", r.titles())
		}
		if text, err := r.segment("film", 0); err != nil || text != "two 0" {
			t.Errorf("%q %v", text, err)
		}
	})
}

func TestPluggedAnewUnderTheSameName(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("s", "one.mp4", content(spec{Name: "one", Seconds: 4}))
		r.start()
		r.plug("s")
		r.settle(5 * time.Second)
		r.remove("one.mp4")
		r.put("s", "two.mp4", content(spec{Name: "two", Seconds: 4}))
		r.sticks[0].Plugged = 99
		r.in.SetSticks(r.sticks)
		r.settle(5 * time.Second)
		r.want("one", library.Unplugged)
		r.want("two", library.Ready)
	})
}

func TestRunLeavesNothingBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.put("s", "a.avi", content(spec{Name: "a", Codec: "mpeg4", Seconds: 4000}))
		r.put("s", "b.mp4", content(spec{Name: "b", Seconds: 4000}))
		r.put("s", "c.mp4", content(spec{Name: "c", Slow: 1000}))
		r.start()
		r.plug("s")
		r.settle(10 * time.Second)
		r.stop()
		if left := r.halfWritten(); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}) // synctest fails when a goroutine is left in the bubble
	after := 0
	for range 1000 { // what has just ended may still be counted
		if after = runtime.NumGoroutine(); after <= before {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("%d goroutines before, %d after", before, after)
}

func TestRunEndsBeforeItBegins(t *testing.T) {
	r := newRig(t)
	lib, err := library.Open(library.Config{Dir: filepath.Join(r.dir, "library")})
	if err != nil {
		t.Fatal(err)
	}
	in := New(Config{Library: lib, Memory: r.mem, Tools: r.tools})
	in.SetSticks([]usb.Stick{{ID: "nowhere", Root: filepath.Join(r.dir, "nowhere")}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := in.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
