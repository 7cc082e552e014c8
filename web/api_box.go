package web

import (
	"net/http"

	"streambox.local/appliance/library"
)

// rescanAfterSeconds is how long to wait after a refused rescan; intake allows one per 10 s.
const rescanAfterSeconds = 10

// boxView is GET /api/v1/box and the message "box".
type boxView struct {
	Name          string                    `json:"name"`
	URLs          []string                  `json:"urls"`
	Version       string                    `json:"version"`
	UptimeSeconds float64                   `json:"uptimeSeconds"`
	State         string                    `json:"state"`
	Hardware      map[string]string         `json:"hardware"`
	Details       map[string]HardwareDetail `json:"hardwareDetails,omitempty"`
	Notes         []library.Reason          `json:"notes,omitempty"` // worth knowing, and no problem
	Storage       library.Storage           `json:"storage"`
	Sticks        []library.Stick           `json:"sticks"`
	Problems      []library.Problem         `json:"problems"`
	Room          *roomView                 `json:"room,omitempty"` // nil: nobody looks after it
	Swarm         swarmView                 `json:"swarm"`
	Host          hostView                  `json:"host"`
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
		Hardware: st.Hardware, Details: st.HardwareDetails, Notes: st.Notes, Storage: s.cfg.Library.Storage(), Sticks: s.cfg.Library.Sticks(),
		Problems: s.cfg.Library.Problems(), Room: s.roomView(), Swarm: s.sharing.view(),
		Host: hostView{Open: s.host.isOpen(s.now()), PowerOff: s.canPowerOff()},
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
	v := s.box()
	you := s.host.is(viewerOf(r))
	v.Host.You = &you
	s.sendJSON(w, r, http.StatusOK, v)
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
