package web

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"

	"streambox.local/web/room"
)

// airFullSeconds is when a refused player may ask again. The page is told by
// WebSocket and does not.
const airFullSeconds = 5

// roomView is the part "room" of GET /api/v1/box.
type roomView struct {
	Role          string  `json:"role"`             // of the link that most phones use: wired | client | accessPoint; the others sum up all links
	Places        int     `json:"places,omitempty"` // phones that can watch at once; absent: no end is known
	Taken         int     `json:"taken"`
	Waiting       int     `json:"waiting"`
	MbitPerSecond float64 `json:"mbitPerSecond,omitempty"` // that the air was seen to carry; absent: not known yet
}

func (s *Server) roomView() *roomView {
	if s.cfg.Room == nil {
		return nil
	}
	st := s.cfg.Room.State()
	return &roomView{Role: st.Role, Places: st.Places, Taken: st.Taken, Waiting: st.Waiting, MbitPerSecond: st.MbitPerSecond}
}

func (s *Server) whoAsks(r *http.Request) room.Viewer {
	return room.Viewer{Cookie: viewerOf(r), Addr: addrOf(r.RemoteAddr), Link: s.linkAt(localAddr(r))}
}

// linkAt is the box's link that has a local address, now.
func (s *Server) linkAt(local netip.Addr) room.Link {
	name, role := s.cfg.Link(local)
	return room.Link{Name: name, Role: role}
}

// whoWatches is the viewer of a page. The link keeps the name that it had when the page
// came, so that who leaves does so where it entered.
func whoWatches(c *conn) room.Viewer {
	return room.Viewer{Cookie: c.viewer, Addr: c.addr, Link: c.link}
}

// admit lets a segment through to who has a place in the room, or takes one.
func (s *Server) admit(r *http.Request, v room.Viewer, id, rendition string) error {
	if s.cfg.Room == nil {
		return nil
	}
	verdict := s.cfg.Room.Admit(v, s.rates.of(s.cfg.Library, id, rendition))
	if !verdict.Admitted {
		return &problem{
			status: http.StatusServiceUnavailable, code: "air_full", retryAfterSeconds: airFullSeconds,
			text:       fmt.Sprintf("The air is full: %d phones are watching. Wait, or join a friend's screen.", verdict.Watching),
			parameters: map[string]any{"watching": verdict.Watching, "places": verdict.Places},
		}
	}
	if c, ok := r.Context().Value(meteredConn{}).(*room.Conn); ok {
		c.Fetch(v, room.SegmentNumber(r.PathValue("file")))
	}
	return nil
}

// meteredConn is the key of a connection's *room.Conn in its requests' contexts.
type meteredConn struct{}

// connContext does not measure a proxy's connections: they say nothing of the
// air, and to pace one for a phone that is ahead would hold up others.
func (s *Server) connContext(ctx context.Context, c net.Conn) context.Context {
	ctx = s.proxies.mark(ctx, addrOfNet(c.RemoteAddr()))
	if s.cfg.Meter == nil || ctx.Value(proxiedConn{}) != nil {
		return ctx
	}
	return context.WithValue(ctx, meteredConn{}, s.cfg.Meter.Conn(c))
}

// enter takes a place for a page that shows a title, or gives it back, and tells
// the page. It returns whether the page may play.
func (s *Server) enter(c *conn, title, rendition string) (admitted bool) {
	if s.cfg.Room == nil {
		return true
	}
	if title == "" {
		s.leave(c)
		return true
	}
	verdict := s.cfg.Room.Open(whoWatches(c), uint64(c.key), s.rates.of(s.cfg.Library, title, rendition))
	c.send(roomNews(verdict))
	return verdict.Admitted
}

func roomNews(v room.Verdict) roomMessage {
	return roomMessage{Type: "room", Admitted: v.Admitted, Watching: v.Watching, Places: v.Places}
}

// leave gives a page's place back; a page that is loaded anew gets it again.
func (s *Server) leave(c *conn) {
	if s.cfg.Room != nil {
		s.cfg.Room.Close(whoWatches(c), uint64(c.key))
	}
}

// late notes that a page's picture stood still.
func (s *Server) late(c *conn) {
	if s.cfg.Room != nil {
		s.cfg.Room.Late(whoWatches(c))
	}
}

// lookAround lets the room decide anew, once a second, and tells whom it concerns.
func (h *hub) lookAround() {
	if h.s.cfg.Room == nil {
		return
	}
	h.s.cfg.Room.SetRole(h.s.cfg.Role())
	h.s.cfg.Room.Spared(h.spared.next(h.s.meters.peerBytes.Get(), h.s.meters.segmentBytes.Get()), h.s.cfg.P2P != "on")
	for _, change := range h.s.cfg.Room.Tick() {
		if change.Cookie != "" {
			h.s.sharing.seat(change)
		}
	}
}
