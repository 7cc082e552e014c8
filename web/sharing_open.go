package web

import (
	"streambox.local/appliance/library"
	"streambox.local/web/swarm"
)

// shows notes that a page shows a title. One that is not (any more) here is
// taken as the library, and a rendition that is not as none: it may have gone
// in the same moment. What is left in open is what the swarm goes by.
func (s *Server) shows(c *conn, open *swarm.Open) {
	if open.Title != "" {
		if _, err := s.title(open.Title); err != nil {
			open.Title = ""
		}
	}
	if open.Title == "" || !s.hasRendition(open.Title, open.Rendition) {
		*open = swarm.Open{Title: open.Title}
	}
	if open.Title != "" {
		s.cfg.Library.Watched(open.Title)
	}
	s.presence.open(c.viewer, c.addr, c.key, open.Title)
	s.enter(c, open.Title, open.Rendition)
}

func (s *Server) hasRendition(id, rendition string) bool {
	if !library.ValidRendition(rendition) {
		return false
	}
	_, err := s.cfg.Library.Source(id, rendition)
	return err == nil
}
