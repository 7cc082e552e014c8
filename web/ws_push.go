package web

import (
	"context"
	"sync"
	"time"

	"streambox.local/appliance/library"
)

const (
	pushEvery     = 500 * time.Millisecond // at most two pushes a second
	lookEvery     = time.Second            // at the box, which does not say when it changes
	maxPushTitles = 50                     // beyond, the page is told to load anew
	storageGrain  = 64 << 20               // smaller changes of free space are no news
	nothingSaid   = ""                     // see hub.boxSaid
)

// news is what has to be told. It belongs to run's goroutine.
type news struct {
	titles  bool
	box     bool
	boxLast bool // the box was told last: titles are next when both wait
	since   uint64
	awaited map[string]bool // titles that somebody has open and that do not play yet
}

// run pushes until ctx ends, then ends all connections.
func (h *hub) run(ctx context.Context) error {
	changes, cancel := h.s.cfg.Library.Subscribe()
	defer cancel()
	var director sync.WaitGroup
	director.Go(func() { h.s.sharing.run(ctx) })
	defer director.Wait()
	defer h.stop()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	pace := time.NewTimer(0)
	defer pace.Stop()
	n := news{since: h.s.revision()}
	ready := false // pushEvery has passed since the last push
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-changes:
			n.titles, n.box = true, true
			h.pushAwaited(&n)
		case <-h.s.presence.changed:
			n.titles = true
			h.pushAwaited(&n)
		case <-look.C:
			h.s.presence.Viewers() // lets those whose grace is over go, which makes `changed` ring
			h.s.sharing.look()
			h.lookAround()
			n.box = true
		case <-pace.C:
			ready = true
		}
		if ready && h.push(&n) {
			ready = false
			pace.Reset(pushEvery)
		}
	}
}

// push tells one piece of news; false when there was none.
func (h *hub) push(n *news) bool {
	if h.count() == 0 {
		if n.titles {
			n.titles, n.since = false, h.s.revision()
			h.s.presence.takeChanged()
		}
		n.box = false
		h.tell(nothingSaid)
		return false
	}
	if n.titles && (!n.box || n.boxLast) {
		return h.pushTitles(n)
	}
	if n.box && h.pushBox(n) {
		return true
	}
	return n.titles && h.pushTitles(n)
}

// pushAwaited tells at once when a title has become playable while somebody had it
// open, once a title: half a second more is what a person waits for a film.
func (h *hub) pushAwaited(n *news) {
	before, plays := n.awaited, false
	n.awaited = make(map[string]bool)
	for _, id := range h.s.presence.shown() {
		t, known := h.s.cfg.Library.Title(id)
		n.awaited[id] = known && !t.Playable
		plays = plays || known && t.Playable && before[id]
	}
	if plays {
		h.pushTitles(n)
	}
}

func (h *hub) pushTitles(n *news) bool {
	n.titles, n.boxLast = false, false
	m := h.s.titlesSince(n.since)
	n.since = m.Revision
	have := make(map[string]bool, len(m.Titles))
	for _, t := range m.Titles {
		have[t.ID] = true
	}
	for _, id := range h.s.presence.takeChanged() {
		if t, ok := h.s.cfg.Library.Title(id); ok && !have[id] && !m.Reset {
			m.Titles = append(m.Titles, h.s.view(t))
		}
	}
	if len(m.Titles) == 0 && len(m.Removed) == 0 && !m.Reset {
		return false
	}
	if len(m.Titles) > maxPushTitles {
		m = resetMessage(m.Revision)
	}
	h.broadcast(encode(m))
	return true
}

func (h *hub) pushBox(n *news) bool {
	n.box = false
	box := h.s.box()
	if !h.tell(boxNews(box)) {
		return false
	}
	n.boxLast = true
	h.broadcast(encode(boxMessage{Type: "box", Box: box}))
	return true
}

// tellLost tells the pages of a viewer at once that they are host no more: who
// sits there must not find out by a refusal.
func (h *hub) tellLost(viewer string) {
	box, you := h.s.box(), false
	box.Host.You, box.Host.Lost = &you, true
	text := encode(boxMessage{Type: "box", Box: box})
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.conns {
		if c.greeted && c.viewer == viewer {
			c.send(text)
		}
	}
}

// tell notes what all pages are about to be told of the box; false: they know it.
func (h *hub) tell(said string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if said == h.boxSaid {
		return false
	}
	h.boxSaid = said
	return true
}

// boxNews is the box without what changes all the time by itself.
func boxNews(v boxView) string {
	v.UptimeSeconds = 0
	v.Swarm.HTTPBytes = 0
	v.Swarm.P2PBytes /= storageGrain
	if v.Room != nil {
		still := *v.Room
		still.MbitPerSecond = 0
		v.Room = &still
	}
	v.Storage.FreeBytes /= storageGrain
	v.Storage.LibraryBytes /= storageGrain
	return string(encode(v))
}

func (s *Server) revision() uint64 {
	return s.cfg.Library.Titles(library.Query{Limit: 1}).Revision
}

// titlesSince is the message with what changed after a revision.
func (s *Server) titlesSince(since uint64) titlesMessage {
	page := s.cfg.Library.Titles(library.Query{Since: since, Limit: maxPushTitles})
	if page.Reset || page.Next != "" || since == 0 && page.Revision != 0 {
		return resetMessage(page.Revision)
	}
	m := titlesMessage{Type: "titles", Revision: page.Revision, Titles: s.views(page.Titles), Removed: page.Removed}
	if m.Removed == nil {
		m.Removed = []string{}
	}
	return m
}

// resetMessage tells a page to load the list anew: there is more news than is
// worth pushing to every phone.
func resetMessage(revision uint64) titlesMessage {
	return titlesMessage{Type: "titles", Revision: revision, Titles: []library.Title{}, Removed: []string{}, Reset: true}
}
