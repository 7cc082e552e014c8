package web

import (
	"net/http"
	"net/url"
	"strings"
)

// checkOrigin keeps pages of other sites from changing anything or opening a
// WebSocket here with the viewer's cookie. Every browser sends Origin with
// those; without it the client is a program (curl) and has no cookie to steal.
func checkOrigin(r *http.Request) error {
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
	if reads && r.URL.Path != "/ws" {
		return nil
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		return wrongOrigin()
	}
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		return nil
	}
	if len(origins) > 1 || !sameOrigin(origins[0], r.Host) {
		return wrongOrigin()
	}
	return nil
}

// sameOrigin compares an Origin header with the Host that was asked. https is
// allowed for boxes behind a proxy that ends TLS.
func sameOrigin(origin, host string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	port, known := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	if !known {
		return false
	}
	return strings.EqualFold(strings.TrimSuffix(u.Host, port), strings.TrimSuffix(host, port))
}

func wrongOrigin() *problem {
	return &problem{status: http.StatusForbidden, code: "wrong_origin", text: "Another site may not do this."}
}
