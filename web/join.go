package web

import (
	"net/http"
)

// joinPage is /join: what a projector shows to the room. The code for the
// Wi-Fi joins it with the hotspot.
func (s *Server) joinPage(w http.ResponseWriter, r *http.Request) error {
	share := s.shareURL(r)
	st := s.cfg.Box.Status()
	also := make([]string, 0, len(st.URLs))
	for _, u := range st.URLs {
		if u != share {
			also = append(also, u)
		}
	}
	icon := "" // without it browsers ask for /favicon.ico
	if s.client.files != nil {
		icon = s.client.base() + "/icon.svg"
	}
	s.sendPage(w, r, http.StatusOK, projectorPage(st.Name, icon, share, also))
	return nil
}
