package mdns

import (
	"bytes"
	"context"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
)

// air is a network of the test's making. What is multicast on a wire reaches
// everybody on it, the sender too, a millisecond later, as bytes.
type air struct {
	t     *testing.T
	mu    sync.Mutex
	nodes []*node
	heard []overheard
}

// overheard is what an observer of all wires sees.
type overheard struct {
	at   time.Time
	from *node
	wire string
	to   netip.AddrPort
	msg  *dns.Msg
}

func newAir(t *testing.T) *air {
	t.Helper()
	return &air{t: t}
}

// join makes a box with links; it starts at once.
func (a *air) join(seed uint64, edit func(*Config), links ...wired) *node {
	n := &node{air: a, log: new(bytes.Buffer), wires: map[int]string{}, links: make(chan []iface, 8), packets: make(chan packet, 64)}
	random := rand.New(rand.NewPCG(seed, 1))
	cfg := Config{
		Name: "streambox", Port: func() int { return 80 }, OnName: func(name string) { n.names = append(n.names, name) },
		Log:    slog.New(slog.NewTextHandler(n.log, nil)),
		random: func(below time.Duration) time.Duration { return time.Duration(random.Int64N(int64(below))) },
		open: func(context.Context) (transport, error) {
			return n, nil
		},
		watch: func(ctx context.Context, found func([]iface)) error {
			for {
				select {
				case <-ctx.Done():
					return nil
				case now := <-n.links:
					found(now)
				}
			}
		},
		services: n,
	}
	if edit != nil {
		edit(&cfg)
	}
	n.r = New(cfg)
	a.mu.Lock()
	a.nodes = append(a.nodes, n)
	a.mu.Unlock()
	n.plug(links...)
	ctx, cancel := context.WithCancel(a.t.Context())
	done := make(chan error)
	go func() { done <- n.r.Run(ctx) }()
	n.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			a.t.Error(err)
		}
	})
	a.t.Cleanup(n.stop)
	return n
}

// spread brings a packet to everybody on a wire.
func (a *air) spread(sender *node, wire string, from, to netip.AddrPort, b []byte) {
	msg, err := parse(b)
	if err != nil {
		a.t.Errorf("we ourselves would not read what we send: %v", err)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.heard = append(a.heard, overheard{time.Now(), sender, wire, to, msg})
	if to.IsValid() {
		return
	}
	for _, n := range a.nodes {
		n.mu.Lock()
		for index, w := range n.wires {
			if w == wire {
				time.AfterFunc(time.Millisecond, func() {
					again, _ := parse(b)
					n.packets <- packet{link: index, family: v4, from: from, msg: again}
				})
			}
		}
		n.mu.Unlock()
	}
}

// query is what a phone multicasts.
func (a *air) query(wire string, kind uint16, names ...string) {
	m := new(dns.Msg)
	for _, name := range names {
		m.Question = append(m.Question, dns.Question{Name: fullName(name), Qtype: kind, Qclass: classOfNames})
	}
	b, err := m.Pack()
	if err != nil {
		a.t.Fatal(err)
	}
	a.spread(nil, wire, netip.MustParseAddrPort("192.168.0.99:5353"), netip.AddrPort{}, b)
}

// since are the packets with a true test since a time.
func (a *air) since(at time.Time, is func(overheard) bool) []overheard {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(a.heard), func(o overheard) bool { return o.at.Before(at) || !is(o) })
}

// says finds address records that a node sends for streambox.local, with a TTL.
func says(n *node, ttl uint32, addr string) func(overheard) bool {
	return func(o overheard) bool {
		return o.from == n && o.msg.Response && slices.ContainsFunc(o.msg.Answer, func(rr dns.RR) bool {
			return rr.Header().Name == "streambox.local." && rr.Header().Ttl == ttl && addressOf(rr).String() == addr
		})
	}
}

func pass(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-t.Context().Done():
	case <-time.After(d):
	}
	synctest.Wait()
}
