package intake

import (
	"slices"
	"strings"
	"testing"
	"time"

	"streambox.local/appliance/library"
)

func TestAStickBecomesPlayableTitles(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.put("a", "Films/The.Third.Man.mp4", content(spec{Name: "third"}))
		r.put("a", "Films/old_film.avi", content(spec{Name: "old", Codec: "mpeg4"}))
		r.put("a", "Films/broken.mp4", []byte("not a film at all"))
		r.put("a", "photo.jpg", []byte("jpg"))
		r.start()
		r.plug("a")
		r.settle(2500 * time.Millisecond)
		third := r.want("The Third Man", library.Converting)
		if !third.Playable || third.How != library.Direct || third.Progress <= 0 {
			t.Errorf("a remux with segments is not playable: %+v", third)
		}
		if got := third.Sources; len(got) != 1 || got[0] != (library.Place{Stick: "a", Folder: "Films", File: "The.Third.Man.mp4"}) {
			t.Errorf("sources: %+v", got)
		}
		old := r.want("old film", library.Converting)
		if old.How != library.Convert || old.Reason == nil {
			t.Errorf("conversion does not say why: %+v", old)
		}
		if !r.in.Working() {
			t.Error("not working while two jobs run")
		}
		r.settle(20 * time.Second)
		third = r.want("The Third Man", library.Ready)
		if third.DurationSeconds != 40 || third.Width != 1280 || third.Thumbnail == "" || third.Progress == 0 {
			t.Errorf("finished title lacks something: %+v", third)
		}
		r.want("old film", library.Ready)
		broken := r.want("broken", library.Unplayable)
		if broken.Reason == nil || broken.Reason.Code != "damaged" || broken.How != library.None {
			t.Errorf("broken film: %+v", broken)
		}
		if text, err := r.segment("The Third Man", 9); err != nil || text != "third 9" {
			t.Errorf("last segment: %q %v", text, err)
		}
		if s := r.stick("a"); s.State != library.StickReady || s.Titles != 3 || s.IgnoredFiles["picture"] != 1 {
			t.Errorf("stick: %+v", s)
		}
		if r.in.Working() {
			t.Error("still working when all is done")
		}
		if left := r.halfWritten(); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

func TestATitleIsNotPlayableBeforeItsFirstSegment(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.put("a", "film.mp4", content(spec{Name: "film"}))
		r.start()
		r.plug("a")
		r.settle(500 * time.Millisecond)
		if got := r.want("film", library.Converting); got.Playable || got.Playlist != "" {
			t.Errorf("playable without a segment: %+v", got)
		}
		r.settle(1500 * time.Millisecond)
		if got := r.want("film", library.Converting); !got.Playable {
			t.Error("not playable with a segment")
		}
	})
}

func TestATitleIsListedBeforeItIsProbed(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("a", "film.mp4", content(spec{Name: "film", Slow: 30}))
		r.start()
		r.plug("a")
		r.settle(time.Second)
		r.want("film", library.Checking)
	})
}

func TestOneJobPerLaneAndTwoProbes(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		for _, n := range []string{"1", "2", "3", "4", "5"} {
			r.put("a", n+".mp4", content(spec{Name: "copy" + n, Slow: 1}))
			r.put("a", n+".avi", content(spec{Name: "convert" + n, Codec: "mpeg4", Slow: 1}))
		}
		r.start()
		r.plug("a")
		r.settle(2 * time.Minute)
		if len(r.jobs()) != 10 {
			t.Fatalf("jobs: %v", r.jobs())
		}
		for rung, most := range r.tools.most {
			if most != 1 {
				t.Errorf("%d jobs at a time on rung %s", most, rung)
			}
		}
		if r.tools.mostProb != probeWorkers {
			t.Errorf("%d probes at a time, want %d", r.tools.mostProb, probeWorkers)
		}
		if got := only(r.jobs(), ":convert"); !slices.IsSorted(got) {
			t.Errorf("not in order of arrival: %v", got)
		}
	})
}

// only keeps what ends in suffix.
func only(list []string, suffix string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return !strings.HasSuffix(s, suffix) })
}

