package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"streambox.local/appliance/library"
)

// Limits of the parameters of GET /api/v1/titles.
const (
	maxPageTitles  = 200
	maxFolderBytes = 1024
	maxSearchBytes = 256
)

// apiTitles is GET /api/v1/titles.
func (s *Server) apiTitles(w http.ResponseWriter, r *http.Request) error {
	q, err := titlesQuery(r.URL.RawQuery)
	if err != nil {
		return err
	}
	page := s.cfg.Library.Titles(q)
	page.Titles = s.views(page.Titles)
	if page.Removed == nil {
		page.Removed = []string{}
	}
	body, err := json.Marshal(page)
	if err != nil {
		return fmt.Errorf("encoding the list of titles: %w", err)
	}
	s.sendRevalidated(w, r, "application/json", append(body, '\n'))
	return nil
}

// apiTitle is GET /api/v1/titles/{id}.
func (s *Server) apiTitle(w http.ResponseWriter, r *http.Request) error {
	t, err := s.title(r.PathValue("id"))
	if err != nil {
		return err
	}
	body, err := json.Marshal(s.view(t))
	if err != nil {
		return fmt.Errorf("encoding a title: %w", err)
	}
	s.sendRevalidated(w, r, "application/json", append(body, '\n'))
	return nil
}

// title looks an id from a request up.
func (s *Server) title(id string) (library.Title, error) {
	if library.ValidID(id) {
		if t, ok := s.cfg.Library.Title(id); ok {
			return t, nil
		}
	}
	return library.Title{}, unknownTitle()
}

// view adds what only web knows, and makes empty lists of missing ones.
func (s *Server) view(t library.Title) library.Title {
	t.Viewers = s.presence.Opened(t.ID)
	if t.Sources == nil {
		t.Sources = []library.Place{}
	}
	if t.Audio == nil {
		t.Audio = []library.AudioTrack{}
	}
	if t.Subtitles == nil {
		t.Subtitles = []library.SubtitleTrack{}
	}
	return t
}

func (s *Server) views(titles []library.Title) []library.Title {
	out := make([]library.Title, len(titles))
	for i, t := range titles {
		out[i] = s.view(t)
	}
	return out
}

// titlesQuery reads the parameters; unknown ones are left alone, since later
// releases will have more.
func titlesQuery(raw string) (library.Query, error) {
	var q library.Query
	values, err := url.ParseQuery(raw)
	if err != nil {
		return q, wrongParameter("", "The parameters cannot be read.")
	}
	if v := values.Get("since"); v != "" {
		if q.Since, err = strconv.ParseUint(v, 10, 64); err != nil {
			return q, wrongParameter("since", "since must be a revision, a whole number.")
		}
	}
	if q.After = values.Get("after"); q.After != "" && !library.ValidID(q.After) {
		return q, wrongParameter("after", "after must be the id of a title.")
	}
	if v := values.Get("limit"); v != "" {
		if q.Limit, err = strconv.Atoi(v); err != nil || q.Limit < 1 || q.Limit > maxPageTitles {
			return q, wrongParameter("limit", "limit must be a number from 1 to 200.")
		}
	}
	q.Folder = strings.Trim(values.Get("folder"), "/")
	if !plainText(q.Folder, maxFolderBytes) {
		return q, wrongParameter("folder", "folder must be a folder's name.")
	}
	if q.Search = values.Get("q"); !plainText(q.Search, maxSearchBytes) {
		return q, wrongParameter("q", "q must be a few words.")
	}
	switch q.Sort = values.Get("sort"); q.Sort {
	case "", "folder", "title", "added", "duration":
		return q, nil
	default:
		return q, wrongParameter("sort", "sort must be folder, title, added or duration.")
	}
}

// plainText bounds a text of a request. Line breaks are allowed, since files
// may have them in their names; NUL no file name can have.
func plainText(s string, maxBytes int) bool {
	return len(s) <= maxBytes && utf8.ValidString(s) && !strings.Contains(s, "\x00")
}
