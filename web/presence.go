package web

import (
	"net/netip"
	"sync"
	"time"
)

const (
	reloadGrace   = 5 * time.Second  // a page that is loaded anew keeps its place
	httpWatching  = 30 * time.Second // how long a request without a WebSocket counts
	watchedEvery  = 30 * time.Second // how often the library is told of one title
	maxViewers    = 2048             // beyond, viewers are served and not counted
	httpTab       = tabKey(0)        // the tab of players without a WebSocket
	addressPrefix = "address "       // key of a viewer without a cookie
)

// tabKey is one WebSocket of a viewer, or httpTab.
type tabKey uint64

// Presence knows which viewer has which title open. A viewer counts once, for
// the title opened last. Safe for concurrent use; it has no goroutine: what
// has expired is taken out when somebody asks.
type Presence struct {
	onChange func(id string)
	changed  chan struct{} // coalesced: counts have changed, see takeChanged

	mu      sync.Mutex
	now     func() time.Time
	viewers map[string]*viewerTabs
	counts  map[string]int
	dirty   map[string]struct{}
	watched map[string]time.Time
	next    time.Time // when the first tab expires; zero: none will
	order   uint64    // of openings
}

type viewerTabs struct {
	addr netip.Addr
	tabs map[tabKey]*tab
}

type tab struct {
	title  string // "" = in the library
	cannot bool   // it cannot play the title's first rendition
	order  uint64
	until  time.Time // zero: connected
}

// NewPresence calls onChange (may be nil) with the id of a title whose count rose.
func NewPresence(onChange func(id string)) *Presence {
	if onChange == nil {
		onChange = func(string) {}
	}
	return &Presence{
		onChange: onChange, changed: make(chan struct{}, 1), now: time.Now,
		viewers: make(map[string]*viewerTabs), counts: make(map[string]int),
		dirty: make(map[string]struct{}), watched: make(map[string]time.Time),
	}
}

// Opened returns how many viewers have the title open (each counts once, for the title opened last).
func (p *Presence) Opened(id string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire()
	return p.counts[id]
}

// Cannot returns how many of them have said that they cannot play the title's first rendition.
func (p *Presence) Cannot(id string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire()
	sum := 0
	for _, v := range p.viewers {
		if last := v.last(); last.title == id && last.cannot {
			sum++
		}
	}
	return sum
}

// Viewers returns how many viewers have any title open.
func (p *Presence) Viewers() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire()
	sum := 0
	for _, n := range p.counts {
		sum += n
	}
	return sum
}

// shown returns the titles that viewers have open.
func (p *Presence) shown() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire()
	ids := make([]string, 0, len(p.counts))
	for id := range p.counts {
		ids = append(ids, id)
	}
	return ids
}

func (p *Presence) setClock(now func() time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = now
}

// open notes that a tab shows a title, or the library ("").
func (p *Presence) open(viewer string, addr netip.Addr, key tabKey, title string) {
	p.show(viewer, addr, key, title, false)
}

// show is open of a tab that has looked at what the title is; cannot: it cannot
// play its first rendition.
func (p *Presence) show(viewer string, addr netip.Addr, key tabKey, title string, cannot bool) {
	p.set(viewer, addr, key, tab{title: title, cannot: cannot && title != ""})
}

// gone notes that a tab's connection is lost; it may come back.
func (p *Presence) gone(viewer string, key tabKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if v := p.viewers[viewer]; v != nil && v.tabs[key] != nil {
		until := p.now().Add(reloadGrace)
		v.tabs[key].until = until
		p.expireAt(until)
	}
}

// touch notes a request of a player for a title, and returns whether the
// library should be told. A phone whose page is connected has said itself
// what it shows; its player may come without the cookie. cannot: the player has
// asked for what every device plays; that counts for as long as it goes on
// asking for this title, beside a page too.
func (p *Presence) touch(viewer string, addr netip.Addr, title string, cannot bool) (tell bool) {
	p.mu.Lock()
	now := p.now()
	if last, ok := p.watched[title]; !ok || now.Sub(last) >= watchedEvery {
		p.watched[title] = now
		tell = true
	}
	known := p.connected(viewer, addr)
	if viewer == "" {
		viewer = addressPrefix + addr.String()
	}
	cannot = cannot || p.hasAsked(viewer, title)
	p.mu.Unlock()
	if known && !cannot {
		return tell
	}
	p.set(viewer, addr, httpTab, tab{title: title, cannot: cannot, until: now.Add(httpWatching)})
	return tell
}

