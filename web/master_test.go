package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"streambox.local/appliance/library"
)

func TestMasterPlaylist(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	film := f.film(filmID, "A film", 3, 500_000)
	a := f.get(film.Master)
	rendition := strings.Split(film.Playlist, "/")[3]
	want := "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n" +
		"#EXT-X-STREAM-INF:BANDWIDTH=1000000,AVERAGE-BANDWIDTH=1000000,RESOLUTION=1280x720\n" + rendition + "/index.m3u8\n"
	equal(t, "playlist", string(a.body), want)
	equal(t, "the variant is there", f.get("/stream/"+filmID+"/"+rendition+"/index.m3u8").StatusCode, http.StatusOK)

	f.listed(secondID, "waiting", library.Queued)
	waiting := f.get("/stream/" + secondID + "/master.m3u8")
	equal(t, "a title that will come", waiting.StatusCode, http.StatusServiceUnavailable)
	equal(t, "try again", waiting.Header.Get("Retry-After"), "1")

	f.listed(missingID, "pulled", library.Queued)
	f.must(f.lib.Update(missingID, false, func(r *library.Record) { r.Sources = nil }))
	pulled := f.get("/stream/" + missingID + "/master.m3u8")
	equal(t, "a title whose stick was pulled", pulled.StatusCode, http.StatusServiceUnavailable)
	contains(t, "is not prepared by anybody", string(pulled.body), `"unplugged"`)
}

func TestRatesOfSegments(t *testing.T) {
	t.Parallel()
	sizes := map[string]int64{"a.ts": 1000, "b.ts": 4000}
	src := fakeSource{digest: func(name string) ([]byte, int64, error) {
		if size, ok := sizes[name]; ok {
			return nil, size, nil
		}
		return nil, 0, errors.New("not yet")
	}}
	for _, c := range []struct {
		name, playlist string
		want           rates
	}{
		{"nothing yet", "#EXTM3U\n", rates{}},
		{"one", "#EXTINF:4,\na.ts\n", rates{2000, 2000}},
		{"peak and average", "#EXTINF:4,title\na.ts\n#EXTINF:2.0\nb.ts\n", rates{16000, 6667}},
		{"sizes that are not known", "#EXTINF:4,\na.ts\n#EXTINF:4,\nc.ts\n", rates{2000, 2000}},
		{"a length that cannot be read", "#EXTINF:x,\na.ts\n#EXTINF:0,\nb.ts\n", rates{}},
		{"a length that is missing", "a.ts\n", rates{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			equal(t, "rates", measure(context.Background(), src, playlistEntries([]byte(c.playlist))), c.want)
		})
	}
}

func TestPlaylistEntries(t *testing.T) {
	t.Parallel()
	got := playlistEntries([]byte("#EXTM3U\r\n#EXT-X-MAP:URI=\"init.mp4\"\r\n#EXTINF:4.5,a,b\r\n#EXT-X-DISCONTINUITY\r\nseg00000.m4s\r\n\r\n#EXTINF:1e0\nseg00001.m4s"))
	if len(got) != 2 || got[0] != (playlistEntry{"seg00000.m4s", 4.5}) || got[1] != (playlistEntry{"seg00001.m4s", 1}) {
		t.Errorf("got %+v", got)
	}
}

func TestGuessedMaster(t *testing.T) {
	t.Parallel()
	last := int64(0)
	for _, height := range []int{240, 480, 720, 1080} {
		peak := guessedPeak(height)
		if peak <= last {
			t.Errorf("%d lines need %d bit/s, not more than fewer lines", height, peak)
		}
		last = peak
	}
	text := masterPlaylist(library.Title{}, "video-00000000", "", "", rates{})
	lacks(t, "unknown size", text, "RESOLUTION")
	contains(t, "guess", text, "BANDWIDTH=4000000\n")
}
