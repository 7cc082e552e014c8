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

// Receive reads one family until the sockets are closed or ctx ends; nil then.
func (s *sockets) Receive(ctx context.Context, f family, deliver func(packet)) error {
	budget, senders := newBucket(readRate, time.Now()), newSources(time.Now())
	var noise loudness
	buffer := make([]byte, maxPacket+1)
	for ctx.Err() == nil {
		if !budget.take(time.Now()) { // a flood: the kernel drops what comes meanwhile
			select {
			case <-ctx.Done():
			case <-time.After(floodPause):
			}
			continue
		}
		n, index, to, from, err := s.read(f, buffer)
		if err != nil {
			return unlessClosed(err)
		}
		now := time.Now()
		if noise.count(now) {
			s.set(now)
		}
		if to != groupOf(f) || !senders.admit(now, from.Addr()) {
			continue
		}
		if msg, err := parse(buffer[:n]); err == nil { // what others send wrong is no news
			deliver(packet{link: index, family: f, from: from, msg: msg})
		}
	}
	return nil
}

// unlessClosed: closing is how reading ends.
func unlessClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return fmt.Errorf("reading multicast: %w", err)
}

func (s *sockets) read(f family, buffer []byte) (n, index int, to netip.Addr, from netip.AddrPort, err error) {
	var source net.Addr
	if f == v4 {
		var cm *ipv4.ControlMessage
		if n, cm, source, err = s.v4.ReadFrom(buffer); err == nil && cm != nil {
			index = cm.IfIndex
			to, _ = netip.AddrFromSlice(cm.Dst)
		}
	} else {
		var cm *ipv6.ControlMessage
		if n, cm, source, err = s.v6.ReadFrom(buffer); err == nil && cm != nil {
			index = cm.IfIndex
			to, _ = netip.AddrFromSlice(cm.Dst)
		}
	}
	if u, ok := source.(*net.UDPAddr); ok {
		from = u.AddrPort()
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	}
	return n, index, to.Unmap(), from, err
}

// Families are those that can be read.
func (s *sockets) Families() []family {
	var out []family
	if s.v4 != nil {
		out = append(out, v4)
	}
	if s.v6 != nil {
		out = append(out, v6)
	}
	return out
}
