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

// What an earlier release has listed keeps the address that phones may hold.
func TestATitleOfAnEarlierReleaseKeepsItsAddress(t *testing.T) {
	if packager.Version != 2 {
		t.Skip("another version of the packager: all addresses are others")
	}
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