func TestMostWaitingPhonesFirstAndARunningJobStays(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		for i, n := range []string{"a", "b", "c", "d"} {
			r.put("s", n+".avi", content(spec{Name: n, Codec: "mpeg4", Slow: min(i, 1)})) // a is planned first
		}
		r.start()
		r.plug("s")
		r.settle(3 * time.Second)
		r.open("d", 3)
		r.open("c", 1)
		r.settle(60 * time.Second)
		want := []string{"a:convert", "d:convert", "c:convert", "b:convert"}
		if got := r.jobs(); !slices.Equal(got, want) {
			t.Errorf("order %v, want %v", got, want)
		}
	})
}

func TestTheQueueKeepsItsOrderOverARestart(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		for i, n := range []string{"m", "n", "o", "p"} {
			r.put("s", n+".avi", content(spec{Name: n, Codec: "mpeg4", Slow: min(i, 1)})) // m is planned first
		}
		r.start()
		r.plug("s")
		r.settle(3 * time.Second)
		r.put("s", "a first by name.avi", content(spec{Name: "a", Codec: "mpeg4"}))
		if err := r.in.Rescan(); err != nil {
			t.Fatal(err)
		}
		r.settle(time.Second)
		r.restart()
		r.settle(2 * time.Minute)
		want := []string{"m:convert", "m:convert", "n:convert", "o:convert", "p:convert", "a:convert"}
		if got := r.jobs(); !slices.Equal(got, want) {
			t.Errorf("order %v, want %v", got, want)
		}
		if got := r.tools.fails["probe m"]; got != 1 {
			t.Errorf("a kept probe was made %d times", got)
		}
		if left := r.halfWritten(); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

func TestRescanIsBounded(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.put("s", "film.mp4", content(spec{Name: "film"}))
		r.start()
		r.plug("s")
		r.settle(15 * time.Second)
		if err := r.in.Rescan(); err != nil {
			t.Fatal(err)
		}
		r.put("s", "new.mp4", content(spec{Name: "new"}))
		r.settle(9 * time.Second)
		if err := r.in.Rescan(); err != ErrTooSoon { //nolint:errorlint // it is the value itself
			t.Errorf("after 9 s: %v", err)
		}
		r.settle(2 * time.Second)
		if err := r.in.Rescan(); err != nil {
			t.Errorf("after 11 s: %v", err)
		}
		r.settle(15 * time.Second)
		r.want("new", library.Ready)
	})
}

func TestFailuresOfAJob(t *testing.T) {
	cases := []struct {
		name  string
		spec  spec
		state library.State
		how   library.How
		code  string
		jobs  []string
	}{
		{"one failure is tried again", spec{Fails: 1}, library.Ready, library.Direct, "as_is", []string{"f:direct", "f:direct"}},
		{"what cannot be cut is converted", spec{NoCut: true}, library.Ready, library.Convert, "not_segmentable", []string{"f:direct", "f:convert"}},
		{"a remux killed twice is still a remux", spec{Fails: 2}, library.Ready, library.Direct, "as_is", []string{"f:direct", "f:direct", "f:direct"}},
		{"a conversion killed three times waits", spec{Fails: 3, Codec: "mpeg4"}, library.Blocked, library.Convert, CodeConversionFailed, []string{"f:convert", "f:convert", "f:convert"}},
		{"a refusal is a verdict", spec{DoRefuse: "damaged"}, library.Unplayable, library.None, "damaged", []string{"f:direct"}},
		{"a full disk blocks", spec{NoSpace: true}, library.Blocked, library.Direct, CodeNoRoom, []string{"f:direct"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inBox(t, func(r *rig) {
				t := r.t
				c.spec.Name = "f"
				r.put("s", "film.mp4", content(c.spec))
				r.put("s", "other.mp4", content(spec{Name: "other"}))
				r.start()
				r.plug("s")
				r.settle(2 * time.Minute)
				got := r.want("film", c.state)
				if got.How != c.how || got.Reason == nil || got.Reason.Code != c.code {
					t.Errorf("%s, %+v", got.How, got.Reason)
				}
				if jobs := slices.DeleteFunc(r.jobs(), func(j string) bool { return strings.HasPrefix(j, "other") }); !slices.Equal(jobs, c.jobs) {
					t.Errorf("jobs %v, want %v", jobs, c.jobs)
				}
				r.want("other", library.Ready)
				if left := r.halfWritten(); len(left) > 0 {
					t.Errorf("left behind: %v", left)
				}
				before := len(r.jobs())
				r.restart()
				r.settle(50 * time.Second)
				if c.code == CodeConversionFailed {
					r.want("film", library.Ready) // a failure that is not the film's is not kept
					return
				}
				again := r.want("film", c.state)
				if again.How != c.how || c.code != CodeNoRoom && len(r.jobs()) != before {
					t.Errorf("after a restart: %s, jobs %v", again.How, r.jobs()[before:])
				}
			})
		})
	}
}

