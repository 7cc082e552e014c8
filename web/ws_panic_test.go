package web

import (
	"net/netip"
	"sync/atomic"
	"testing"

	"github.com/gorilla/websocket"

	"streambox.local/appliance/library"
)

func TestAPanicOverOnePageEndsThatPagesConnection(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	f := start(t, func(c *Config) {
		c.STUN = func(netip.Addr) string {
			if broken.Load() {
				panic("no such link")
			}
			return ""
		}
	})
	f.film(filmID, "A film", 1, 100)
	other := f.dial(t, viewerCookie(1))
	other.hello()
	broken.Store(true)
	unlucky := f.dial(t, viewerCookie(2))
	unlucky.say(`{"type":"hello","protocol":1}`)
	code, _ := unlucky.closed()
	equal(t, "how the connection ends", code, websocket.CloseInternalServerErr)
	broken.Store(false)
	f.listed(secondID, "later", library.Queued)
	other.until("another page goes on", func(m message) bool { return m.Type == "titles" })
	eventually(t, "it is forgotten", func() bool { return f.srv.hub.count() == 1 })
	contains(t, "metrics", string(f.get("/metrics").body), "streambox_panics_total 1")
}
