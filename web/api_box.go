package web

import (
	"net/http"
	"sync"
	"time"

	"streambox.local/appliance/library"
)

// rescanAfterSeconds is how long to wait after a refused rescan; intake allows one per 10 s.
const rescanAfterSeconds = 10

// boxView is GET /api/v1/box and the message "box".
type boxView struct {
	Name          string            `json:"name"`
	URLs          []string          `json:"urls"`
	Version       string            `json:"version"`
	UptimeSeconds float64           `json:"uptimeSeconds"`
	State         string            `json:"state"`
	Hardware      map[string]string `json:"hardware"`
	Storage       library.Storage   `json:"storage"`
	Sticks        []library.Stick   `json:"sticks"`
	Problems      []library.Problem `json:"problems"`
	Room          *roomView         `json:"room,omitempty"` // nil: nobody looks after it
	Swarm         swarmView         `json:"swarm"`
}

// swarmView says how much went which way.
type swarmView struct {
	Policy    string `json:"policy"`
	Why       string `json:"why"`
	Viewers   int    `json:"viewers"`   // with a title open
	HTTPBytes uint64 `json:"httpBytes"` // of segments, from the box
	P2PBytes  uint64 `json:"p2pBytes"`  // of segments, from phone to phone, as the pages tell
}

func (s *Server) box() boxView {
	st := s.cfg.Box.Status()
	v := boxView{
		Name: st.Name, URLs: st.URLs, Version: st.Version, UptimeSeconds: st.UptimeSeconds, State: st.State,
		Hardware: st.Hardware, Storage: s.cfg.Library.Storage(), Sticks: s.cfg.Library.Sticks(),
		Problems: s.cfg.Library.Problems(), Room: s.roomView(), Swarm: s.sharing.view(),
	}
	if v.URLs == nil {
		v.URLs = []string{}
	}
	if v.Hardware == nil {
		v.Hardware = map[string]string{}
	}
	if v.Sticks == nil {
		v.Sticks = []library.Stick{}
	}
	if v.Problems == nil {
		v.Problems = []library.Problem{}
	}
	return v
}

// apiBox is GET /api/v1/box.
func (s *Server) apiBox(w http.ResponseWriter, r *http.Request) error {
	s.sendJSON(w, r, http.StatusOK, s.box())
	return nil
}

// apiRescan is POST /api/v1/rescan: anybody may, it is harmless.
func (s *Server) apiRescan(w http.ResponseWriter, r *http.Request) error {
	if s.cfg.Rescan == nil {
		return &problem{status: http.StatusServiceUnavailable, code: "no_rescan", text: "This box reads no sticks."}
	}
	if err := s.cfg.Rescan(); err != nil {
		s.log.InfoContext(r.Context(), "A rescan was refused", "err", err)
		return &problem{
			status: http.StatusTooManyRequests, code: "too_soon", retryAfterSeconds: rescanAfterSeconds,
			text: "The sticks have just been read, or are being read.", parameters: map[string]any{"seconds": rescanAfterSeconds},
		}
	}
	s.sendJSON(w, r, http.StatusAccepted, struct{}{})
	return nil
}

// hostWindow is how long a press of the button lets a page become host.
const hostWindow = 60 * time.Second

// hostClaim remembers who became host. One page per press: a claim holds off
// others until its window must be over.
type hostClaim struct {
	mu     sync.Mutex
	viewer string
	at     time.Time
}

func (c *hostClaim) take(viewer string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.viewer != "" && c.viewer != viewer && now.Sub(c.at) < hostWindow {
		return false
	}
	c.viewer, c.at = viewer, now
	return true
}

// apiHost is POST /api/v1/host: who changes the box needs a hand on it.
func (s *Server) apiHost(w http.ResponseWriter, r *http.Request) error {
	refused := &problem{
		status: http.StatusForbidden, code: "host_only",
		text: "Press the button on the box shortly; then one page may become host within a minute.",
	}
	if s.cfg.HostOpen == nil || !s.cfg.HostOpen() {
		return refused
	}
	viewer, err := s.ensureViewer(w.Header(), r)
	if err != nil {
		return err
	}
	if !s.claim.take(viewer, s.now()) {
		return refused
	}
	s.log.InfoContext(r.Context(), "A page became host", "remote", r.RemoteAddr)
	s.sendJSON(w, r, http.StatusOK, map[string]bool{"host": true})
	return nil
}
