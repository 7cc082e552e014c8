package web

import (
	"encoding/json"
	"time"

	"streambox.local/appliance/library"
)

const (
	// maxLooks bounds the titles of one message; a page sends 48.
	maxLooks = 64
	// looksEvery is how often a page may say what it shows: no oftener than its
	// scrolling rests. The network may bring looksAtOnce of them together; what is
	// more is not heard, so that one page does not drive out what the others show.
	looksEvery  = 400 * time.Millisecond
	looksAtOnce = 3
)

// looks counts a connection's messages of this kind; the reader's.
type looks struct{ due time.Time }

// take tells whether a message that comes now is heard.
func (l *looks) take(now time.Time) bool {
	if l.due.Before(now) {
		l.due = now
	}
	if l.due.Sub(now) > (looksAtOnce-1)*looksEvery {
		return false
	}
	l.due = l.due.Add(looksEvery)
	return true
}

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
	if h.s.cfg.Seen != nil && len(m.Titles) > 0 && c.looks.take(time.Now()) {
		h.s.cfg.Seen(m.Titles)
	}
	return 0
}
