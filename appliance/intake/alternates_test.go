package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/packager"
)

// polyglotTools find further sound tracks in every real film.
type polyglotTools struct {
	packTools
	more []transcode.Audio
}

func (t polyglotTools) Probe(ctx context.Context, in transcode.Input) (transcode.Media, error) {
	m, err := t.packTools.Probe(ctx, in)
	if err == nil && len(m.Audio) == 1 {
		m.Audio[0].Language = "en"
		m.Audio = append(m.Audio, t.more...)
	}
	return m, err
}

func (t polyglotTools) Machine(ctx context.Context) (transcode.Machine, error) {
	m, err := t.packTools.Machine(ctx)
	m.Decoders = map[string]bool{"h264": true, "aac": true, "ac3": true}
	return m, err
}

var germanDolby = transcode.Audio{Index: 2, Codec: "ac3", Channels: 6, Language: "de", Name: "Kino\x1b[2J\n" + strings.Repeat("x", 10_000)}

func TestFurtherSoundTracks(t *testing.T) {
	films := realFilms(t, "h264-aac")
	for name, test := range map[string]func(*rig){
		"are listed beside the film, and cost nothing until somebody asks": tracksAreListed,
		"are made where somebody listens, and a little ahead":              tracksAreMadeWhereHeard,
		"that were heard to the end stay, with the same bytes":             tracksStay,
		"that are not whole go with their stick":                           unfinishedTracksGo,
		"that cannot be converted are no longer offered":                   tracksThatFail,
		"that are not in the file as it says are converted":                tracksThatLie,
		"whose kept sound is damaged are made again at another address":    damagedTracksAreMadeAgain,
		"that fail by no fault of theirs are tried again":                  tracksAreTriedAgain,
		"of a film whose own sound is converted lie beside that":           besideConvertedSound,
		"make room when the disk is full":                                  tracksMakeRoom,
	} {
		t.Run(name, func(t *testing.T) {
			inBox(t, func(r *rig) {
				r.piece = 64 * 2 // 2.7 s: nine pieces
				polyglot(r, germanDolby, transcode.Audio{Index: 3, Codec: "truehd", Language: "fr"})
				r.put("a", "film.mp4", films["h264-aac"])
				test(r)
			})
		})
	}
}

func polyglot(r *rig, more ...transcode.Audio) {
	r.change = func(c *Config) {
		c.Tools = polyglotTools{packTools{r.tools}, more}
		c.Segments = packager.NewCache(0, 0)
	}
}

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

