package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// hostsFresh is how long the set of the box's names is used before it is asked
// for again (the mDNS name may change after a conflict, DHCP may bring a domain).
const hostsFresh = 5 * time.Second

// hostNames decides which Host headers are answered. A page of another site
// can point its own name at this box (DNS rebinding), and then everything here
// would be same-origin to it; that name is in the Host header, and refused.
type hostNames struct {
	box   Box
	own   func() []string
	fixed []string
	now   func() time.Time

	mu    sync.Mutex
	names map[string]bool
	asked time.Time
	read  map[string]hostHeader // by the header as it came
}

// hostHeader is what a Host header says, read once: players ask every few seconds.
type hostHeader struct {
	host    string      // as splitHost returns it
	ok      bool        // it can be a host
	headers http.Header // what answers to it carry
}

// maxHostsRead bounds what is remembered; a box has a handful of names.
const maxHostsRead = 64

func newHostNames(cfg Config) *hostNames {
	return &hostNames{box: cfg.Box, own: cfg.OwnNames, fixed: cfg.Names, now: cfg.Now}
}

// header reads a Host header.
func (h *hostNames) header(raw string) hostHeader {
	h.mu.Lock()
	defer h.mu.Unlock()
	if one, ok := h.read[raw]; ok {
		return one
	}
	one := hostHeader{headers: securityHeaders(raw)}
	if one.host, one.ok = splitHost(raw); !one.ok {
		return one // may be of any length
	}
	if h.read == nil || len(h.read) >= maxHostsRead { // somebody is trying names
		h.read = make(map[string]hostHeader)
	}
	h.read[raw] = one
	return one
}

// accepts says whether a request was meant for this box.
func (h *hostNames) accepts(r *http.Request, asked hostHeader) bool {
	if !asked.ok {
		return false
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return acceptHost(asked.host, local, h.known)
}

// acceptHost is the rule, without effects: loopback and the very address the
// connection came to; localhost and other names without a dot (no public site
// has such a name); and the names that known has.
func acceptHost(host string, local net.Addr, known func(string) bool) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		ip = ip.Unmap().WithZone("")
		return ip.IsLoopback() || (local != nil && addrOfNet(local) == ip) || known(ip.String())
	}
	if !strings.Contains(host, ".") {
		return true
	}
	return known(host)
}

func (h *hostNames) known(host string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := h.now(); h.names == nil || now.Sub(h.asked) > hostsFresh {
		h.asked = now
		h.names = make(map[string]bool)
		names := append([]string{h.box.Status().Name + ".local"}, h.fixed...)
		for _, name := range append(names, h.own()...) {
			if one, ok := splitHost(name); ok {
				h.names[one] = true
			}
		}
	}
	// A name that became ours a moment ago is on the page already.
	return h.names[host] || strings.HasSuffix(host, ".local") && host == h.box.Status().Name+".local"
}

// splitHost takes the port off a Host header and brings the rest to one form:
// lower case, no final dot, no brackets. ok is false for what cannot be a host.
func splitHost(hostport string) (host string, ok bool) {
	host = hostport
	if inner, isV6 := strings.CutPrefix(hostport, "["); isV6 {
		addr, port, closed := strings.Cut(inner, "]")
		ip, err := netip.ParseAddr(addr)
		if !closed || err != nil || !ip.Is6() || ip.Zone() != "" || (port != "" && !isPort(port)) {
			return "", false
		}
		return ip.String(), true
	}
	if i := strings.IndexByte(host, ':'); i >= 0 {
		if !isPort(host[i:]) {
			return "", false
		}
		host = host[:i]
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "" || len(host) > 253 || host[0] == '.' || strings.Contains(host, "..") {
		return "", false
	}
	for _, c := range []byte(host) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return "", false
		}
	}
	return host, true
}

func isPort(s string) bool {
	digits, ok := strings.CutPrefix(s, ":")
	if !ok || len(digits) > 5 {
		return false
	}
	return strings.Trim(digits, "0123456789") == ""
}

func wrongHost(host string) *problem {
	return &problem{
		status: http.StatusMisdirectedRequest, code: "wrong_host",
		text: "This box does not answer to that name. Open it by its address or by its own name, " +
			"or add the name to the setting hosts of the box.",
		parameters: map[string]any{"host": host, "setting": "hosts"},
	}
}
