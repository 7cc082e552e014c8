package mdns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

const (
	hopLimit   = 255 // RFC 6762, 11
	floodPause = 20 * time.Millisecond
)

// groupOf are the addresses of multicast DNS.
func groupOf(f family) netip.Addr {
	if f == v4 {
		return netip.AddrFrom4([4]byte{224, 0, 0, 251})
	}
	return netip.MustParseAddr("ff02::fb")
}

// sockets are UDP port 5353 of both families, shared with whoever else wants it.
type sockets struct {
	v4     *ipv4.PacketConn // nil: this kernel has none
	v6     *ipv6.PacketConn
	joined map[string]bool // "4 3 eth0"
	lastLoud
}

// openSockets opens what this kernel has; an error when that is nothing.
func openSockets(ctx context.Context) (*sockets, error) {
	s := &sockets{joined: map[string]bool{}}
	config := net.ListenConfig{Control: shareable}
	var failed [2]error
	if conn, err := config.ListenPacket(ctx, "udp4", fmt.Sprintf("0.0.0.0:%d", mdnsPort)); err != nil {
		failed[0] = err
	} else {
		s.v4 = ipv4.NewPacketConn(conn)
		failed[0] = errors.Join(s.v4.SetControlMessage(ipv4.FlagInterface|ipv4.FlagDst, true), s.v4.SetMulticastTTL(hopLimit),
			s.v4.SetTTL(hopLimit), s.v4.SetMulticastLoopback(true)) // other programs of this machine ask too
	}
	if conn, err := config.ListenPacket(ctx, "udp6", fmt.Sprintf("[::]:%d", mdnsPort)); err != nil {
		failed[1] = err
	} else {
		s.v6 = ipv6.NewPacketConn(conn)
		failed[1] = errors.Join(s.v6.SetControlMessage(ipv6.FlagInterface|ipv6.FlagDst, true), s.v6.SetMulticastHopLimit(hopLimit),
			s.v6.SetHopLimit(hopLimit), s.v6.SetMulticastLoopback(true))
	}
	if s.v4 == nil && s.v6 == nil {
		return nil, fmt.Errorf("opening UDP port %d: %w", mdnsPort, errors.Join(failed[:]...))
	}
	if (s.v4 != nil && failed[0] != nil) || (s.v6 != nil && failed[1] != nil) {
		s.Close()
		return nil, fmt.Errorf("setting up UDP port %d: %w", mdnsPort, errors.Join(failed[:]...))
	}
	return s, nil
}

// Join joins the groups on links; what is joined already stays.
func (s *sockets) Join(links []link) error {
	now := map[string]bool{}
	var failed []error
	for _, l := range links {
		i := &net.Interface{Index: l.index, Name: l.name}
		for _, f := range []family{v4, v6} {
			if l.sends&f == 0 || f == v4 && s.v4 == nil || f == v6 && s.v6 == nil {
				continue
			}
			key := fmt.Sprintf("%d %d %s", f, l.index, l.name)
			if s.joined[key] {
				now[key] = true
				continue
			}
			if err := s.join(f, i); err != nil {
				failed = append(failed, fmt.Errorf("joining %s on %s: %w", groupOf(f), l.name, err))
				continue // tried again with the next change
			}
			now[key] = true
		}
	}
	s.joined = now
	return errors.Join(failed...)
}

func (s *sockets) join(f family, i *net.Interface) error {
	group := net.UDPAddrFromAddrPort(netip.AddrPortFrom(groupOf(f), 0))
	if f == v4 {
		_ = s.v4.LeaveGroup(i, group) // a membership of the link's last life, if any
		return s.v4.JoinGroup(i, group)
	}
	_ = s.v6.LeaveGroup(i, group)
	return s.v6.JoinGroup(i, group)
}

// Send sends one packet.
func (s *sockets) Send(o outgoing) error {
	b, err := o.msg.Pack()
	if err != nil {
		return fmt.Errorf("writing a packet: %w", err)
	}
	to := o.to
	if !to.IsValid() {
		to = netip.AddrPortFrom(groupOf(o.family), mdnsPort)
	}
	addr := net.UDPAddrFromAddrPort(to)
	switch {
	case o.family == v4 && s.v4 != nil:
		_, err = s.v4.WriteTo(b, &ipv4.ControlMessage{IfIndex: o.link}, addr)
	case o.family == v6 && s.v6 != nil:
		_, err = s.v6.WriteTo(b, &ipv6.ControlMessage{IfIndex: o.link}, addr)
	}
	if err != nil {
		return fmt.Errorf("sending to %s: %w", to, err)
	}
	return nil
}

// Close ends Receive.
func (s *sockets) Close() {
	if s.v4 != nil {
		_ = s.v4.Close()
	}
	if s.v6 != nil {
		_ = s.v6.Close()
	}
}
