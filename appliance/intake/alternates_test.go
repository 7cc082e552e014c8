package intake

import (
	"context"
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
		"that nobody hears any more keep no index in memory":               idleTracksKeepNoIndex,
		"begin on a slow disk without holding anybody up":                  slowDisksHoldNothingUp,
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
