package web

import (
	"net/http"

	"streambox.local/web/swarm"
)

// swarmInside is GET /api/v1/swarm: the director's figures, and every group with
// its pages, inventories, wants and why each got the answer it got.
type swarmInside struct {
	swarm.Stats
	Groups []swarm.View `json:"groups"`
}

// stats is what the director counts.
func (sh *sharing) stats() swarm.Stats {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return sh.director.Stats()
}

// apiSwarm is GET /api/v1/swarm, for who debugs.
func (s *Server) apiSwarm(w http.ResponseWriter, r *http.Request) error {
	if !s.cfg.Debug {
		return notFound()
	}
	s.sharing.mu.Lock()
	inside := swarmInside{Stats: s.sharing.director.Stats(), Groups: s.sharing.director.Views()}
	s.sharing.mu.Unlock()
	s.sendJSON(w, r, http.StatusOK, inside)
	return nil
}

// apiSwarmTrace is GET /api/v1/swarm/trace: JSON lines, the first a snapshot.
func (s *Server) apiSwarmTrace(w http.ResponseWriter, r *http.Request) error {
	if !s.cfg.Debug {
		return notFound()
	}
	s.sharing.mu.Lock()
	text := s.sharing.trace.Bytes()
	s.sharing.mu.Unlock()
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", `attachment; filename="swarm.jsonl"`)
	s.send(w, r, http.StatusOK, "application/x-ndjson", text)
	return nil
}
