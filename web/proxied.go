package web

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// proxies are the reverse proxies whose word on who asks counts. Anybody can
// write X-Forwarded-For; so it is read only where it comes from one of them.
type proxies []netip.Prefix

func (p proxies) trust(a netip.Addr) bool {
	return slices.ContainsFunc(p, func(one netip.Prefix) bool { return one.Contains(a) })
}

// proxiedConn is the key of "this connection is a proxy's" in the contexts of its requests.
type proxiedConn struct{}

func (p proxies) mark(ctx context.Context, remote netip.Addr) context.Context {
	if !p.trust(remote) {
		return ctx
	}
	return context.WithValue(ctx, proxiedConn{}, true)
}

// viaProxy says whether a request came through a proxy that is trusted.
func viaProxy(r *http.Request) bool {
	via, _ := r.Context().Value(proxiedConn{}).(bool)
	return via
}

// unwrap puts into a request what its proxy says of it: who asked, and for
// which host. It returns a host that must be one of ours as well as the one in
// the request itself; "" for none.
func (p proxies) unwrap(r *http.Request) (forwardedHost string) {
	if !viaProxy(r) {
		return ""
	}
	via := addrOf(r.RemoteAddr)
	chain, hosts := forwardedFor(r.Header), r.Header.Values("X-Forwarded-Host")
	if chain == nil {
		chain, hosts = forwarded(r.Header, hosts)
	}
	if who := p.client(chain, via); who != via {
		r.RemoteAddr = netip.AddrPortFrom(who, 0).String()
	}
	if len(hosts) == 0 {
		return ""
	}
	list := strings.Split(hosts[len(hosts)-1], ",") // the last one is of the proxy next to us
	return strings.TrimSpace(list[len(list)-1])
}

// client is who asked: going back from us, the first that is no proxy of ours.
// What stands before may be anybody's invention. A name, or nonsense, ends the way back.
func (p proxies) client(chain []string, via netip.Addr) netip.Addr {
	who := via
	for _, text := range slices.Backward(chain) {
		next, ok := nodeAddr(text)
		if !ok {
			return who
		}
		who = next
		if !p.trust(who) {
			return who
		}
	}
	return who
}

// forwardedFor is X-Forwarded-For as one list; nil without it. It comes before
// Forwarded: proxies that set the one pass the other on as it was sent to them,
// and nearly all set this one.
func forwardedFor(h http.Header) []string {
	values := h.Values("X-Forwarded-For")
	if len(values) == 0 {
		return nil
	}
	return strings.Split(strings.Join(values, ","), ",")
}

// forwarded reads Forwarded (RFC 7239): the nodes behind for= of each proxy,
// and the host of the last one instead of hosts, if it says one.
func forwarded(h http.Header, hosts []string) (chain, host []string) {
	for _, element := range splitQuoted(strings.Join(h.Values("Forwarded"), ","), ',') {
		node := "unknown"
		for _, pair := range splitQuoted(element, ';') {
			key, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			value = strings.Trim(value, `"`)
			switch strings.ToLower(key) {
			case "for":
				node = value
			case "host":
				hosts = []string{value}
			}
		}
		chain = append(chain, node)
	}
	return chain, hosts
}

// splitQuoted splits at a character that is not between quotes.
func splitQuoted(s string, at byte) (parts []string) {
	if s == "" {
		return nil
	}
	quoted, from := false, 0
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == at && !quoted:
			parts = append(parts, s[from:i])
			from = i + 1
		}
	}
	return append(parts, s[from:])
}

// nodeAddr reads 192.0.2.7, 192.0.2.7:4711, 2001:db8::7, [2001:db8::7] and [2001:db8::7]:4711.
func nodeAddr(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	if err != nil {
		var both netip.AddrPort
		both, err = netip.ParseAddrPort(text)
		addr = both.Addr()
	}
	addr = addr.Unmap().WithZone("")
	return addr, err == nil && !addr.IsUnspecified() && !addr.IsMulticast()
}

// baseURL is how who asks reaches us: "http://streambox.local", behind a proxy that ends TLS "https://…".
func baseURL(r *http.Request) string {
	scheme := "http"
	if viaProxy(r) && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}
