package web

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"streambox.local/web/swarm"
)

// lists says whether the playlist of a rendition may hold so many segments as a page
// says. A page cannot know more than the box, so the playlist is only read for who
// claims more than was seen of it, by one goroutine for each rendition. Where the
// stick does not answer within maxDigestWait the page is believed: it may have read
// the playlist before the stick fell silent.
func (d *digests) lists(g swarm.Group, claimed int) bool {
	timer := time.NewTimer(maxDigestWait)
	defer timer.Stop()
	// Twice: a look that was under way may have begun before the playlist grew.
	for range 2 {
		d.mu.Lock()
		group := d.group(g)
		if claimed <= group.listed {
			d.mu.Unlock()
			return true
		}
		look := group.looking
		began := look == nil
		if began {
			look = make(chan struct{})
			group.looking = look
			go d.look(g, group)
		}
		d.mu.Unlock()
		select {
		case <-look:
		case <-timer.C:
			return true
		}
		d.mu.Lock()
		enough, failed := claimed <= group.listed, group.lookFailed
		d.mu.Unlock()
		switch {
		case enough, failed:
			return true
		case began:
			return false
		}
	}
	return false
}

// look counts the segments of a rendition's playlist.
func (d *digests) look(g swarm.Group, group *groupDigests) {
	count, err := d.segments(g, group)
	if err != nil {
		d.log.Debug("A rendition's segments could not be counted", "title", g.Title, "rendition", g.Rendition, "err", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	group.listed, group.lookFailed = max(group.listed, count), err != nil
	close(group.looking)
	group.looking = nil
}

func (d *digests) segments(g swarm.Group, group *groupDigests) (count int, err error) {
	defer func() { // as in read
		if wrong := recover(); wrong != nil {
			d.log.Error("A source broke down", "title", g.Title, "rendition", g.Rendition,
				"panic", wrong, "stack", string(debug.Stack()))
			count, err = 0, errBroke
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), digestTimeout)
	defer cancel()
	src, err := d.source(g.Title, g.Rendition)
	if err != nil {
		return 0, fmt.Errorf("finding the rendition: %w", err)
	}
	p := &group.playlist
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.load(ctx, src, d.now); err != nil {
		return 0, err
	}
	return len(p.names), nil
}
