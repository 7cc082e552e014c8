package web

import (
	"net/http"
	"net/netip"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Hotspot is the box's own Wi-Fi, as phones are told of it.
type Hotspot struct {
	Name     string // of the network (SSID)
	Password string
	Code     string // the QR code's text that lets a phone join
	Address  netip.Addr
}

// onHotspot says whether a request came over the box's own access point, from the phone itself.
func (s *Server) onHotspot(r *http.Request) bool {
	return s.cfg.Portal != nil && !viaProxy(r) && s.linkAt(localAddr(r)).Role == roleAccessPoint
}

const roleAccessPoint = "accessPoint" // as appliance/network says

// answersProbe answers a phone's probe on the box's own access point. Everything
// else goes its way, and so past the check of hosts.
func (s *Server) answersProbe(w http.ResponseWriter, r *http.Request) bool {
	if !s.onHotspot(r) {
		return false
	}
	host, who := strings.TrimSuffix(r.Host, ":80"), addrOf(r.RemoteAddr)
	s.cfg.Portal.Seen(who)
	a, ok := s.cfg.Portal.Probe(r.Method, host, r.URL.Path, who)
	if !ok {
		return false
	}
	head := w.Header()
	head.Set("Cache-Control", "no-store")
	if a.Location != "" {
		// By number: the small window of some phones does not find names.
		head.Set("Location", s.urlOn(r)+strings.TrimPrefix(a.Location, "/"))
	}
	if a.Type != "" {
		head.Set("Content-Type", a.Type)
	}
	w.WriteHeader(a.Status)
	if r.Method != http.MethodHead {
		put(w, []byte(a.Body))
	}
	return true
}

// urlOn is the box's address by number on the link that a request came over.
func (s *Server) urlOn(r *http.Request) string {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(interface{ String() string })
	if !ok {
		return baseURL(r) + "/"
	}
	at, err := netip.ParseAddrPort(local.String())
	if err != nil {
		return baseURL(r) + "/"
	}
	return numbered(at.Addr(), at.Port())
}

func numbered(addr netip.Addr, port uint16) string {
	addr = addr.Unmap().WithZone("")
	if port != httpPort {
		return "http://" + netip.AddrPortFrom(addr, port).String() + "/"
	}
	if addr.Is6() {
		return "http://[" + addr.String() + "]/"
	}
	return "http://" + addr.String() + "/"
}

const httpPort = 80

// welcome is /welcome: what a phone's small window shows on the box's own Wi-Fi.
func (s *Server) welcome(w http.ResponseWriter, r *http.Request) error {
	if !s.onHotspot(r) {
		http.Redirect(w, r, "/", http.StatusFound)
		return nil
	}
	told := s.words.in(r.Header.Get("Accept-Language"))
	w.Header().Add("Vary", "Accept-Language")
	w.Header().Set("Referrer-Policy", "same-origin") // else a form's Origin is "null", which looks like another site's
	s.sendPage(w, r, http.StatusOK, welcomePage(told, s.icon(), s.urlOn(r), s.cfg.Box.Status().Name, s.cfg.Portal.Stays(addrOf(r.RemoteAddr))))
	return nil
}

// stay is POST /welcome: somebody taps "stay connected".
func (s *Server) stay(w http.ResponseWriter, r *http.Request) error {
	if s.onHotspot(r) {
		s.cfg.Portal.Stay(addrOf(r.RemoteAddr))
	}
	http.Redirect(w, r, "/welcome", http.StatusSeeOther)
	return nil
}

// icon is the page's; without one browsers ask for /favicon.ico.
func (s *Server) icon() string {
	if s.client.files == nil {
		return ""
	}
	return s.client.base() + "/icon.svg"
}

// welcomePage first has the one button, then the way to the browser.
func welcomePage(told words, icon, url, name string, stays bool) g.Node {
	next := g.Group{
		h.P(g.Text(told.of("welcome.what"))),
		h.Form(h.Method("post"), h.Action("/welcome"), h.Button(h.Type("submit"), h.Class("big"), g.Text(told.of("welcome.stay")))),
		h.P(h.Class("quiet"), g.Text(told.of("welcome.ask"))),
	}
	if stays {
		next = g.Group{
			h.P(h.Role("status"), g.Text("✓ "+told.of("welcome.stayed"))),
			h.P(h.Class("then"), g.Text(told.of("welcome.browser"))),
			h.P(h.Class("typed"), h.Dir("ltr"), g.Text(bare(url))),
			h.P(h.Class("also"), h.Dir("ltr"), g.Text(name+".local")),
			// Another window: the system's own browser, where the small one knows how to.
			h.P(h.A(h.Class("big"), h.Href(url), h.Target("_blank"), h.Rel("noopener"), g.Text(told.of("welcome.open")))),
			h.P(h.Class("quiet"), g.Text(told.of("welcome.window"))),
		}
	}
	return localPage(told, told.of("welcome.title"), "welcome", icon, h.H1(g.Text(told.of("welcome.title"))), next)
}

// bare is an address as one types it.
func bare(url string) string {
	return strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/")
}
