package web

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/http"

	"streambox.local/web/swarm"
)

const (
	cookieName    = "streambox_viewer"
	viewerBytes   = 16
	cookieSeconds = 365 * 24 * 60 * 60
)

// viewerOf returns who asks, "" without a cookie of ours. Of several (a cookie
// does not know ports, so that another program of this host may have set one)
// the first well-formed one counts.
func viewerOf(r *http.Request) string {
	for _, c := range r.CookiesNamed(cookieName) {
		if validViewer(c.Value) {
			return c.Value
		}
	}
	return ""
}

func validViewer(v string) bool {
	if len(v) != 2*viewerBytes {
		return false
	}
	for _, c := range []byte(v) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// ensureViewer returns who asks and sets the cookie: anew where it is missing
// or malformed, else so that it lasts another year.
func (s *Server) ensureViewer(h http.Header, r *http.Request) (string, error) {
	viewer := viewerOf(r)
	if viewer == "" {
		var b [viewerBytes]byte
		if _, err := io.ReadFull(s.cfg.Random, b[:]); err != nil {
			return "", fmt.Errorf("making a viewer's cookie: %w", err)
		}
		viewer = hex.EncodeToString(b[:])
	}
	// Not Secure: the box speaks http. Max-Age and not Expires: the box may
	// not know what time it is.
	cookie := http.Cookie{ //nolint:gosec // G124: see Secure above
		Name: cookieName, Value: viewer, Path: "/", MaxAge: cookieSeconds,
		HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	h.Add("Set-Cookie", cookie.String())
	return viewer, nil
}

// drawPeer makes the name of a connection for other pages to see.
func drawPeer(random io.Reader) (swarm.PeerID, error) {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	var b [maxPeerIDBytes]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("naming a connection: %w", err)
	}
	for i, c := range b {
		b[i] = letters[int(c)%len(letters)]
	}
	return swarm.PeerID(b[:]), nil
}
