package web

import (
	"cmp"
	"slices"

	"streambox.local/appliance/library"
	"streambox.local/web/room"
	"streambox.local/web/swarm"
)

// shows notes that a page shows a title. One that is not (any more) here is
// taken as the library, and a rendition that is not as none: it may have gone
// in the same moment. What is left in open is what the swarm goes by.
func (s *Server) shows(c *conn, open *swarm.Open) {
	cannot := open.Cannot
	open.Cannot = false
	if open.Title != "" {
		if _, err := s.title(open.Title); err != nil {
			open.Title = ""
		}
	}
	if open.Title == "" || !s.hasRendition(open.Title, open.Rendition) {
		*open = swarm.Open{Title: open.Title}
	}
	if open.Title != "" {
		s.cfg.Library.Watched(open.Title)
	}
	s.presence.show(c.viewer, c.addr, c.key, open.Title, cannot)
}

// tooManySegments is against the protocol: the box makes the playlist that pages read.
const tooManySegments = "more segments than the playlist has"

// lists says whether what the page plays may have so many segments.
func (sh *sharing) lists(c *conn, segments int) bool {
	return segments == 0 || c.group.Rendition == "" || sh.digests.lists(c.group, segments)
}

// open lets a page into its group, if it has a place in the room: who may not
// take segments from the box must hold no lease that others wait for.
func (sh *sharing) open(c *conn, in swarm.Input) error {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	c.opened = *in.Open
	c.opened.Have = nil // will be old by the time it counts
	if c.out = !sh.s.enter(c, in.Open.Title, in.Open.Rendition); c.out {
		in.Open = &swarm.Open{Title: in.Open.Title}
	}
	return sh.apply(in)
}

// seat tells a viewer's pages of one link that they are let in, or put back, and
// lets them into their groups, or takes them out.
func (sh *sharing) seat(change room.Change) {
	verdict := change.Verdict
	sh.mu.Lock()
	defer sh.mu.Unlock()
	var his []*conn
	for _, c := range sh.pages {
		if c.viewer == change.Cookie && c.link.Name == change.Link {
			his = append(his, c)
		}
	}
	slices.SortFunc(his, func(a, b *conn) int { return cmp.Compare(a.key, b.key) })
	for _, c := range his {
		c.send(roomNews(verdict))
		if c.out == !verdict.Admitted {
			continue
		}
		c.out = !verdict.Admitted
		open := c.opened
		if c.out {
			open = swarm.Open{Title: open.Title}
		}
		_ = sh.apply(swarm.Input{Do: "open", Peer: c.peer, Open: &open}) // was not against the protocol when the page said it
	}
}

// outside says whether a page waits for a place in the room.
func (sh *sharing) outside(c *conn) bool {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return c.out
}

func (s *Server) hasRendition(id, rendition string) bool {
	if !library.ValidRendition(rendition) {
		return false
	}
	_, err := s.cfg.Library.Source(id, rendition)
	return err == nil
}
