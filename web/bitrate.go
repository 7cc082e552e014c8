package web

import (
	"sync"

	"streambox.local/appliance/library"
	"streambox.local/web/swarm"
)

// maxRates bounds what is remembered; a room watches a handful of films.
const maxRates = 256

// bitrates knows what playing a rendition takes. Segments ask at every request, so that
// the library, which counts a rendition's segments together, is asked once.
type bitrates struct {
	mu    sync.RWMutex
	known map[swarm.Group]float64
}

// of returns the mean of a rendition in bits per second; 0 while it is not known.
func (b *bitrates) of(lib *library.Library, id, rendition string) float64 {
	g := swarm.Group{Title: id, Rendition: rendition}
	b.mu.RLock()
	rate, ok := b.known[g]
	b.mu.RUnlock()
	if ok {
		return rate
	}
	if rate = lib.BitsPerSecond(id, rendition); rate <= 0 { // it is being made
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.known == nil || len(b.known) >= maxRates {
		b.known = make(map[swarm.Group]float64)
	}
	b.known[g] = rate
	return rate
}