func tracksAreListed(r *rig) {
	title := r.plugged()
	if len(title.Audio) != 3 {
		r.t.Fatalf("%+v", title.Audio)
	}
	english, german, french := title.Audio[0], title.Audio[1], title.Audio[2]
	if !english.Default || english.N != 0 || english.Language != "en" || english.Playlist != "" || english.Reason != nil || english.Channels != 2 {
		r.t.Errorf("%+v", english)
	}
	if german.Default || german.N != 1 || german.Language != "de" || german.Channels != 2 || german.Reason == nil || german.Reason.Code != CodeSoundWhenChosen || !strings.HasPrefix(german.Playlist, "/stream/"+title.ID+"/"+packedPrefix) {
		r.t.Errorf("%+v", german)
	}
	if strings.ContainsAny(german.Name, "\x1b\n") || len(german.Name) > titleRunes {
		r.t.Errorf("its name is %q", german.Name)
	}
	if french.Playlist != "" || french.Reason == nil || french.Reason.Code != transcode.CodeSoundNoDecoder {
		r.t.Errorf("%+v", french)
	}
	source, err := r.lib.Source(title.ID, strings.Split(german.Playlist, "/")[3])
	if err != nil {
		r.t.Fatal(err)
	}
	list, err := source.Playlist(r.t.Context())
	if err != nil || !strings.Contains(string(list), "#EXT-X-ENDLIST") || strings.Count(string(list), "#EXTINF") < 5 {
		r.t.Errorf("the playlist (%v):\n%s", err, list)
	}
	if len(r.jobs()) > 0 {
		r.t.Errorf("made for nobody: %v", r.jobs())
	}
	before := title.Playlist
	r.restart()
	r.settle(3 * time.Second)
	again := r.want("film", library.Ready)
	if again.Playlist != before || len(again.Audio) != 3 || again.Audio[1].Playlist == german.Playlist {
		r.t.Errorf("after a restart, when other bytes may come: %+v", again)
	}
	if left, _ := filepath.Glob(filepath.Join(r.dir, "library", "*", "sound-*")); len(left) > 0 {
		r.t.Errorf("left of what was never made: %v", left)
	}
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

func unfinishedTracksGo(r *rig) {
	title := r.plugged()
	if _, err := r.heard(1, 0); err != nil {
		r.t.Fatal(err)
	}
	r.pull("a")
	r.settle(15 * time.Second)
	if left := r.onDisk(); len(left) > 0 {
		r.t.Errorf("left: %v", left)
	}
	r.plug("a")
	r.settle(3 * time.Second)
	if back := r.want("film", library.Ready); back.Audio[1].Playlist == title.Audio[1].Playlist {
		r.t.Error("other sound under the same address")
	}
	if _, err := r.heard(1, 0); err != nil {
		r.t.Error(err)
	}
}

func tracksThatFail(r *rig) {
	r.tools.onSound = func(float64) error { return errors.New("nothing but noise") }
	title := r.plugged()
	if _, err := r.heard(1, 0); !errors.Is(err, library.ErrNotYet) {
		r.t.Errorf("%v", err)
	}
	r.settle(time.Second)
	now := r.want("film", library.Ready)
	if now.Audio[1].Playlist != "" || now.Audio[1].Reason == nil || now.Audio[1].Reason.Code != transcode.CodeSoundDamaged || now.Playlist != title.Playlist {
		r.t.Errorf("%+v; log:\n%s", now, r.log)
	}
	if _, err := r.segment("film", 0); err != nil {
		r.t.Error(err)
	}
	if left := r.onDisk(); len(left) > 0 {
		r.t.Errorf("left: %v", left)
	}
}

func tracksThatLie(r *rig) {
	polyglot(r, transcode.Audio{Index: 2, Codec: "aac", Profile: "LC", Channels: 2, Language: "de"})
	title := r.plugged()
	if title.Audio[1].Reason != nil {
		r.t.Errorf("passed on as it is: %+v", title.Audio[1])
	}
	if _, err := r.heard(1, 0); !errors.Is(err, library.ErrNotYet) {
		r.t.Errorf("%v", err)
	}
	r.settle(time.Second)
	if now := r.want("film", library.Ready); now.Audio[1].Reason == nil || now.Audio[1].Reason.Code != CodeSoundWhenChosen || now.Audio[1].Playlist == title.Audio[1].Playlist {
		r.t.Errorf("%+v", now.Audio)
	}
	if _, err := r.heard(1, 0); err != nil {
		r.t.Error(err)
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

func damagedTracksAreMadeAgain(r *rig) {
	r.plugged()
	r.allHeard()
	before := r.want("film", library.Ready)
	files, _ := filepath.Glob(filepath.Join(r.dir, "library", "*", "sound-*", "sound.aac"))
	if len(files) != 1 {
		r.t.Fatalf("%v", files)
	}
	if err := os.WriteFile(files[0], make([]byte, 1000), 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.in.cfg.Segments.Forget(before.ID + "/" + strings.Split(before.Audio[1].Playlist, "/")[3])
	if _, err := r.heard(1, 0); !errors.Is(err, library.ErrNotYet) {
		r.t.Errorf("damaged sound: %v", err)
	}
	r.settle(time.Second)
	after := r.want("film", library.Ready)
	if after.Audio[1].Playlist == before.Audio[1].Playlist || after.Playlist != before.Playlist {
		r.t.Errorf("%+v", after)
	}
	if _, err := r.heard(1, 0); err != nil {
		r.t.Error(err)
	}
}

func tracksAreTriedAgain(r *rig) {
	title := r.plugged()
	r.setFree(0)
	if _, err := r.heard(1, 0); !errors.Is(err, library.ErrNotYet) {
		r.t.Errorf("%v", err)
	}
	r.setFree(1 << 40)
	r.settle(4 * time.Second)
	if _, err := r.heard(1, 0); err != nil {
		r.t.Error(err)
	}
	if now := r.want("film", library.Ready); now.Audio[1].Playlist != title.Audio[1].Playlist {
		r.t.Errorf("%+v", now.Audio)
	}
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

func tracksMakeRoom(r *rig) {
	title := r.plugged()
	r.allHeard()
	storage := r.lib.Storage()
	if err := r.lib.MakeRoom(strings.Repeat("a", len(title.ID)), storage.FreeBytes-storage.ReserveBytes+1, true, nil); err != nil {
		r.t.Fatal(err)
	}
	if now := r.want("film", library.Ready); !now.Playable || now.Playlist != title.Playlist {
		r.t.Errorf("%+v", now)
	}
	r.in.cfg.Segments.Forget(title.ID + "/" + strings.Split(r.title("film").Audio[1].Playlist, "/")[3])
	_, _ = r.heard(1, 0) // finds out
	r.settle(time.Second)
	if _, err := r.heard(1, 0); err != nil {
		r.t.Error(err)
	}
}

func TestATitleWithOneTrackHasNoAlternates(t *testing.T) {
	films := realFilms(t, "h264-aac")
	inBox(t, func(r *rig) {
		polyglot(r)
		r.put("a", "film.mp4", films["h264-aac"])
		title := r.plugged()
		rec, _ := r.lib.Record(title.ID)
		if len(title.Audio) != 1 || !title.Audio[0].Default || len(rec.Renditions) != 1 {
			r.t.Errorf("%+v, %+v", title.Audio, rec.Renditions)
		}
	})
}

func TestAbsurdlyManyTracks(t *testing.T) {
	films := realFilms(t, "h264-aac")
	inBox(t, func(r *rig) {
		polyglot(r, slices.Repeat([]transcode.Audio{{Codec: "ac3"}}, 1000)...)
		r.put("a", "film.mp4", films["h264-aac"])
		title := r.plugged()
		offered := 0
		for _, a := range title.Audio {
			if a.Playlist != "" {
				offered++
			}
		}
		if offered != mostAlternates || len(title.Audio) > mostAlternates+1 {
			r.t.Errorf("%d of %d tracks are offered", offered, len(title.Audio))
		}
	})
}