func TestFailuresOfAProbe(t *testing.T) {
	cases := []struct {
		name  string
		fails int
		state library.State
		code  string
	}{
		{"one failure is tried again", 1, library.Ready, "as_is"},
		{"two are a sentence", 2, library.Blocked, CodeExamineFailed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inBox(t, func(r *rig) {
				t := r.t
				r.put("s", "film.mp4", content(spec{Name: "f", ProbeFail: c.fails}))
				r.start()
				r.plug("s")
				r.settle(30 * time.Second)
				if got := r.want("film", c.state); got.Reason == nil || got.Reason.Code != c.code {
					t.Errorf("reason %+v", got.Reason)
				}
				if err := r.in.Rescan(); err != nil {
					t.Fatal(err)
				}
				r.settle(30 * time.Second)
				r.want("film", library.Ready) // a rescan tries again at once
			})
		})
	}
}

func TestShortClipsAndSoundAreCountedNotListed(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.put("s", "clip.mp4", content(spec{Name: "clip", Seconds: 2.9}))
		r.put("s", "sound.mp4", content(spec{Name: "sound", AudioOnly: true}))
		r.put("s", "sound2.mp4", content(spec{Name: "sound2", Refuse: "audio_only"}))
		r.put("s", "film.mp4", content(spec{Name: "film", Seconds: 4}))
		r.start()
		r.plug("s")
		check := func() {
			t.Helper()
			r.settle(10 * time.Second)
			if got := r.titles(); len(got) != 1 {
				t.Errorf("listed: %v", got)
			}
			if s := r.stick("s"); s.IgnoredFiles["shortClip"] != 1 || s.IgnoredFiles["audio"] != 2 || s.Titles != 1 {
				t.Errorf("stick: %+v", s)
			}
		}
		check()
		probes := len(r.tools.probed)
		r.restart()
		check()
		if len(r.tools.probed) != probes {
			t.Errorf("probed again: %v", r.tools.probed[probes:])
		}
		r.pull("s")
		r.settle(time.Second)
		r.want("film", library.Unplugged)
	})
}

func TestNothingOnAStickButASong(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.put("s", "song.mp3", []byte("la"))
		r.start()
		r.plug("s")
		r.settle(time.Second)
		if s := r.stick("s"); s.State != library.StickEmpty || s.IgnoredFiles["audio"] != 1 {
			t.Errorf("stick: %+v", s)
		}
	})
}

func TestWithoutFFmpegTitlesSaySo(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.change = func(c *Config) { c.Tools = nil }
		r.put("s", "film.mp4", content(spec{Name: "film"}))
		r.readyFolder("s", "made", true)
		r.start()
		r.plug("s")
		r.settle(2 * time.Second)
		if got := r.want("film", library.Blocked); got.Reason.Code != CodeFFmpegMissing {
			t.Errorf("reason %+v", got.Reason)
		}
		r.want("made", library.Ready) // needs no ffmpeg
		if p := r.lib.Problems(); len(p) != 1 || p[0].Code != CodeFFmpegMissing {
			t.Errorf("problems %+v", p)
		}
	})
}
