package intake

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
)

// heard reads a segment of a sound track of the film.
func (r *rig) heard(track, n int) (string, error) {
	r.t.Helper()
	t := r.title("film")
	at := slices.IndexFunc(t.Audio, func(a library.AudioTrack) bool { return a.N == track })
	if at < 0 || t.Audio[at].Playlist == "" {
		return "", fmt.Errorf("track %d is not offered: %+v", track, t.Audio)
	}
	source, err := r.lib.Source(t.ID, strings.Split(t.Audio[at].Playlist, "/")[3])
	if err != nil {
		return "", err
	}
	f, err := source.Segment(r.t.Context(), segmentFile(n))
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	return string(data), err
}

func tracksAreMadeWhereHeard(r *rig) {
	r.plugged()
	if _, err := r.heard(1, 2); err != nil {
		r.t.Fatalf("%v\n%s", err, r.log)
	}
	r.settle(20 * time.Second)
	if made := len(r.jobs()); made < 4 || made > 6 {
		r.t.Errorf("%d pieces were made for who has heard one segment of 4 s", made)
	}
	if _, err := r.heard(0, 2); err == nil {
		r.t.Error("the film's own sound is no alternate")
	}
}

func tracksStay(r *rig) {
	title := r.plugged()
	var first []string
	for n := range 5 {
		data, err := r.heard(1, n)
		if err != nil {
			r.t.Fatal(err)
		}
		first = append(first, data)
		r.settle(2 * time.Second)
	}
	r.settle(20 * time.Second)
	if _, err := r.heard(1, 5); err != nil {
		r.t.Fatal(err)
	}
	r.settle(5 * time.Second)
	done := r.want("film", library.Ready)
	if done.Audio[1].Reason != nil || done.Audio[1].Playlist != title.Audio[1].Playlist || done.Playlist != title.Playlist {
		r.t.Errorf("%+v", done)
	}
	rec, _ := r.lib.Record(title.ID)
	at := slices.IndexFunc(rec.Renditions, func(o library.Rendition) bool { return o.Sound })
	if at < 0 || !rec.Renditions[at].Complete || rec.Renditions[at].Alternate != 2 || !strings.HasPrefix(rec.Renditions[at].SoundOf, "1@") {
		r.t.Fatalf("%+v", rec.Renditions)
	}
	if rate := float64(rec.Renditions[at].TotalBytes) / done.DurationSeconds * 3600; rate > 80e6 {
		r.t.Errorf("an hour of it takes %.0f bytes", rate)
	}
	jobs := len(r.jobs())
	r.pull("a")
	r.settle(3 * time.Second)
	r.plug("a")
	r.settle(3 * time.Second)
	back := r.want("film", library.Ready)
	if back.Audio[1].Reason != nil || back.Audio[1].Playlist == "" {
		r.t.Errorf("%+v", back.Audio)
	}
	for n := range 5 {
		if data, err := r.heard(1, n); err != nil || data != first[n] {
			r.t.Errorf("segment %d has other bytes (%v)", n, err)
		}
	}
	if len(r.jobs()) != jobs {
		r.t.Errorf("made again: %v", r.jobs())
	}
}

// allHeard hears the second track from its beginning to its end.
func (r *rig) allHeard() {
	r.t.Helper()
	for n := range 6 {
		if _, err := r.heard(1, n); err != nil {
			r.t.Fatal(err)
		}
		r.settle(3 * time.Second)
	}
	r.settle(10 * time.Second)
}

func besideConvertedSound(r *rig) {
	own := r.change
	r.change = func(c *Config) {
		own(c)
		c.Tools = allDolbyTools{c.Tools.(polyglotTools)}
	}
	r.start()
	r.plug("a")
	r.settle(time.Minute)
	title := r.want("film", library.Ready)
	if title.How != library.Audio || title.Audio[0].Language != "en" || !title.Audio[0].Default || title.Audio[1].Playlist == "" {
		r.t.Fatalf("%+v", title)
	}
	if _, err := r.segment("film", 3); err != nil {
		r.t.Error(err)
	}
	r.allHeard()
	rec, _ := r.lib.Record(title.ID)
	var kept []int
	for _, one := range rec.Renditions {
		if one.Sound {
			kept = append(kept, one.Alternate)
		}
	}
	if slices.Sort(kept); !slices.Equal(kept, []int{0, 2}) {
		r.t.Errorf("kept: %+v", rec.Renditions)
	}
	jobs := len(r.jobs())
	r.restart()
	r.settle(3 * time.Second)
	again := r.want("film", library.Ready)
	if again.Playlist != title.Playlist || again.Audio[1].Reason != nil {
		r.t.Errorf("after a restart: %+v", again)
	}
	for track := range 2 {
		if _, err := r.segment("film", track); err != nil {
			r.t.Error(err)
		}
		if _, err := r.heard(1, track); err != nil {
			r.t.Error(err)
		}
	}
	if len(r.jobs()) != jobs {
		r.t.Errorf("converted again: %v", r.jobs())
	}
}

// allDolbyTools say that no track plays as it is.
type allDolbyTools struct{ polyglotTools }

func (t allDolbyTools) Probe(ctx context.Context, in transcode.Input) (transcode.Media, error) {
	m, err := t.polyglotTools.Probe(ctx, in)
	for i := range m.Audio {
		m.Audio[i].Codec, m.Audio[i].Profile = "ac3", ""
	}
	return m, err
}

// What a track's film lets go of while nobody watches is read again, and the sound is still there.
func idleTracksKeepNoIndex(r *rig) {
	title := r.plugged()
	first, err := r.heard(1, 0)
	if err != nil {
		r.t.Fatal(err)
	}
	served := r.in.films[title.ID].alternates[0].served
	for _, when := range []string{"while it is half made", "when it is whole"} {
		r.settle(shelfIdle + time.Minute)
		if served.source != nil {
			r.t.Errorf("%s: the film's index is kept for nobody", when)
		}
		jobs := len(r.jobs())
		if again, err := r.heard(1, 0); err != nil || again != first || len(r.jobs()) != jobs {
			r.t.Errorf("%s: other bytes, or made again (%v)", when, err)
		}
		r.allHeard()
	}
	if now := r.want("film", library.Ready); now.Audio[1].Playlist != title.Audio[1].Playlist || now.Audio[1].Reason != nil {
		r.t.Errorf("%+v", now.Audio)
	}
}
