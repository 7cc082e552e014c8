package web

import (
	"net"
	"net/http"
	"net/netip"

	"streambox.local/web/room"
)

// watching notes that a player works on a title: the library must know what
// is in use, and players without our page (VLC, television sets) have no
// WebSocket to say so.
func (s *Server) watching(who room.Viewer, id string) { s.watches(who, id, false) }

// watches is watching of a player that may have asked for what every device
// plays (cannot).
func (s *Server) watches(who room.Viewer, id string, cannot bool) {
	if s.presence.touch(who.Cookie, who.Addr, id, cannot) {
		s.cfg.Library.Watched(id)
	}
}

// localAddr is the address of the box that the request came to; the zero Addr
// behind a proxy, where it says nothing of the phone's way.
func localAddr(r *http.Request) netip.Addr {
	if viaProxy(r) {
		return netip.Addr{}
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return netip.Addr{}
	}
	return addrOfNet(local)
}
