package web

import (
	"net/http"
	"strings"
	"testing"

	"streambox.local/appliance/library"
)

func alternateOf(n int) string {
	return "/stream/" + filmID + "/direct-0000000" + string(rune('0'+n)) + "/index.m3u8"
}

func TestSoundTracksInTheMultivariantPlaylist(t *testing.T) {
	t.Parallel()
	english := library.AudioTrack{Language: "en", Default: true, Channels: 2}
	german := library.AudioTrack{N: 1, Language: "de", Channels: 6, Playlist: alternateOf(1)}
	const first = `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="en",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2"` + "\n"
	for _, c := range []struct {
		name  string
		audio []library.AudioTrack
		want  string
	}{
		{"none", nil, ""},
		{"one", []library.AudioTrack{english}, ""},
		{"two, of which one cannot be had", []library.AudioTrack{english, {N: 1, Language: "de", Reason: &library.Reason{Code: "sound_no_decoder"}}}, ""},
		{"two languages", []library.AudioTrack{english, german}, first +
			`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="de",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES,CHANNELS="6",URI="direct-00000001/index.m3u8"` + "\n"},
		{"one language twice", []library.AudioTrack{english, {N: 1, Language: "en", Playlist: alternateOf(1)}}, first +
			`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="en (2)",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,URI="direct-00000001/index.m3u8"` + "\n"},
		{
			"nothing known, and a name that is taken",
			[]library.AudioTrack{{Default: true}, {N: 1, Playlist: alternateOf(1)}, {N: 2, Name: "Sound 1", Playlist: alternateOf(2)}},
			`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Sound 1",DEFAULT=YES,AUTOSELECT=YES` + "\n" +
				`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Sound 2",DEFAULT=NO,AUTOSELECT=YES,URI="direct-00000001/index.m3u8"` + "\n" +
				`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Sound 1 (3)",DEFAULT=NO,AUTOSELECT=YES,URI="direct-00000002/index.m3u8"` + "\n",
		},
		{"a name that would break out of its line", []library.AudioTrack{english, {N: 1, Name: "a\",URI=\"http://evil/\"\r\n#EXTINF:1,\n\x1b[31mx", Playlist: alternateOf(1)}}, first +
			`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="a',URI='http://evil/'  #EXTINF:1,  [31mx",DEFAULT=NO,AUTOSELECT=YES,URI="direct-00000001/index.m3u8"` + "\n"},
		{"an address that is none of ours", []library.AudioTrack{english, {N: 1, Playlist: "/stream/x/../../etc/passwd"}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			equal(t, "playlist", soundMedia(library.Title{Audio: c.audio}), c.want)
		})
	}
}

func TestNamesOfSoundTracksAreBoundedAndDiffer(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 10_000)
	audio := []library.AudioTrack{{Default: true, Name: long}}
	for n := 1; n < 30; n++ {
		audio = append(audio, library.AudioTrack{N: n, Name: long, Playlist: alternateOf(n % 10)})
	}
	names := map[string]bool{}
	for line := range strings.Lines(soundMedia(library.Title{Audio: audio})) {
		_, name, _ := strings.Cut(line, "NAME=")
		name, _, _ = strings.Cut(name, ",")
		if names[name] || len(line) > 600 {
			t.Errorf("a name twice, or a line of %d bytes: %.80s", len(line), line)
		}
		names[name] = true
	}
	equal(t, "tracks", len(names), 30)
}

// A title's tracks come to players through the library, and its own rendition stays the first.
func TestMasterOfATitleWithTwoSoundTracks(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	film := f.film(filmID, "A film", 3, 500_000)
	shownNow := func() library.Title {
		title, ok := f.lib.Title(filmID)
		if !ok {
			t.Fatal("the title is gone")
		}
		return title
	}
	one := strings.Split(film.Playlist, "/")[3]
	f.must(f.lib.Update(filmID, false, func(r *library.Record) {
		r.Audio = []library.AudioTrack{{N: 1, Language: "en", Default: true}, {N: 0, Language: "fr"}}
		r.Renditions = append(r.Renditions, library.Rendition{Name: "direct-00000007", Alternate: 1, DurationSeconds: 12, TotalBytes: 12 * 20_000})
	}))
	equal(t, "no alternate that nobody serves", shownNow().Audio[1].Playlist, "")
	f.lib.Attach(filmID, "direct-00000007", fakeSource{playlist: func() ([]byte, error) { return []byte("#EXTM3U\n"), nil }})
	shown := shownNow()
	equal(t, "the alternate's playlist", shown.Audio[1].Playlist, alternateOf(7))
	equal(t, "of the default there is none", shown.Audio[0].Playlist, "")
	equal(t, "the title's own playlist", shown.Playlist, film.Playlist)
	text := string(f.get(film.Master).body)
	contains(t, "the group", text, `AUDIO="sound"`)
	contains(t, "the alternate", text, `LANGUAGE="fr",DEFAULT=NO,AUTOSELECT=YES,URI="direct-00000007/index.m3u8"`)
	contains(t, "the variant", text, "\n"+one+"/index.m3u8\n")
	equal(t, "it is there", f.get(alternateOf(7)).StatusCode, http.StatusOK)
	beside, alone := f.lib.BitsPerSecond(filmID, "direct-00000007"), f.lib.BitsPerSecond(filmID, one)
	if alone <= 0 || beside != alone+160_000 {
		t.Errorf("who hears it takes %f bit/s, the film alone %f", beside, alone)
	}
}
