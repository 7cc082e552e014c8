package web

import (
	"net/http"
	"sync"
	"time"
)

// hostOpenFor is how long a press of the button lets a page become host.
const hostOpenFor = 60 * time.Second

// hostWindow remembers who is host, and until when somebody may become it.
type hostWindow struct {
	mu     sync.Mutex
	until  time.Time // of time.Now, hence monotonic; zero: closed
	viewer string    // the host's cookie; "": nobody
}

func (h *hostWindow) open(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.until = now.Add(hostOpenFor)
}

func (h *hostWindow) isOpen(now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return now.Before(h.until)
}

// claim makes a viewer host if the window is open, and closes it: one page for
// a press. Who is host already stays it. lost is who was host until now.
func (h *hostWindow) claim(viewer string, now time.Time) (ok bool, lost string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now.Before(h.until) {
		if h.viewer != viewer {
			lost = h.viewer
		}
		h.viewer, h.until = viewer, time.Time{}
	}
	return viewer != "" && viewer == h.viewer, lost
}

func (h *hostWindow) is(viewer string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return viewer != "" && viewer == h.viewer
}

func (h *hostWindow) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.viewer, h.until = "", time.Time{}
}

// hostView is what a page is told of it.
type hostView struct {
	Open bool  `json:"open"`           // a page may become host now
	You  *bool `json:"you,omitempty"`  // who asks is host; absent in what all pages are told
	Lost bool  `json:"lost,omitempty"` // who is told was host until another page became it

	PowerOff bool `json:"powerOff,omitempty"` // the box can switch itself off
}

// OpenHost lets a page become host within the next 60 s. Safe for concurrent use.
func (s *Server) OpenHost() { s.host.open(s.now()) }

// ForgetHost leaves the box without a host.
func (s *Server) ForgetHost() { s.host.forget() }

func hostOnly() *problem {
	return &problem{
		status: http.StatusForbidden, code: "host_only",
		text: "Press the button on the box briefly; then one page may become host within a minute.",
	}
}

// apiHost is POST /api/v1/host: who changes the box needs a hand on it.
func (s *Server) apiHost(w http.ResponseWriter, r *http.Request) error {
	if now := s.now(); !s.host.isOpen(now) && !s.host.is(viewerOf(r)) {
		return hostOnly() // without a cookie for who only tries
	}
	viewer, err := s.ensureViewer(w.Header(), r)
	if err != nil {
		return err
	}
	was := s.host.is(viewer)
	ok, lost := s.host.claim(viewer, s.now())
	if !ok {
		return hostOnly()
	}
	if lost != "" {
		s.hub.tellLost(lost)
	}
	if !was {
		s.log.InfoContext(r.Context(), "A page became host", "remote", r.RemoteAddr)
	}
	s.sendJSON(w, r, http.StatusOK, map[string]bool{"host": true})
	return nil
}

// asHost lets only the host on.
func (s *Server) asHost(r *http.Request) error {
	if !s.host.is(viewerOf(r)) {
		return hostOnly()
	}
	return nil
}
