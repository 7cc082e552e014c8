package vm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
)

// Peer is another device on the guest's cable, played by the test: it answers
// ARP for its address and sends and receives UDP. No TCP: what is asked over
// TCP goes to the forwarded ports.
type Peer struct {
	conn io.ReadWriteCloser // one Ethernet frame a read and a write
	done chan struct{}

	mu        sync.Mutex
	listeners map[*PeerPort]struct{}
}

// The peer's and, by the image's or test's own settings, the guest's address on the cable.
var (
	PeerAddress  = netip.MustParseAddr("10.77.0.2")
	GuestAddress = netip.MustParseAddr("10.77.0.1")
)

func peerMAC() net.HardwareAddr { return net.HardwareAddr{0x52, 0x54, 0, 0x77, 0, 2} }

// NewPeer makes a peer at the end of a cable, which Run closes.
func NewPeer(conn io.ReadWriteCloser) *Peer {
	return &Peer{conn: conn, done: make(chan struct{}), listeners: map[*PeerPort]struct{}{}}
}

// Run answers and hands out until the cable or ctx ends.
func (p *Peer) Run(ctx context.Context) error {
	defer close(p.done)
	stop := context.AfterFunc(ctx, func() { _ = p.conn.Close() }) // unblocks the reader; that is all it is for
	defer stop()
	buffer := make([]byte, 1<<16)
	for {
		n, err := p.conn.Read(buffer)
		if ctx.Err() != nil || errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading the cable: %w", err)
		}
		if n == 0 {
			return nil // the other end of a datagram socket is closed
		}
		if err := p.take(buffer[:n]); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

func (p *Peer) take(frame []byte) error {
	if request, is := parseARPRequest(frame); is && request.wanted == PeerAddress {
		if _, err := p.conn.Write(request.reply(peerMAC())); err != nil {
			return fmt.Errorf("answering ARP: %w", err)
		}
		return nil
	}
	d, is := parseUDP(frame)
	if !is || (d.dst.Addr() != PeerAddress && !d.dst.Addr().IsMulticast()) {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.listeners {
		if l.port != d.dst.Port() {
			continue
		}
		select {
		case l.got <- Datagram{From: d.src, To: d.dst, Payload: append([]byte(nil), d.payload...)}:
		default: // nobody reads: a socket's buffer is bounded too
		}
	}
	return nil
}

// Datagram is what came to a port of the peer.
type Datagram struct {
	From, To netip.AddrPort
	Payload  []byte
}

// PeerPort is an open UDP port of the peer; it also hears multicast to its port.
type PeerPort struct {
	peer *Peer
	port uint16
	got  chan Datagram
}

const datagramsKept = 256

// Open opens a port. End it with Close.
func (p *Peer) Open(port uint16) *PeerPort {
	l := &PeerPort{peer: p, port: port, got: make(chan Datagram, datagramsKept)}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listeners[l] = struct{}{}
	return l
}

// Close closes the port.
func (l *PeerPort) Close() {
	l.peer.mu.Lock()
	defer l.peer.mu.Unlock()
	delete(l.peer.listeners, l)
}

// ErrNoRoute is an address that the peer cannot reach: it knows multicast only.
var ErrNoRoute = errors.New("the peer sends to multicast addresses only")

// Send sends to an IPv4 multicast address (RFC 1112, section 6.4, maps it to Ethernet).
func (l *PeerPort) Send(to netip.AddrPort, payload []byte) error {
	if !to.Addr().Is4() || !to.Addr().IsMulticast() {
		return fmt.Errorf("sending to %s: %w", to, ErrNoRoute)
	}
	a := to.Addr().As4()
	d := datagramUDP{
		srcMAC: peerMAC(), dstMAC: net.HardwareAddr{1, 0, 0x5e, a[1] & 0x7f, a[2], a[3]},
		src: netip.AddrPortFrom(PeerAddress, l.port), dst: to, payload: payload,
	}
	if _, err := l.peer.conn.Write(d.frame()); err != nil {
		return fmt.Errorf("sending to %s: %w", to, err)
	}
	return nil
}

// Receive waits for the next datagram.
func (l *PeerPort) Receive(ctx context.Context) (Datagram, error) {
	select {
	case d := <-l.got:
		return d, nil
	case <-l.peer.done:
		return Datagram{}, fmt.Errorf("receiving on port %d: %w", l.port, ErrEnded)
	case <-ctx.Done():
		return Datagram{}, fmt.Errorf("receiving on port %d: %w", l.port, ctx.Err())
	}
}
