package web

import (
	"errors"
	"fmt"
	"html"
	"io/fs"
	"math"
	"net/http"
	"strings"

	"streambox.local/appliance/library"
)

// libraryPage is /: the browser app, with the list for browsers that cannot
// run it inside.
func (s *Server) libraryPage(w http.ResponseWriter, r *http.Request) error {
	return s.appPage(w, r, http.StatusOK)
}

// watchPage is /watch/{id}: the same app. It says itself that a title is gone
// (and notices when it comes back), so that an unknown one gets it too.
func (s *Server) watchPage(w http.ResponseWriter, r *http.Request) error {
	status := http.StatusOK
	if _, err := s.title(r.PathValue("id")); err != nil {
		status = http.StatusNotFound
	}
	return s.appPage(w, r, status)
}

// appPage fills the placeholders of index.html: {{base}} the prefix of the
// app's files, {{list}} the list without script, {{build}} the version.
func (s *Server) appPage(w http.ResponseWriter, r *http.Request, status int) error {
	after := r.URL.Query().Get("page")
	if after != "" && !library.ValidID(after) {
		return wrongParameter("page", "page must be the id of a title.")
	}
	if _, err := s.ensureViewer(w.Header(), r); err != nil {
		return err
	}
	index, err := s.client.index()
	if errors.Is(err, fs.ErrNotExist) {
		index, err = noClient, nil
	}
	if err != nil {
		return fmt.Errorf("finding the page: %w", err)
	}
	build := html.EscapeString(s.cfg.Box.Status().Version)
	page := strings.NewReplacer("{{base}}", s.client.base(), "{{list}}", string(rendered(filmList(s.plainList(after)))), "{{build}}", build).Replace(string(index))
	// Not no-store: that would keep the page out of the browser's back-forward cache.
	w.Header().Set("Cache-Control", "private, no-cache")
	s.send(w, r, status, htmlType, []byte(page))
	return nil
}

// plainList is what filmList shows.
type plainList struct {
	Titles []plainTitle
	Next   string
}

type plainTitle struct {
	Title, Length, Thumbnail, Master string
	ForAll                           string // the same for every device; "": Master is
	Note                             string // why it cannot be played
}

// maxPlainTitles bounds the list inside the page, which every browser loads
// though few need it.
const maxPlainTitles = 50

// plainList collects one page of titles, from after on.
func (s *Server) plainList(after string) plainList {
	page := s.cfg.Library.Titles(library.Query{After: after, Limit: maxPlainTitles})
	list := plainList{Next: page.Next, Titles: make([]plainTitle, len(page.Titles))}
	for i, t := range page.Titles {
		p := plainTitle{Title: t.Title, Length: clockLength(t.DurationSeconds), Thumbnail: t.Thumbnail}
		if t.Playable {
			p.Master = t.Master
			if t.Codecs != "" {
				p.ForAll = t.Master + everyDevice
			}
		} else if t.Reason != nil {
			p.Note = t.Reason.Text
		}
		list.Titles[i] = p
	}
	return list
}

// clockLength writes a length as 1:02:03 or 2:03; "" where it is not known.
func clockLength(seconds float64) string {
	n := int64(math.Round(seconds))
	switch {
	case n <= 0:
		return ""
	case n < 3600:
		return fmt.Sprintf("%d:%02d", n/60, n%60)
	default:
		return fmt.Sprintf("%d:%02d:%02d", n/3600, n/60%60, n%60)
	}
}
