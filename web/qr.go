package web

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"

	"rsc.io/qr"
)

// quietModules is the white border that scanners need.
const quietModules = 4

// qr is /qr.svg?for=url or wifi; with &on=wifi the address on the box's own Wi-Fi.
func (s *Server) qr(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query()
	spot, hosting := s.cfg.Hotspot()
	var text string
	switch {
	case asked.Get("for") == "wifi" && hosting:
		text = spot.Code
	case asked.Get("for") == "wifi":
		return &problem{status: http.StatusNotFound, code: "no_hotspot", text: "The box has no Wi-Fi of its own at the moment."}
	case asked.Get("for") == "url" && asked.Get("on") == "wifi" && hosting:
		text = s.urlAt(spot)
	case asked.Get("for") == "url":
		text = s.shareURL(r)
	default:
		return wrongParameter("for", "for must be url or wifi.")
	}
	svg, err := qrSVG(text)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store") // the address may change with the network
	s.send(w, r, http.StatusOK, "image/svg+xml", svg)
	return nil
}

// shareURL is the address to give to others in the same network as the one who
// asks: the one with the IP that the request came to (old Androids do not know
// .local), else the box's best that has an IP, else its best, else the one asked for.
func (s *Server) shareURL(r *http.Request) string {
	if viaProxy(r) {
		return baseURL(r) + "/" // as its phones reach it; our own address may not even lead there
	}
	urls := s.cfg.Box.Status().URLs
	local := localAddr(r)
	best := ""
	for _, u := range urls {
		parsed, err := url.Parse(u)
		if err != nil {
			continue
		}
		ip, err := netip.ParseAddr(parsed.Hostname())
		switch {
		case err != nil: // a name
		case ip == local && !ip.IsLoopback():
			return u
		default:
			best = cmp.Or(best, u)
		}
	}
	if best == "" && len(urls) > 0 {
		best = urls[0]
	}
	return cmp.Or(best, baseURL(r)+"/")
}

// qrSVG draws a text as a QR code, one path of black runs per row.
func qrSVG(text string) ([]byte, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fmt.Errorf("drawing a QR code: %w", err)
	}
	size := code.Size + 2*quietModules
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges">`, size, size)
	fmt.Fprintf(&b, `<path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, size, size)
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			start := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > start {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", start+quietModules, y+quietModules, x-start, x-start)
			}
		}
	}
	b.WriteString(`"/></svg>` + "\n")
	return b.Bytes(), nil
}

// portOfURLs is the port that the box's addresses have: they all have the same.
func portOfURLs(urls []string) uint16 {
	for _, u := range urls {
		parsed, err := url.Parse(u)
		if err != nil || parsed.Port() == "" {
			continue
		}
		if port, err := strconv.ParseUint(parsed.Port(), 10, 16); err == nil {
			return uint16(port)
		}
	}
	return httpPort
}
