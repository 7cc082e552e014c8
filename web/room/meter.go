package room

import (
	"context"
	"math"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	sampleEvery  = 200 * time.Millisecond
	quietAfter   = 5 * time.Second // a connection that moves nothing is not looked at
	maxConns     = 1024            // looked at; the room's numbers are good enough with these
	mostlyBusy   = 0.8             // of a sample: it had something under way
	mostlyWaited = 0.3             // of a sample: it waited for its reader
)

// counters are what the kernel counts for one connection (TCP_INFO).
type counters struct {
	acked   uint64        // bytes
	busy    time.Duration // with something unacknowledged
	waited  time.Duration // for the reader: a full receive window
	unsent  uint32        // bytes in the socket that were not sent yet
	pending bool          // unsent or unacknowledged bytes are there
}

// Meter asks the kernel how fast TCP really drains. Make one with NewMeter.
type Meter struct {
	observe func(map[string]Sample) // by Link.Name
	begins  func(v Viewer, segment int)
	pace    func(Viewer) float64 // byte/s, 0: any
	read    func(syscall.RawConn) (counters, error)
	wake    chan struct{}
	quiet   time.Duration

	mu     sync.Mutex
	active map[*Conn]struct{}
}

// Conn is a connection of a phone, as the Meter sees it.
type Conn struct {
	meter  *Meter
	raw    syscall.RawConn
	viewer atomic.Pointer[Viewer]
	here   atomic.Bool // in active; set under its lock

	asked atomic.Bool

	// Run's, once it is in active.
	last  counters
	moved time.Time
	paced float64 // byte/s, 0: not
}

// NewMeter starts nothing. The rooms are told what is seen.
func NewMeter(h *House) *Meter {
	return &Meter{
		observe: h.observe, begins: h.begins, pace: h.pace, read: readCounters, wake: make(chan struct{}, 1), quiet: quietAfter,
		active: make(map[*Conn]struct{}),
	}
}

// Conn remembers a connection, for http.Server.ConnContext. It does not wrap
// it: that would hide sendfile from net/http. nil, which may be used like any
// other, where the kernel cannot be asked.
func (m *Meter) Conn(c net.Conn) *Conn {
	sys, ok := c.(syscall.Conn)
	if m == nil || !ok {
		return nil
	}
	raw, err := sys.SyscallConn()
	if err != nil {
		return nil
	}
	return &Conn{meter: m, raw: raw}
}

// Fetch notes that the connection carries a segment for v from now on; number
// is the segment's in its rendition, -1 for none.
func (c *Conn) Fetch(v Viewer, number int) {
	if c == nil {
		return
	}
	c.meter.begins(v, number)
	if old := c.viewer.Load(); old == nil || *old != v {
		c.viewer.Store(&v)
	}
	c.asked.Store(true)
	if !c.here.Load() {
		c.meter.add(c)
	}
}

func (m *Meter) add(c *Conn) {
	now, err := m.read(c.raw)
	if err != nil {
		return // closed, or not TCP, or not Linux
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if c.here.Load() || len(m.active) >= maxConns {
		return
	}
	c.last, c.moved = now, time.Now()
	c.here.Store(true)
	m.active[c] = struct{}{}
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

func (m *Meter) remove(c *Conn) {
	m.setPace(c, 0)
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.active, c)
	c.here.Store(false)
}

func (m *Meter) conns(into []*Conn) []*Conn {
	m.mu.Lock()
	defer m.mu.Unlock()
	for c := range m.active {
		into = append(into, c)
	}
	return into
}

// Run samples while segments flow, until ctx ends; it returns nil then.
func (m *Meter) Run(ctx context.Context) error {
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	var conns []*Conn
	viewers := make(map[Viewer]struct{})
	before := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := time.Now()
		if conns = m.conns(conns[:0]); len(conns) == 0 {
			select { // no timer runs in a quiet box
			case <-ctx.Done():
				return nil
			case <-m.wake:
			}
			before = time.Now()
			tick.Reset(sampleEvery)
			continue
		}
		clear(viewers)
		m.observe(m.sample(conns, viewers, now, now.Sub(before)))
		before = now
	}
}

// sample looks at the connections, those of each link by themselves; viewers is scratch.
func (m *Meter) sample(conns []*Conn, viewers map[Viewer]struct{}, now time.Time, span time.Duration) map[string]Sample {
	samples := make(map[string]Sample, 1)
	for _, c := range conns {
		is, err := m.read(c.raw)
		if err != nil {
			m.remove(c)
			continue
		}
		was := c.last
		c.last = is
		viewer := *c.viewer.Load()
		s := samples[viewer.Link.Name]
		s.Span = span
		s.Bytes += int64(is.acked - was.acked) //nolint:gosec // G115: a fifth of a second's bytes
		s.Busy += is.busy - was.busy
		switch {
		case c.paced > 0 && is.pending:
			s.Busy += span
		case c.paced == 0 && heldBack(was, is, span):
			if _, counted := viewers[viewer]; !counted {
				viewers[viewer] = struct{}{}
				s.Backlogged++
			}
		}
		s.Busy = min(s.Busy, span)
		samples[viewer.Link.Name] = s
		m.setPace(c, m.pace(viewer))
		if c.asked.Swap(false) || is.acked != was.acked || is.pending {
			c.moved = now
		} else if now.Sub(c.moved) >= m.quiet {
			m.remove(c)
		}
	}
	return samples
}

// setPace limits what a connection sends; where that fails it is not limited.
func (m *Meter) setPace(c *Conn, rate float64) {
	// Small changes are not worth a call: a bit rate is a mean anyway.
	if c.paced == rate || (rate > 0 && c.paced > 0 && math.Abs(rate-c.paced) < 0.02*rate) {
		return
	}
	if setPacingRate(c.raw, rate) == nil {
		c.paced = rate
	}
}

// heldBack tells whether the network, and nothing else, kept a connection from
// sending more.
func heldBack(was, is counters, span time.Duration) bool {
	return is.busy-was.busy >= time.Duration(mostlyBusy*float64(span)) &&
		is.waited-was.waited < time.Duration(mostlyWaited*float64(span)) &&
		(was.unsent > 0 || is.unsent > 0)
}
