package intake

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
)

func TestKillsAreNoVerdict(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.put("s", "film.mp4", content(spec{Name: "film", Fails: 5, Seconds: 8}))
		r.start()
		r.plug("s")
		r.settle(20 * time.Minute) // at 0 s, 10 s, 1 min, 10 min
		got := r.want("film", library.Blocked)
		if got.Reason == nil || got.Reason.Code != CodeConversionFailed || got.How != library.Direct {
			t.Errorf("%s %+v", got.How, got.Reason)
		}
		if n := len(r.jobs()); n != 4 {
			t.Errorf("%d jobs: the waits do not grow", n)
		}
		if rec, _ := r.lib.Record(got.ID); len(rec.Failed) > 0 {
			t.Errorf("kept as failed: %v", rec.Failed)
		}
		if r.in.Working() {
			t.Error("working while all that is left waits for an hour")
		}
		r.settle(2 * time.Hour)
		r.want("film", library.Ready)
	})
}

func TestOpeningAFilmThatFailedTriesItAtOnceButNotForEver(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.put("s", "film.avi", content(spec{Name: "film", Codec: "mpeg4", Fails: 99, Seconds: 8}))
		r.put("s", "other.avi", content(spec{Name: "other", Codec: "mpeg4", Seconds: 8}))
		r.start()
		r.plug("s")
		r.settle(10 * time.Minute) // three failures; a wait of 10 min runs
		before := len(r.jobs())
		r.open("film", 1)
		r.settle(5 * time.Second)
		if n := len(r.jobs()) - before; n != 1 {
			t.Errorf("%d jobs after it was opened, want 1", n)
		}
		for range 1000 { // somebody opens it again and again
			r.open("film", 1)
			r.settle(time.Second)
		}
		if n := len(r.jobs()) - before; n > 3 {
			t.Errorf("%d jobs in 17 minutes: opening keeps the lane busy", n)
		}
		r.want("other", library.Ready)
	})
}

func TestWhatFailedLetsTheOthersGoFirst(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.put("s", "a.avi", content(spec{Name: "a", Codec: "mpeg4", Fails: 1, Seconds: 40}))
		for _, n := range []string{"b", "c", "d"} {
			r.put("s", n+".avi", content(spec{Name: n, Codec: "mpeg4", Seconds: 40, Slow: 1})) // a is planned first
		}
		r.start()
		r.plug("s")
		r.settle(2 * time.Minute)
		want := []string{"a:convert", "b:convert", "c:convert", "d:convert", "a:convert"}
		if got := r.jobs(); !slices.Equal(got, want) {
			t.Errorf("order %v, want %v", got, want)
		}
		r.want("a", library.Ready)
	})
}

func TestAPanicHoldsUpOneFilm(t *testing.T) {
	for _, step := range []string{"probe", "do", "picture"} {
		t.Run(step, func(t *testing.T) {
			inBox(t, func(r *rig) {
				r.put("s", "a.mp4", content(spec{Name: "a", Panics: step, Seconds: 8}))
				r.put("s", "b.mp4", content(spec{Name: "b", Seconds: 8}))
				r.start()
				r.plug("s")
				r.settle(8 * time.Second)
				if r.want("b", library.Ready).Thumbnail == "" {
					r.t.Error("no more pictures")
				}
				if step == "picture" {
					r.want("a", library.Ready)
				} else {
					r.want("a", library.Blocked)
				}
				if left := r.halfWritten(); len(left) > 0 {
					r.t.Errorf("left behind: %v", left)
				}
			})
		})
	}
}

func TestAStickPulledBetweenTheQueueAndTheJob(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("s", "a.avi", content(spec{Name: "a", Codec: "mpeg4"}))
		r.put("s", "b.avi", content(spec{Name: "b", Codec: "mpeg4", Slow: 1})) // a is planned first
		r.start()
		r.plug("s")
		r.settle(2 * time.Second)
		id := r.title("b").ID
		f, need := r.in.jobOf(convertLane, id)
		if f == nil {
			r.t.Fatal("b does not wait")
		}
		r.pull("s")
		r.settle(time.Second)
		r.in.job(r.t.Context(), f, need, false) // it has no place any more
		if got := r.jobs(); len(got) != 1 {
			r.t.Errorf("jobs %v", got)
		}
	})
}

// For the race detector: a rescan changes what is known of a file while its job begins.
func TestARescanWhileAJobBegins(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("s", "a.mp4", content(spec{Name: "a"}))
		r.put("s", "b.avi", content(spec{Name: "b", Codec: "mpeg4"}))
		r.start()
		r.plug("s")
		r.sticks[0].ReadOnly = true // else another time means that it is still being written
		r.in.SetSticks(r.sticks)
		r.settle(time.Second)
		r.want("a", library.Converting)
		for i := range 3 {
			r.touch("s", "a.mp4", time.Now().Add(-time.Duration(i+2)*time.Hour))
			r.touch("s", "b.avi", time.Now().Add(-time.Duration(i+2)*time.Hour))
			if err := r.in.Rescan(); err != nil {
				r.t.Fatal(err)
			}
			r.settle(11 * time.Second)
		}
		r.want("a", library.Ready)
		r.want("b", library.Ready)
	})
}

