package web

import (
	"bytes"
	"math"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"streambox.local/appliance/library"
)

// titlesM3U is /titles.m3u: everything that can be played, for VLC and
// television sets. The URLs are absolute by the name that was asked for, since
// players keep the file and resolve nothing.
func (s *Server) titlesM3U(w http.ResponseWriter, r *http.Request) error {
	var b bytes.Buffer
	b.WriteString("#EXTM3U\n")
	base := baseURL(r)
	q := library.Query{Limit: maxPageTitles}
	for {
		page := s.cfg.Library.Titles(q)
		if page.Reset {
			break // the titles of the last page have gone meanwhile: what is listed is true
		}
		for _, t := range page.Titles {
			if t.Playable && t.Master != "" {
				writeM3UEntry(&b, t, base+t.Master)
			}
		}
		if page.Next == "" {
			break
		}
		q.After = page.Next
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", `inline; filename="streambox.m3u"`)
	s.send(w, r, http.StatusOK, "audio/x-mpegurl; charset=utf-8", b.Bytes())
	return nil
}

func writeM3UEntry(b *bytes.Buffer, t library.Title, url string) {
	b.WriteString("#EXTINF:" + strconv.FormatFloat(math.Round(t.DurationSeconds), 'f', 0, 64) + ",")
	b.WriteString(oneLine(t.Title) + "\n" + url + "\n")
}

// oneLine keeps a file's name from starting a line of its own (and naming
// another address there).
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(c rune) bool {
		return unicode.IsSpace(c) || unicode.IsControl(c) || c == '\u2028' || c == '\u2029'
	}), " ")
}
