package web

import "net/http"

// maxBodyBytes bounds every request body; the API takes a few numbers at most.
const maxBodyBytes = 4 << 10

// permissions switches off what a cinema never needs. Only names that all
// browsers of the floor know: an unknown one is a warning in their console.
const permissions = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"

// securityHeaders is what every answer to a Host carries. Answers share it:
// values may be replaced or added to, never changed in place. No
// Cross-Origin-Opener-Policy: on plain http browsers ignore it, and say so in
// the console each time.
func securityHeaders(host string) http.Header {
	return http.Header{
		"X-Content-Type-Options": {"nosniff"},
		"Referrer-Policy":        {"no-referrer"},
		// Other sites may link to a film but not load parts of the box into their
		// pages (and so find out what is on it).
		"Cross-Origin-Resource-Policy": {"same-origin"},
		"Content-Security-Policy":      {contentSecurityPolicy(host)},
		"Permissions-Policy":           {permissions},
	}
}

// contentSecurityPolicy: nothing from outside the box. The WebSocket is named
// because 'self' does not cover ws: in the older browsers of our floor; host
// goes in only after the Host check's character rules.
func contentSecurityPolicy(host string) string {
	connect := "'self'"
	if _, ok := splitHost(host); ok {
		connect += " ws://" + host + " wss://" + host
	}
	return "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; " +
		"img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; manifest-src 'self'; " +
		"worker-src 'self' blob:; connect-src " + connect + "; " +
		"frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
}