// hookWriter calls back when a line with some text is logged.
type hookWriter struct {
	text string
	do   func()
}

func (h hookWriter) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte(h.text)) {
		h.do()
	}
	return len(b), nil
}

func TestAJobReadsWhatItWasBegunWith(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("s", "a.mp4", content(spec{Name: "a", Seconds: 8}))
		r.change = func(c *Config) {
			c.Log = slog.New(slog.NewTextHandler(hookWriter{"Job started", func() {
				r.in.locked(func() { // as a rescan may, in this very moment
					for _, f := range r.in.films {
						f.places[0].paths = []string{"nowhere"}
					}
				})
			}}, nil))
		}
		r.start()
		r.plug("s")
		r.settle(8 * time.Second)
		r.want("a", library.Ready)
	})
}

func TestRetryWaitsGrow(t *testing.T) {
	var last time.Duration
	for n := range 5 {
		if wait := retryWait(n + 1); wait < last || wait > time.Hour {
			t.Errorf("wait %d is %v after %v", n+1, wait, last)
		} else {
			last = wait
		}
	}
	if last != time.Hour {
		t.Errorf("at last %v", last)
	}
}

func TestOnlyTheContentRulesARungOut(t *testing.T) {
	m := transcode.Media{
		DurationSeconds: 40, Audio: []transcode.Audio{{Codec: "aac", Profile: "LC", Channels: 2}},
		Video: &transcode.Video{Codec: "mpeg4", Width: 640, Height: 480},
	}
	if p := decide(m, transcode.Machine{H264: true}, []string{"convert"}); p.Rung != transcode.None || p.Reason.Code != transcode.CodeNotSegmentable {
		t.Errorf("%+v", p)
	}
}

func TestAWarningStaysWithTheFinishedTitle(t *testing.T) {
	cases := []struct{ name, warns, code string }{
		{"none", "", "as_is"},
		{"no sound", "no_sound", "no_sound"},
		{"it ends early, and has no sound", "no_sound ends_early", "ends_early"},
		{"it has no sound, and ends early", "ends_early no_sound", "ends_early"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inBox(t, func(r *rig) {
				r.put("s", "film.mp4", content(spec{Name: "film", Warns: c.warns, Seconds: 8}))
				r.start()
				r.plug("s")
				check := func(state library.State) {
					r.t.Helper()
					r.settle(8 * time.Second)
					if got := r.want("film", state); got.Reason == nil || got.Reason.Code != c.code {
						r.t.Errorf("%+v", got.Reason)
					}
				}
				check(library.Ready)
				r.restart()
				check(library.Ready)
				r.pull("s")
				check(library.Unplugged)
				r.plug("s")
				check(library.Ready)
			})
		})
	}
}

func TestWorkingIsAnsweredWhileTheDiskIsSlow(t *testing.T) {
	r := newRig(t)
	lib, err := library.Open(library.Config{Dir: filepath.Join(r.dir, "library")})
	if err != nil {
		t.Fatal(err)
	}
	in := New(Config{Library: lib, Memory: r.mem, Tools: r.tools})
	in.mu.Lock() // as it is for as long as a title.json is written
	defer in.mu.Unlock()
	answered := make(chan bool, 1)
	go func() { answered <- in.Working() }()
	select {
	case <-answered:
	case <-time.After(10 * time.Second):
		t.Error("no answer")
	}
}

func TestAnErrorIsNoMachine(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.tools.deaf = 3
		r.put("s", "old.avi", content(spec{Name: "old", Codec: "hevc", Seconds: 8}))
		r.put("s", "plain.mp4", content(spec{Name: "plain", Seconds: 8}))
		r.put("s", "broken.mp4", []byte("no film"))
		r.start()
		r.plug("s")
		r.settle(5 * time.Second)
		for _, name := range []string{"old", "plain"} {
			got := r.want(name, library.Blocked)
			if got.Reason == nil || got.Reason.Code != CodeExamineFailed || got.DurationSeconds != 8 {
				t.Errorf("%s: %+v", name, got)
			}
		}
		r.want("broken", library.Unplayable)
		r.restart() // what was learned of the films is kept, and is no verdict
		r.settle(2 * time.Second)
		r.want("old", library.Blocked)
		if err := r.in.Rescan(); err != nil { // asks at once
			t.Fatal(err)
		}
		r.settle(time.Second)
		r.settle(20 * time.Second)
		r.want("old", library.Ready)
		r.want("plain", library.Ready)
		if got := r.jobs(); !slices.Contains(got, "old:convert") || !slices.Contains(got, "plain:direct") {
			t.Errorf("jobs %v", got)
		}
		if r.tools.asked != 4 || r.tools.fails["probe old"] != 1 {
			t.Errorf("asked %d times, probed %d times", r.tools.asked, r.tools.fails["probe old"])
		}
	})
}
