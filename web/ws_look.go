package web

import (
	"encoding/json"

	"streambox.local/appliance/library"
)

// maxLooks bounds the titles of one message; a page sends 48.
const maxLooks = 64

// clientLook is `look`: titles without a picture that the page shows just now, the
// first one first. There is no answer; a picture comes with the title when it is made.
type clientLook struct {
	Titles []string `json:"titles"`
}

// look takes what a page shows. It returns the code to close with where that is
// against the protocol, else 0.
func (h *hub) look(c *conn, text []byte) (code int) {
	var m clientLook
	if json.Unmarshal(text, &m) != nil || len(m.Titles) > maxLooks {
		return h.refuse(c, "look", "malformed")
	}
	for _, id := range m.Titles {
		if !library.ValidID(id) {
			return h.refuse(c, "look", "malformed")
		}
	}
	if h.s.cfg.Seen != nil && len(m.Titles) > 0 {
		h.s.cfg.Seen(m.Titles)
	}
	return 0
}
