package intake

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
)

// chapterTools count their probes. An older release saw no chapters.
type chapterTools struct {
	packTools
	older bool
}

func (t *chapterTools) Probe(ctx context.Context, in transcode.Input) (transcode.Media, error) {
	m, err := t.packTools.Probe(ctx, in)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.probed = append(t.probed, in.Name)
	if !t.older {
		m.Chapters = []transcode.Chapter{{Title: "Beginning"}, {StartSeconds: 10, Title: "End"}}
	}
	return m, err
}

// A film that an older release has looked at is looked at once more, and keeps what it has.
func TestANewerReleaseLooksAtAFilmOnceMore(t *testing.T) {
	films := realFilms(t, "h264-aac")
	inBox(t, func(r *rig) {
		tools := &chapterTools{packTools: packTools{r.tools}, older: true}
		packing(r)
		pack := r.change
		r.change = func(c *Config) { pack(c); c.Tools = tools }
		r.put("a", "film.mp4", films["h264-aac"])
		before := r.plugged()
		if len(before.Chapters) != 0 || len(tools.probed) != 1 {
			r.t.Fatalf("chapters %v, probed %v", before.Chapters, tools.probed)
		}
		asByAnOlderRelease(r, before.ID)
		tools.older = false
		for _, sentence := range []string{"the newer release", "its next start"} {
			r.restart()
			r.settle(3 * time.Second)
			after := r.want("film", library.Ready)
			if len(after.Chapters) != 2 || len(tools.probed) != 2 {
				r.t.Errorf("%s: chapters %v, probed %v", sentence, after.Chapters, tools.probed)
			}
			if after.ID != before.ID || after.Playlist != before.Playlist || !slices.Equal(after.Audio, before.Audio) {
				r.t.Errorf("%s: it was %+v, and is %+v", sentence, before, after)
			}
		}
		// Without ffmpeg what is known has to do.
		asByAnOlderRelease(r, before.ID)
		r.change = func(c *Config) { pack(c); c.Tools = nil }
		r.restart()
		r.settle(3 * time.Second)
		if got := r.title("film"); len(got.Chapters) != 2 {
			r.t.Errorf("without ffmpeg: %+v", got)
		}
	})
}

// asByAnOlderRelease takes the number off what is kept of a film's probe.
func asByAnOlderRelease(r *rig, id string) {
	r.t.Helper()
	err := r.lib.Update(id, true, func(rec *library.Record) {
		var m transcode.Media
		if err := json.Unmarshal(rec.Media, &m); err != nil || m.Version != transcode.ProbeVersion {
			r.t.Fatalf("the probe is of version %d: %v", m.Version, err)
		}
		m.Version = 0
		raw, err := json.Marshal(m)
		if err != nil {
			r.t.Fatal(err)
		}
		rec.Media = raw
	})
	if err != nil {
		r.t.Fatal(err)
	}
}
