package intake

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/packager"
)

// earlyTools meet films whose container begins 1 s, and its picture 1.6 s, after
// the first thing that their index knows of.
type earlyTools struct{ packTools }

func (t earlyTools) Probe(ctx context.Context, in transcode.Input) (transcode.Media, error) {
	m, err := t.packTools.Probe(ctx, in)
	m.StartSeconds = 1
	if m.Video != nil {
		m.Video.StartSeconds = 1.6
	}
	return m, err
}

// Do converts for hours.
func (t earlyTools) Do(ctx context.Context, _ transcode.Job) error {
	return wait(ctx, 10*time.Hour)
}

// slowTree takes its time for a file of this ending.
type slowTree struct {
	tree
	ending string
	takes  time.Duration
}

func (s slowTree) Open(name string) (*os.File, error) {
	if strings.HasSuffix(name, s.ending) {
		<-time.NewTimer(s.takes).C
	}
	return s.tree.Open(name)
}

// early is a box with such a film and subtitles beside it.
func early(r *rig, film []byte) {
	packing(r)
	change := r.change
	r.change = func(c *Config) {
		change(c)
		c.Tools = earlyTools{packTools{r.tools}}
	}
	r.put("a", "film.mp4", film)
	r.put("a", "film.srt", srt("Hello"))
}

func TestSubtitlesWaitUntilItIsKnownWhenTheirFilmBegins(t *testing.T) {
	films := realFilms(t, "h264-aac")
	inBox(t, func(r *rig) {
		early(r, films["h264-aac"])
		r.wrap = func(t tree) tree { return slowTree{t, ".mp4", 5 * time.Second} } // long after the words could be read
		r.start()
		r.plug("a")
		r.settle(time.Minute)
		r.want("film", library.Ready)
		if got := r.vtt("film", library.FirstBeside); !strings.Contains(got, "00:00:02.000 -->") {
			t.Errorf("said 1 s after the container's beginning, 2 s after the film's: %q", got)
		}
	})
}

func TestSubtitlesAreReadAgainWhenTheirFilmIsPlayedByAnotherWay(t *testing.T) {
	films := realFilms(t, "h264-aac")
	inBox(t, func(r *rig) {
		early(r, films["h264-aac"])
		title := r.plugged()
		r.settle(time.Minute)
		if got := r.vtt("film", library.FirstBeside); !strings.Contains(got, "00:00:02.000 -->") {
			t.Errorf("packaged: %q", got)
		}
		r.in.repack(title.ID, r.packed(title.ID), packager.ErrNotSegmentable) // so it is converted
		r.settle(time.Minute)
		if title = r.want("film", library.Converting); title.How != library.Convert {
			t.Fatalf("by %s", title.How)
		}
		if got := r.vtt("film", library.FirstBeside); !strings.Contains(got, "00:00:01.000 -->") {
			t.Errorf("converted: %q", got)
		}
	})
}

func TestStreamsAreReadAgainWhenTheirFilmBeginsElsewhere(t *testing.T) {
	f := &film{places: []*place{{}}, media: transcode.Media{Subtitles: []transcode.Subtitle{{Text: true}}, Video: &transcode.Video{StartSeconds: 0.6}}}
	rec := library.Record{How: library.Direct}
	if !unreadStreams(f, &rec) {
		t.Error("never read")
	}
	rec.SubtitleFiles = []library.SubtitleFile{{BeginsSeconds: 0.6}}
	if unreadStreams(f, &rec) {
		t.Error("read")
	}
	rec.How = library.Convert
	if !unreadStreams(f, &rec) {
		t.Error("read for another way")
	}
	f.packed = &packedFilm{}
	if unreadStreams(f, &rec) {
		t.Error("nobody knows better")
	}
}
