package mdns

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// node is a box on the air; it is the transport of its responder.
type node struct {
	air      *air
	r        *Responder
	log      *bytes.Buffer
	stop     func()
	mu       sync.Mutex
	wires    map[int]string // index of the link → wire
	links    chan []iface
	packets  chan packet
	names    []string
	services []service // as told, one after the other; empty: withdrawn
	muted    bool
	loud     lastLoud
}

// wired is a link: its index, the wire it leads to, its addresses.
type wired struct {
	index     int
	wire      string
	addresses []string
}

func on(index int, wire string, addresses ...string) wired { return wired{index, wire, addresses} }

// plug tells the box what links it has from now on.
func (n *node) plug(links ...wired) {
	var now []iface
	n.mu.Lock()
	clear(n.wires)
	for _, l := range links {
		n.wires[l.index] = l.wire
		now = append(now, ifaceWith(l.index, l.addresses...))
	}
	n.mu.Unlock()
	n.links <- now
}

func ifaceWith(index int, addresses ...string) iface {
	i := iface{index: index, name: "eth" + string(rune('0'+index)), running: true}
	for _, a := range addresses {
		i.addresses = append(i.addresses, address{Prefix: netip.MustParsePrefix(a)})
	}
	return i
}

func (n *node) Join([]link) error  { return nil }
func (n *node) Families() []family { return []family{v4} }
func (n *node) Close()             {}
func (n *node) Loud() time.Time    { return n.loud.Loud() }
func (n *node) Withdraw()          { n.note(service{}) }
func (n *node) Advertise(s service) error {
	n.note(s)
	return nil
}

func (n *node) note(s service) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.services = append(n.services, s)
}

// told is what was advertised, in order; one without a name is a withdrawal.
func (n *node) told() []service {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.services)
}

func (n *node) Send(o outgoing) error {
	b, err := o.msg.Pack()
	if err != nil {
		n.air.t.Errorf("a packet cannot be written: %v: %v", err, o.msg)
		return err
	}
	if len(b) > 1400 {
		n.air.t.Errorf("a packet of %d bytes", len(b))
	}
	n.mu.Lock()
	if n.muted {
		n.mu.Unlock()
		return errors.New("operation not permitted")
	}
	wire, from := n.wires[o.link], netip.AddrPortFrom(netip.MustParseAddr("192.168.0.1"), mdnsPort)
	n.mu.Unlock()
	if wire == "" {
		return errors.New("no such wire")
	}
	n.air.spread(n, wire, from, o.to, b)
	return nil
}

func (n *node) Receive(ctx context.Context, _ family, deliver func(packet)) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case p := <-n.packets:
			deliver(p)
		}
	}
}
