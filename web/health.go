package web

import (
	"net/http"
)

// healthz is for whoever watches the box: 200 while it serves, and its state.
func (s *Server) healthz(w http.ResponseWriter, r *http.Request) error {
	state := s.cfg.Box.Status().State
	status := http.StatusOK
	if state == "fault" || state == "stopping" {
		status = http.StatusServiceUnavailable
	}
	w.Header().Set("Cache-Control", "no-store")
	s.send(w, r, status, "text/plain; charset=utf-8", []byte(state+"\n"))
	return nil
}
