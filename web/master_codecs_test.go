package web

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"streambox.local/appliance/library"
)

// A film that not every phone plays: players without a page choose by CODECS,
// and one that knows nothing of codecs takes what is converted.
func TestAMultivariantPlaylistOffersWhatThereIs(t *testing.T) {
	t.Parallel()
	const hevc, own = "hvc1.2.4.L150.90,mp4a.40.2", "direct-0123abcd"
	f := start(t, nil)
	film := f.film(filmID, "A film", 3, 500_000)
	converted := strings.Split(film.Playlist, "/")[3]
	f.must(f.lib.Update(filmID, false, func(r *library.Record) {
		r.Codecs = hevc
		r.Renditions = slices.Insert(r.Renditions, 0, library.Rendition{Name: own, Complete: true, Codecs: hevc})
	}))
	f.lib.Attach(filmID, own, fakeSource{
		playlist: func() ([]byte, error) {
			return []byte("#EXTM3U\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:4.0,\nseg00000.m4s\n"), nil
		},
		segment: func(string) (io.ReadSeekCloser, error) { return nil, library.ErrNotYet },
		digest:  func(string) ([]byte, int64, error) { return nil, 2_000_000, nil },
	})
	first := "#EXT-X-STREAM-INF:BANDWIDTH=4000000,AVERAGE-BANDWIDTH=4000000,RESOLUTION=1280x720,CODECS=\"" + hevc + "\"\n" + own + "/index.m3u8\n"
	other := "#EXT-X-STREAM-INF:BANDWIDTH=1000000,AVERAGE-BANDWIDTH=1000000,CODECS=\"avc1.64002a\"\n" + converted + "/index.m3u8\n"
	equal(t, "both", string(f.get(film.Master).body), "#EXTM3U\n#EXT-X-VERSION:6\n"+other+first)
	equal(t, "the one as it is", string(f.get(film.Master+"?rendition="+own).body), "#EXTM3U\n#EXT-X-VERSION:6\n"+first)
	equal(t, "the converted one", string(f.get(film.Master+"?rendition="+converted).body),
		"#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-STREAM-INF:BANDWIDTH=1000000,AVERAGE-BANDWIDTH=1000000,RESOLUTION=1280x720\n"+converted+"/index.m3u8\n")
	equal(t, "one that is gone", f.get(film.Master+"?rendition=video-ffffffff").StatusCode, http.StatusGone)

	equal(t, "for every device", string(f.get(film.Master+"?for=all").body), string(f.get(film.Master+"?rendition="+converted).body))
	equal(t, "who asks for it cannot", f.srv.presence.Cannot(filmID), 1)
	title := decode[library.Title](t, f.get("/api/v1/titles/"+filmID).body)
	if title.Codecs != hevc || len(title.Renditions) != 2 || title.Renditions[1].Codecs != "" || title.Renditions[1].State != library.Ready {
		t.Errorf("the API says %q, %+v", title.Codecs, title.Renditions)
	}
}

// A player that has no page cannot say what it plays: it has an address of its own.
func TestWhoAsksForEveryDeviceIsCountedAndToldToWait(t *testing.T) {
	t.Parallel()
	const hevc, own = "hvc1.2.4.L150.90,mp4a.40.2", "direct-0123abcd"
	f := start(t, nil)
	film := f.film(filmID, "A film", 3, 500_000)
	equal(t, "listed as it is", strings.Contains(string(f.get("/titles.m3u").body), "?for=all"), false)
	f.must(f.lib.Update(filmID, false, func(r *library.Record) {
		r.Codecs = hevc
		r.Renditions = []library.Rendition{{Name: own, Complete: true, Codecs: hevc}}
	}))
	f.lib.Attach(filmID, own, fakeSource{
		playlist: func() ([]byte, error) { return []byte("#EXTM3U\n#EXTINF:4.0,\nseg00000.m4s\n"), nil },
		segment:  func(string) (io.ReadSeekCloser, error) { return nil, library.ErrNotYet },
		digest:   func(string) ([]byte, int64, error) { return nil, 2_000_000, nil },
	})
	forAll := film.Master + "?for=all"
	f.get(film.Master)
	equal(t, "as it is: nobody who cannot", f.srv.presence.Cannot(filmID), 0)
	answer := f.get(forAll)
	equal(t, "nothing is there yet", answer.StatusCode, http.StatusServiceUnavailable)
	equal(t, "it may ask again", answer.Header.Get("Retry-After") != "", true)
	equal(t, "one who cannot", f.srv.presence.Cannot(filmID), 1)
	f.get(film.Master)
	equal(t, "still, as it goes on asking", f.srv.presence.Cannot(filmID), 1)
	equal(t, "the playlist of all films, for players that play nearly all, has it as it is", strings.Contains(string(f.get("/titles.m3u").body), film.Master+"\n"), true)
	list := string(f.get("/").body)
	equal(t, "the list has it as it is", strings.Contains(list, `href="`+film.Master+`"`), true)
	equal(t, "and for every device", strings.Contains(list, `href="`+forAll+`"`), true)

	f.must(f.lib.Update(filmID, false, func(r *library.Record) { r.NotForOthers = &library.Reason{Code: "too_big", Text: "Too big."} }))
	equal(t, "refused: as it is", string(f.get(forAll).body), string(f.get(film.Master).body))
}
