package intake

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/packager"
)

// jobTools keep what they were asked for.
type jobTools struct {
	packTools
	jobs chan transcode.Job
}

func (t jobTools) Do(ctx context.Context, job transcode.Job) error {
	t.jobs <- job
	return t.packTools.Do(ctx, job)
}

// The packager would come as far as before, and with it the film be given up
// that ffmpeg copies.
func TestWhatThePackagerGaveUpItIsNotAskedForAgain(t *testing.T) {
	films := realFilms(t, "h264-aac")
	inBox(t, func(r *rig) {
		jobs := make(chan transcode.Job, 9)
		r.change = func(c *Config) {
			c.Tools = jobTools{packTools{r.tools}, jobs}
			c.Segments = packager.NewCache(0, 0)
		}
		r.put("a", "film.mp4", films["h264-aac"])
		title := r.plugged()
		_ = r.packed(title.ID).failed(packager.ErrDamaged)
		r.settle(3 * time.Second)
		select {
		case job := <-jobs:
			if !job.ByFFmpeg || job.WorkDir != filepath.Dir(r.lib.Folder(title.ID, "video-00000000")) {
				t.Errorf("by ffmpeg %v, what is needed meanwhile in %q", job.ByFFmpeg, job.WorkDir)
			}
		default:
			t.Errorf("not copied; log:\n%s", r.log)
		}
	})
}

// With a title's record go the digests of its segments: whoever still holds one
// must not meet another under its address, should the file have changed meanwhile.
func TestATitleThatWasForgottenHasAnotherAddress(t *testing.T) {
	films := realFilms(t, "h264-aac")
	inBox(t, func(r *rig) {
		packing(r)
		r.put("a", "film.mp4", films["h264-aac"])
		title := r.plugged()
		if _, err := r.segment("film", 0); err != nil {
			t.Fatal(err)
		}
		r.pull("a")
		r.settle(time.Second)
		r.plug("a")
		r.settle(3 * time.Second)
		if back := r.want("film", library.Ready); back.Playlist != title.Playlist {
			t.Errorf("a stick that was put back: %s was %s", back.Playlist, title.Playlist)
		}
		if err := r.lib.Remove(title.ID); err != nil {
			t.Fatal(err)
		}
		r.restart()
		r.settle(3 * time.Second)
		again := r.want("film", library.Ready)
		if again.ID != title.ID || again.Playlist == title.Playlist {
			t.Errorf("made anew: %s was %s", again.Playlist, title.Playlist)
		}
		r.restart()
		r.settle(3 * time.Second)
		if kept := r.want("film", library.Ready); kept.Playlist != again.Playlist {
			t.Errorf("after a restart: %s was %s", kept.Playlist, again.Playlist)
		}
	})
}

// What an earlier release has listed keeps the address that phones may hold. Who
// raises packager.Version, which changes all of them, writes the new ones here.
func TestATitleOfAnEarlierReleaseKeepsItsAddress(t *testing.T) {
	choice := packager.Choice{Sound: 0}
	for _, c := range []struct {
		rec  library.Record
		want string
	}{
		{library.Record{}, "direct-824ee191"},
		{library.Record{Edition: 2}, "direct-3eab6350"},
	} {
		if got := packedName(choice, "", variant(&c.rec)); got != c.want {
			t.Errorf("%+v is called %s, want %s", c.rec, got, c.want)
		}
	}
}

// A later release may call what it packages otherwise, or choose another track.
func TestFinishedSoundIsKeptWhileItFits(t *testing.T) {
	films := realFilms(t, "h264-aac")
	for name, c := range map[string]struct {
		change func(*library.Rendition)
		jobs   int
	}{
		"under another name":                     {func(*library.Rendition) {}, 1},
		"but not of another track":               {func(s *library.Rendition) { s.SoundOf = "1@0" }, 2},
		"nor one that begins elsewhere":          {func(s *library.Rendition) { s.SoundOf = "0@-9999" }, 2},
		"nor one of which nothing else is known": {func(s *library.Rendition) { s.SoundOf = "" }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			inBox(t, func(r *rig) {
				r.change = func(cfg *Config) {
					cfg.Tools = dolbyTools{packTools{r.tools}}
					cfg.Segments = packager.NewCache(0, 0)
				}
				r.put("a", "film.mp4", films["h264-aac"])
				r.start()
				r.plug("a")
				r.settle(15 * time.Second)
				title := r.want("film", library.Ready)
				err := r.lib.Update(title.ID, true, func(rec *library.Record) {
					rec.Packaged = "direct-00000000"
					for i := range rec.Renditions {
						if rec.Renditions[i].Sound {
							c.change(&rec.Renditions[i])
						}
					}
				})
				if err != nil {
					t.Fatal(err)
				}
				r.restart()
				r.settle(time.Second)
				if now := r.title("film"); now.Reason != nil && now.Reason.Code == CodeNotKept {
					t.Errorf("nothing made room: %+v", now.Reason)
				}
				_, _ = r.segment("film", 0) // what does not begin with the film shows here
				r.settle(15 * time.Second)
				r.want("film", library.Ready)
				if _, err := r.segment("film", 0); err != nil {
					t.Error(err)
				}
				if jobs := r.jobs(); len(jobs) != c.jobs {
					t.Errorf("jobs: %v, want %d", jobs, c.jobs)
				}
			})
		})
	}
}