// hasAsked says whether a player has asked for what every device plays of a
// title, not long ago. The caller holds the lock.
func (p *Presence) hasAsked(viewer, title string) bool {
	p.expire()
	v := p.viewers[viewer]
	if v == nil || v.tabs[httpTab] == nil {
		return false
	}
	return v.tabs[httpTab].title == title && v.tabs[httpTab].cannot
}

func (p *Presence) connected(viewer string, addr netip.Addr) bool {
	if viewer != "" {
		return p.viewers[viewer].live()
	}
	for _, v := range p.viewers {
		if v.addr == addr && v.live() {
			return true
		}
	}
	return false
}

func (v *viewerTabs) live() bool {
	if v == nil {
		return false
	}
	for _, t := range v.tabs {
		if t.until.IsZero() {
			return true
		}
	}
	return false
}

func (p *Presence) set(viewer string, addr netip.Addr, key tabKey, now tab) {
	if rose := p.update(viewer, addr, key, now); rose != "" {
		p.onChange(rose) // not under the lock: it may ask for counts
	}
}

// update returns the title that has one more viewer, or one more who cannot play it.
func (p *Presence) update(viewer string, addr netip.Addr, key tabKey, now tab) (rose string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire()
	v := p.viewers[viewer]
	if v == nil {
		if len(p.viewers) >= maxViewers {
			return ""
		}
		v = &viewerTabs{tabs: make(map[tabKey]*tab)}
		p.viewers[viewer] = v
	}
	v.addr = addr
	before := v.current()
	t := v.tabs[key]
	if t == nil || t.title != now.title {
		p.order++
		t = &tab{title: now.title, order: p.order}
		v.tabs[key] = t
	}
	learnt := now.cannot && !t.cannot
	t.until, t.cannot = now.until, now.cannot
	if !now.until.IsZero() {
		p.expireAt(now.until)
	}
	after := v.current()
	p.moved(before, after)
	if after != before || learnt && after == now.title {
		return after
	}
	return ""
}

// current is the title that was opened last of those still open.
func (v *viewerTabs) current() string { return v.last().title }

func (v *viewerTabs) last() (last tab) {
	for _, t := range v.tabs {
		if t.title != "" && t.order > last.order {
			last = *t
		}
	}
	return last
}

func (p *Presence) moved(before, after string) {
	if before == after {
		return
	}
	if before != "" {
		if p.counts[before]--; p.counts[before] <= 0 {
			delete(p.counts, before)
		}
		p.dirty[before] = struct{}{}
	}
	if after != "" {
		p.counts[after]++
		p.dirty[after] = struct{}{}
	}
	select {
	case p.changed <- struct{}{}:
	default: // whoever listens has not come round yet
	}
}

func (p *Presence) expireAt(t time.Time) {
	if p.next.IsZero() || t.Before(p.next) {
		p.next = t
	}
}

// expire takes out what has ended. The caller holds the lock.
func (p *Presence) expire() {
	now := p.now()
	if p.next.IsZero() || now.Before(p.next) {
		return
	}
	p.next = time.Time{}
	for name, v := range p.viewers {
		before := v.current()
		for key, t := range v.tabs {
			switch {
			case t.until.IsZero():
			case now.Before(t.until):
				p.expireAt(t.until)
			default:
				delete(v.tabs, key)
			}
		}
		p.moved(before, v.current())
		if len(v.tabs) == 0 {
			delete(p.viewers, name)
		}
	}
}

// takeChanged returns the titles whose count has changed since the last call.
func (p *Presence) takeChanged() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire()
	ids := make([]string, 0, len(p.dirty))
	for id := range p.dirty {
		ids = append(ids, id)
	}
	clear(p.dirty)
	return ids
}
