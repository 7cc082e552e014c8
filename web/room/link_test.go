package room

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"
)

// link is a simulated shared link with players on it: fluid, each step gives
// every phone that fetches a fair share, at most what its own path carries.
type link struct {
	t       *testing.T
	room    *Room
	now     time.Time
	rate    func(seconds float64) float64 // bit/s of the link
	players []*player
	random  *rand.Rand
	blind   bool // no TCP_INFO: nothing is observed
	stick   bool // the stick is the bottleneck: sockets are never backlogged

	started time.Time
	bytes   float64
	busy    time.Duration
	held    map[*player]time.Duration
	changes int
}

const (
	step       = 50 * time.Millisecond
	sampleSpan = 200 * time.Millisecond
	segment    = 4.0  // s
	bufferMost = 30.0 // s
)

// player behaves as hls.js does: segment after segment until 30 s are there,
// playing from the first segment on.
type player struct {
	viewer   Viewer
	bits     float64
	path     float64 // bit/s that its own path carries; 0: any
	buffer   float64 // s
	left     float64 // bits of the segment under way
	segment  int
	playing  bool
	stalled  bool
	pace     float64 // byte/s, as the room wants it; 0: any
	stalls   int
	admitted bool
	refused  bool // was told so at least once
	gone     bool
}

func newLink(t *testing.T, role string, rate float64) *link {
	t.Helper()
	l := &link{
		t: t, now: time.Unix(1e9, 0), random: rand.New(rand.NewPCG(1, 2)), held: make(map[*player]time.Duration),
		rate: func(float64) float64 { return rate },
	}
	l.started = l.now
	l.room = New(Config{Now: func() time.Time { return l.now }, Role: role})
	return l
}

func (l *link) join(bits float64) *player {
	n := len(l.players) + 1
	p := &player{bits: bits, viewer: Viewer{Cookie: fmt.Sprint("phone ", n), Addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(n)})}}
	l.players = append(l.players, p)
	l.told(p, l.room.Open(p.viewer, uint64(n), bits).Admitted)
	return p
}

func (l *link) leave(p *player) {
	p.gone = true
	for n, other := range l.players {
		if other == p {
			l.room.Close(p.viewer, uint64(n+1))
		}
	}
}

func (l *link) told(p *player, admitted bool) {
	p.admitted = admitted
	if !admitted {
		p.refused, p.left, p.playing = true, 0, false
	}
}

// run lets time pass.
func (l *link) run(d time.Duration) {
	for end := l.now.Add(d); l.now.Before(end); {
		l.step()
		l.now = l.now.Add(step)
		since := l.now.Sub(l.started)
		if since%sampleSpan == 0 {
			l.sample()
		}
		if since%time.Second == 0 {
			for _, c := range l.room.Tick() {
				for _, p := range l.players {
					if p.viewer.Cookie == c.Cookie {
						l.changes++
						l.told(p, c.Verdict.Admitted)
					}
				}
			}
		}
	}
}

func (l *link) step() {
	var fetching []*player
	for _, p := range l.players {
		if p.gone || !p.admitted {
			continue
		}
		if p.left <= 0 && p.buffer < bufferMost {
			// Segments differ in size, as films do.
			p.left = p.bits * segment * (0.95 + 0.1*l.random.Float64())
			l.told(p, l.room.Admit(p.viewer, p.bits).Admitted)
			l.room.begins(p.viewer, p.segment)
			p.segment++
		}
		if p.left > 0 {
			fetching = append(fetching, p)
		}
	}
	l.share(fetching)
	for _, p := range l.players {
		p.play(l)
	}
}

// share gives the link's bits of one step to those who fetch, max-min fair.
func (l *link) share(fetching []*player) {
	rest := l.rate(l.now.Sub(l.started).Seconds()) * step.Seconds()
	if len(fetching) > 0 {
		l.busy += step
	}
	got := make(map[*player]float64)
	for open := fetching; len(open) > 0 && rest > 1; {
		each := rest / float64(len(open))
		var next []*player
		for _, p := range open {
			most := p.left - got[p]
			if p.path > 0 {
				most = min(most, p.path*step.Seconds()-got[p])
			}
			if p.pace > 0 {
				most = min(most, 8*p.pace/headers*step.Seconds()-got[p])
			}
			take := min(each, most)
			got[p] += take
			rest -= take
			if take == each {
				next = append(next, p)
			}
		}
		if len(next) == len(open) {
			break
		}
		open = next
	}
	for _, p := range fetching {
		l.bytes += got[p] / 8
		if p.left -= got[p]; p.left < 1 {
			p.left = 0
			p.buffer += segment
		} else {
			l.held[p] += step
		}
	}
}

func (p *player) play(l *link) {
	if p.gone || !p.admitted {
		return
	}
	switch {
	case p.buffer >= step.Seconds():
		p.buffer -= step.Seconds()
		p.playing, p.stalled = true, false
	case p.playing && !p.stalled:
		p.stalled = true
		p.stalls++
		l.room.Late(p.viewer)
	}
}

func (l *link) sample() {
	s := Sample{Span: sampleSpan, Bytes: int64(l.bytes), Busy: l.busy}
	for p, d := range l.held {
		switch {
		case p.pace > 0:
			s.Busy = sampleSpan
		case d == sampleSpan:
			s.Backlogged++
		}
	}
	for _, p := range l.players {
		p.pace = l.room.pace(p.viewer)
	}
	if l.stick {
		s.Backlogged, s.Busy = 0, s.Busy/10
	}
	if !l.blind && l.busy > 0 {
		l.room.Observe(s)
	}
	l.bytes, l.busy = 0, 0
	clear(l.held)
}

func (l *link) admitted() int {
	n := 0
	for _, p := range l.players {
		if p.admitted && !p.gone {
			n++
		}
	}
	return n
}

func (l *link) noStalls() {
	l.t.Helper()
	for n, p := range l.players {
		if p.stalls > 0 {
			l.t.Errorf("phone %d stalled %d times", n+1, p.stalls)
		}
	}
}

func (l *link) want(what string, got, want any) {
	l.t.Helper()
	if got != want {
		l.t.Errorf("%s: %v, want %v (%+v)", what, got, want, l.room.State())
	}
}
