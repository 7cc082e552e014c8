//go:build !linux

package stun

import (
	"context"
	"fmt"
	"net"
	"net/netip"
)

const controlBytes = 1

// listenUDP opens a plain socket: which address was asked is not known, and
// the kernel chooses where the answer leaves from.
func listenUDP(ctx context.Context, network string, at netip.AddrPort) (*net.UDPConn, error) {
	c, err := new(net.ListenConfig).ListenPacket(ctx, network, at.String())
	if err != nil {
		return nil, fmt.Errorf("opening a socket: %w", err)
	}
	udp, ok := c.(*net.UDPConn)
	if !ok {
		_ = c.Close() // was not used
		return nil, fmt.Errorf("opening a socket: %T is not UDP", c)
	}
	return udp, nil
}

func replySource([]byte, int) ([]byte, bool) { return nil, true }
