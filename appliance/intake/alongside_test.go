package intake

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/packager"
	"streambox.local/transcode/publish"
)

// convertingTools convert real films: what they publish is a real film's segments.
type convertingTools struct {
	polyglotTools
	film []byte
}

func (t convertingTools) Probe(ctx context.Context, in transcode.Input) (transcode.Media, error) {
	m, err := t.polyglotTools.Probe(ctx, in)
	if m.Video != nil {
		m.Video.Codec = "mpeg4"
	}
	return m, err
}

func (t convertingTools) Machine(ctx context.Context) (transcode.Machine, error) {
	m, err := t.polyglotTools.Machine(ctx)
	m.Decoders["mpeg4"] = true
	return m, err
}

func (t convertingTools) Do(ctx context.Context, job transcode.Job) error {
	in := bytes.NewReader(t.film)
	title, err := packager.Open(ctx, in, in.Size(), packager.Choice{})
	if err != nil {
		return err
	}
	for n := range title.Segments() {
		var data []byte
		if data, err = title.Segment(ctx, in, n); err != nil {
			return err
		}
		if err = job.Out.Add(ctx, publish.Segment{Number: n, Data: data, DurationSeconds: title.StartSeconds(n+1) - title.StartSeconds(n)}); err != nil {
			return err
		}
	}
	_, err = job.Out.Finish(ctx)
	return err
}

func TestConvertedFilmsHaveTheirFurtherSoundTracks(t *testing.T) {
	films := realFilms(t, "h264-aac")
	inBox(t, func(r *rig) {
		r.piece = 64 * 2
		r.change = func(c *Config) {
			c.Tools = convertingTools{polyglotTools{packTools{r.tools}, []transcode.Audio{germanDolby}}, films["h264-aac"]}
			c.Segments = packager.NewCache(0, 0)
		}
		r.put("a", "film.mp4", films["h264-aac"])
		r.start()
		r.plug("a")
		r.settle(10 * time.Second)
		title := r.want("film", library.Ready)
		if title.How != library.Convert || len(title.Audio) != 2 || title.Audio[1].Playlist == "" || title.Audio[1].Reason == nil || !strings.Contains(title.Playlist, "/video-") {
			r.t.Fatalf("%+v; log:\n%s", title, r.log)
		}
		own, beside := r.list(title.Playlist), r.list(title.Audio[1].Playlist)
		if own != beside || !strings.Contains(own, "ENDLIST") {
			r.t.Errorf("it is cut elsewhere:\n%s", beside)
		}
		r.allHeard()
		heard, err := r.heard(1, 2)
		if err != nil {
			r.t.Fatal(err)
		}
		jobs := len(r.jobs())
		r.restart()
		r.settle(5 * time.Second)
		again := r.want("film", library.Ready)
		if again.Playlist != title.Playlist || again.Audio[1].Playlist == "" || again.Audio[1].Reason != nil {
			r.t.Fatalf("after a restart: %+v; log:\n%s", again, r.log)
		}
		if data, err := r.heard(1, 2); err != nil || data != heard {
			r.t.Errorf("it has other bytes after a restart (%v)", err)
		}
		if len(r.jobs()) != jobs {
			r.t.Errorf("made again: %v", r.jobs())
		}
		rec, _ := r.lib.Record(title.ID)
		if at := slices.IndexFunc(rec.Renditions, func(o library.Rendition) bool { return o.Alternate == 0 && !o.Sound }); at < 0 || !rec.Renditions[at].Complete {
			r.t.Errorf("%+v", rec.Renditions)
		}
		r.pull("a")
		r.settle(3 * time.Second)
		if gone := r.title("film"); !gone.Playable || gone.Audio[1].Playlist != "" {
			r.t.Errorf("without its stick: %+v", gone)
		}
		r.plug("a")
		r.settle(5 * time.Second)
		if back := r.want("film", library.Ready); back.Audio[1].Playlist == "" {
			r.t.Errorf("with its stick again: %+v", back)
		}
	})
}

// list is a playlist by its address.
func (r *rig) list(address string) string {
	r.t.Helper()
	parts := strings.Split(address, "/")
	source, err := r.lib.Source(parts[2], parts[3])
	if err != nil {
		r.t.Fatal(err)
	}
	data, err := source.Playlist(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return string(data)
}

func TestLengthsOfAPlaylist(t *testing.T) {
	seconds, first := lengths([]byte("#EXTM3U\r\n#EXT-X-TARGETDURATION:4\n#EXTINF:4.000000,\nseg00000.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:x,\nseg00001.ts\n"))
	if !slices.Equal(seconds, []float64{4, 0}) || first != "seg00000.ts" {
		t.Error(seconds, first)
	}
}
