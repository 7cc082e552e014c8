package portal

import (
	"net/http"
	"net/netip"
	"sync"
	"time"
)

const (
	// A phone renews its lease of two hours (setup) after one, so for an hour after it was last seen
	// its address is hardly anybody else's, who would be taken for somebody who stays.
	stayFor   = time.Hour
	maxPhones = 512 // more than addresses on the access point
)

// Portal remembers who stays. Make one with New; safe for concurrent use.
type Portal struct {
	table map[string]map[string]Answer
	now   func() time.Time

	mu     sync.Mutex
	stayed map[netip.Addr]time.Time // until when
}

// New starts nothing. now is the clock; nil: the machine's.
func New(now func() time.Time) *Portal {
	if now == nil {
		now = time.Now
	}
	return &Portal{table: probes(), now: now, stayed: map[netip.Addr]time.Time{}}
}

// Probe answers a phone's question whether there is internet. ok is false for
// everything that is no such question.
func (p *Portal) Probe(method, host, path string, who netip.Addr) (a Answer, ok bool) {
	if method != http.MethodGet && method != http.MethodHead {
		return Answer{}, false
	}
	satisfied, ok := p.table[host][path]
	if !ok {
		return Answer{}, false
	}
	if p.Stays(who) {
		return satisfied, true
	}
	return toWelcome, true
}

// Stay notes that the person at this address wants to stay, until an hour after it was last seen.
func (p *Portal) Stay(who netip.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if len(p.stayed) >= maxPhones {
		for one, until := range p.stayed {
			if !now.Before(until) {
				delete(p.stayed, one)
			}
		}
	}
	if len(p.stayed) < maxPhones {
		p.stayed[who] = now.Add(stayFor)
	}
}

// Seen notes that a phone has asked for something: who stays stays on.
func (p *Portal) Seen(who netip.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := p.now(); now.Before(p.stayed[who]) {
		p.stayed[who] = now.Add(stayFor)
	}
}

// Stays says whether somebody has tapped "stay" there.
func (p *Portal) Stays(who netip.Addr) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now().Before(p.stayed[who])
}
