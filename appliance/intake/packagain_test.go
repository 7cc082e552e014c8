package intake

import (
	"context"
	"path/filepath"
	"testing"
	"time"

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
