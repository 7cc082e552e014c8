package web

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/http"
	"strconv"
	"strings"

	"streambox.local/appliance/library"
)

const (
	vttType = "text/vtt; charset=utf-8"
	vttHead = "WEBVTT\n"
	// mpegTimes is where times of MPEG-TS begin anew.
	mpegTimes = 1 << 33
)

// subtitles is /stream/{id}/subtitles/{n}-{digest}.vtt, and .m3u8 beside it: a
// media playlist of that one file. ?at= is the rendition's MPEG-TS time (90 kHz)
// at which the film begins; it is for players of HLS, who else cannot know which
// picture a cue belongs to. The names hold a digest, so both are for ever.
func (s *Server) subtitles(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if !library.ValidID(id) {
		return unknownTitle()
	}
	base, kind, _ := strings.Cut(r.PathValue("file"), ".")
	n, digest, ok := subtitleName(base)
	if !ok || kind != "vtt" && kind != "m3u8" {
		return notFound()
	}
	at, ok := startTicks(r.URL.Query().Get("at"))
	if !ok {
		return wrongParameter("at", "at must be a time of MPEG-TS.")
	}
	text, err := s.cfg.Library.Subtitle(id, n, digest)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return &problem{status: http.StatusNotFound, code: "no_subtitles", text: "This title has no such subtitles."}
		}
		return fmt.Errorf("finding subtitles: %w", err)
	}
	contentType := vttType
	if kind == "m3u8" {
		t, err := s.title(id)
		if err != nil {
			return err
		}
		contentType, text = playlistType, []byte(subtitlePlaylist(base, at, t.DurationSeconds))
	} else if at >= 0 {
		text = mapped(text, at)
	}
	h := w.Header()
	etag := `"` + digest + "-" + kind + strconv.FormatInt(at, 10) + `"`
	h.Set("Etag", etag)
	h.Set("Cache-Control", forEver)
	if kind == "m3u8" {
		h.Set("Cache-Control", "no-store") // the film's length may become known better
	}
	if etagMatches(r.Header.Get("If-None-Match"), etag) && kind == "vtt" {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	s.send(w, r, http.StatusOK, contentType, text)
	return nil
}

// subtitleName reads "3-0a1b2c3d".
func subtitleName(base string) (n int, digest string, ok bool) {
	number, digest, found := strings.Cut(base, "-")
	n, err := strconv.Atoi(number)
	if !found || err != nil || n < 0 || strconv.Itoa(n) != number || len(digest) != 8 || strings.Trim(digest, "0123456789abcdef") != "" {
		return 0, "", false
	}
	return n, digest, true
}

// startTicks reads ?at=; -1 without.
func startTicks(text string) (int64, bool) {
	if text == "" {
		return -1, true
	}
	at, err := strconv.ParseInt(text, 10, 64)
	return at, err == nil && at >= 0 && at < mpegTimes
}

// mapped says in a WebVTT file which time of MPEG-TS its beginning is (RFC 8216, 3.5).
func mapped(vtt []byte, at int64) []byte {
	body, found := strings.CutPrefix(string(vtt), vttHead)
	if !found {
		return vtt
	}
	return []byte(vttHead + "X-TIMESTAMP-MAP=MPEGTS:" + strconv.FormatInt(at, 10) + ",LOCAL:00:00:00.000\n" + body)
}

// subtitlePlaylist is a media playlist of one file that lasts as long as the film.
func subtitlePlaylist(base string, at int64, filmSeconds float64) string {
	if filmSeconds <= 0 {
		filmSeconds = 24 * 60 * 60 // not known yet: cues tell when they are due
	}
	query := ""
	if at >= 0 {
		query = "?at=" + strconv.FormatInt(at, 10)
	}
	return fmt.Sprintf("#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:%d\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:%.6f,\n%s.vtt%s\n#EXT-X-ENDLIST\n",
		int64(math.Ceil(filmSeconds)), filmSeconds, base, query)
}
