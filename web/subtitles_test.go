package web

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"streambox.local/appliance/library"
)

const spokenVTT = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nHello\n"

// withWords gives a film subtitles and returns their address.
func (f *fixture) withWords(id string) string {
	f.must(f.lib.Update(id, false, func(r *library.Record) {
		r.Subtitles = []library.SubtitleTrack{{N: 3, Language: "de", Kind: "full"}}
	}))
	f.must(f.lib.SetSubtitles(id, false, []library.Words{{Track: library.SubtitleTrack{N: 3}, WebVTT: []byte(spokenVTT)}}))
	t, _ := f.lib.Title(id)
	return t.Subtitles[0].URL
}

func TestSubtitlesAreServedForEver(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.film(filmID, "A film", 3, 500_000)
	url := f.withWords(filmID)

	a := f.get(url)
	equal(t, "status", a.StatusCode, http.StatusOK)
	equal(t, "text", string(a.body), spokenVTT)
	equal(t, "type", a.Header.Get("Content-Type"), "text/vtt; charset=utf-8")
	contains(t, "kept", a.Header.Get("Cache-Control"), "immutable")

	a = f.get(url + "?at=900000")
	equal(t, "text for players of HLS", string(a.body), "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n00:00:01.000 --> 00:00:02.000\nHello\n")

	a = f.get(strings.Replace(url, ".vtt", ".m3u8", 1) + "?at=900000")
	equal(t, "type of the playlist", a.Header.Get("Content-Type"), playlistType)
	contains(t, "playlist", string(a.body), url[strings.LastIndex(url, "/")+1:]+"?at=900000\n#EXT-X-ENDLIST")
	lacks(t, "playlist", a.Header.Get("Cache-Control"), "immutable")

	folder := url[:strings.LastIndex(url, "/")+1]
	for name, status := range map[string]int{
		folder + "3-00000000.vtt": http.StatusNotFound, folder + "4" + url[len(folder)+1:]: http.StatusNotFound,
		folder + "3.vtt": http.StatusNotFound, folder + "03" + url[len(folder)+1:]: http.StatusNotFound,
		folder + "..%2f..%2ftitle.json": http.StatusNotFound, strings.Replace(url, ".vtt", ".srt", 1): http.StatusNotFound,
		strings.Replace(url, filmID, missingID, 1): http.StatusNotFound, url + "?at=-1": http.StatusBadRequest,
		url + "?at=8589934592": http.StatusBadRequest, url + "?at=1%0aX": http.StatusBadRequest,
	} {
		equal(t, name, f.get(name).StatusCode, status)
	}
}

func TestSubtitlesInTheMultivariantPlaylist(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	film := f.film(filmID, "A film", 3, 500_000)
	url := f.withWords(filmID)
	text := string(f.get(film.Master).body)
	contains(t, "master", text, `#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subtitles",NAME="de",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES,URI="`+
		strings.Replace(strings.TrimPrefix(url, "/stream/"+filmID+"/"), ".vtt", ".m3u8", 1))
	contains(t, "master", text, `,SUBTITLES="subtitles"`)

	address := "/stream/" + filmID + "/subtitles/"
	tracks := []library.SubtitleTrack{
		{N: 0, Language: "de", Kind: "full", URL: address + "0-00000000.vtt"},
		{N: 1, Language: "de", Kind: "full", Reason: &library.Reason{Code: "subtitle_pictures"}},
		{N: 2, Language: "de", Kind: "forced", URL: address + "2-00000000.vtt"},
		{N: 3, Language: "de", Kind: "full", URL: address + "3-00000000.vtt"},
		{N: 4, Name: "a\",URI=\"http://evil/\"\n#EXTINF", Kind: "sdh", URL: address + "4-00000000.vtt"},
	}
	const line = `#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subtitles",NAME=`
	equal(t, "lines", subtitleMedia(library.Title{Subtitles: tracks}, 7),
		line+`"de",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES,URI="subtitles/0-00000000.m3u8?at=7"`+"\n"+
			line+`"de (forced)",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES,FORCED=YES,URI="subtitles/2-00000000.m3u8?at=7"`+"\n"+
			line+`"de 2",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES,URI="subtitles/3-00000000.m3u8?at=7"`+"\n"+
			line+`"a',URI='http://evil/' #EXTINF (sdh)",DEFAULT=NO,AUTOSELECT=YES,CHARACTERISTICS="public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound",URI="subtitles/4-00000000.m3u8?at=7"`+"\n")
	equal(t, "none", subtitleMedia(library.Title{}, 7), "")
}

// packet is a packet of MPEG-TS whose payload begins a unit.
func packet(field []byte, payload ...byte) []byte {
	p := []byte{0x47, 0x41, 0x00, 0x10}
	if field != nil {
		p[3] = 0x30
		p = append(append(p, byte(len(field))), field...)
	}
	p = append(p, payload...)
	return append(p, make([]byte, tsPacket-len(p))...)
}

func TestTheFirstPictureTellsWhenAFilmBegins(t *testing.T) {
	t.Parallel()
	sound := packet(nil, 0, 0, 1, 0xc0, 0, 0, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1)
	picture := []byte{0, 0, 1, 0xe0, 0, 0, 0x80, 0xc0, 10, 0x31, 0x00, 0x07, 0xd8, 0x61} // 126,000: 1.4 s
	late := []byte{0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5, 0x2f, 0xff, 0xff, 0xff, 0xff}
	for _, c := range []struct {
		name string
		data []byte
		want int64
	}{
		{"a picture", packet(nil, picture...), 126_000},
		{"behind sound, and a clock in its packet", append(sound, packet([]byte{0x10, 1, 2, 3, 4, 5, 6}, picture...)...), 126_000},
		{"the last time there is", packet(nil, late...), mpegTimes - 1},
		{"sound alone", sound, -1},
		{"nothing", nil, -1},
		{"no transport stream", make([]byte, 3*tsPacket), -1},
		{"a field that fills its packet", packet(make([]byte, 180), picture[:3]...), -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			equal(t, "ticks", firstPicture(c.data), c.want)
		})
	}
}

// timedSource must not be read.
type timedSource struct{ fakeSource }

func (timedSource) FirstTicks() int64 { return 900_000 }

func (timedSource) Segment(context.Context, string) (io.ReadSeekCloser, error) {
	panic("a segment is read")
}

func TestASourceThatKnowsItsBeginningIsNotRead(t *testing.T) {
	t.Parallel()
	equal(t, "ticks", filmBegins(t.Context(), timedSource{}, []playlistEntry{{"seg00000.ts", 4}}), 900_000)
	equal(t, "no segment yet", filmBegins(t.Context(), fakeSource{}, nil), -1)
}

func FuzzFirstPicture(f *testing.F) {
	f.Add(packet(nil, 0, 0, 1, 0xe0, 0, 0, 0x80, 0xc0, 10, 0x31, 0x00, 0x07, 0xd8, 0x61))
	f.Add(packet(make([]byte, 183)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if at := firstPicture(data); at < -1 || at >= mpegTimes {
			t.Fatalf("%d is no time", at)
		}
	})
}
