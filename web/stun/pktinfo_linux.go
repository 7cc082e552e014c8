package stun

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// controlBytes is room for the packet information of either family.
const controlBytes = 128

// listenUDP opens a socket that tells to which address each packet came.
func listenUDP(ctx context.Context, network string, at netip.AddrPort) (*net.UDPConn, error) {
	level, option := unix.IPPROTO_IP, unix.IP_PKTINFO
	if network == "udp6" {
		level, option = unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO
	}
	var failed error
	lc := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		err := raw.Control(func(fd uintptr) {
			failed = unix.SetsockoptInt(int(fd), level, option, 1)
		})
		if err == nil {
			err = failed
		}
		return err
	}}
	c, err := lc.ListenPacket(ctx, network, at.String())
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

// replySource turns the control message of a packet into that of its answer:
// send from the address that the packet came to. Not ok where that is a
// broadcast or multicast address, or not known.
func replySource(control []byte, flags int) (source []byte, ok bool) {
	if flags&(unix.MSG_CTRUNC|unix.MSG_TRUNC) != 0 {
		return nil, false
	}
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return nil, false
	}
	for _, m := range messages {
		switch {
		case m.Header.Level == unix.IPPROTO_IP && m.Header.Type == unix.IP_PKTINFO && len(m.Data) >= unix.SizeofInet4Pktinfo:
			info := *(*unix.Inet4Pktinfo)(unsafe.Pointer(&m.Data[0])) //nolint:gosec // G103: the kernel's layout, length checked
			// Spec_dst is the local address, Addr what stood in the packet:
			// they differ for broadcast and multicast.
			if info.Addr != info.Spec_dst {
				return nil, false
			}
			return unix.PktInfo4(&unix.Inet4Pktinfo{Spec_dst: info.Addr}), true
		case m.Header.Level == unix.IPPROTO_IPV6 && m.Header.Type == unix.IPV6_PKTINFO && len(m.Data) >= unix.SizeofInet6Pktinfo:
			info := *(*unix.Inet6Pktinfo)(unsafe.Pointer(&m.Data[0])) //nolint:gosec // G103: the kernel's layout, length checked
			asked := netip.AddrFrom16(info.Addr)
			if asked.IsMulticast() || asked.IsLinkLocalUnicast() { // fe80 is never offered
				return nil, false
			}
			return unix.PktInfo6(&unix.Inet6Pktinfo{Addr: info.Addr}), true
		}
	}
	return nil, false
}
