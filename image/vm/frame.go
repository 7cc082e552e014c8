package vm

import (
	"encoding/binary"
	"net"
	"net/netip"
)

// datagramUDP is a UDP datagram over IPv4 with its addresses.
type datagramUDP struct {
	srcMAC, dstMAC net.HardwareAddr
	src, dst       netip.AddrPort
	payload        []byte
}

// arpRequest asks who has an address (RFC 826).
type arpRequest struct {
	fromMAC net.HardwareAddr
	from    netip.Addr
	wanted  netip.Addr
}

const (
	etherIPv4, etherARP = 0x0800, 0x0806
	etherHeader         = 14
	ipHeader            = 20
	udpHeader           = 8
	arpBytes            = 28
	protocolUDP         = 17
	timeToLive          = 255 // RFC 6762, section 11, asks for it
)

// frame writes the datagram as an Ethernet frame.
func (d datagramUDP) frame() []byte {
	length := ipHeader + udpHeader + len(d.payload)
	f := make([]byte, etherHeader, etherHeader+length)
	copy(f[0:6], d.dstMAC)
	copy(f[6:12], d.srcMAC)
	binary.BigEndian.PutUint16(f[12:], etherIPv4)

	ip := make([]byte, ipHeader)
	ip[0] = 0x45
	binary.BigEndian.PutUint16(ip[2:], uint16(length)) //nolint:gosec // a datagram is below 64 KiB
	ip[8], ip[9] = timeToLive, protocolUDP
	src, dst := d.src.Addr().As4(), d.dst.Addr().As4()
	copy(ip[12:16], src[:])
	copy(ip[16:20], dst[:])
	binary.BigEndian.PutUint16(ip[10:], checksum(ip))

	udp := make([]byte, udpHeader) // checksum 0: none, which IPv4 allows
	binary.BigEndian.PutUint16(udp[0:], d.src.Port())
	binary.BigEndian.PutUint16(udp[2:], d.dst.Port())
	binary.BigEndian.PutUint16(udp[4:], uint16(udpHeader+len(d.payload))) //nolint:gosec // as above
	f = append(f, ip...)
	f = append(f, udp...)
	return append(f, d.payload...)
}

// parseUDP reads a frame; fragments and everything else are not for us.
func parseUDP(f []byte) (datagramUDP, bool) {
	if len(f) < etherHeader+ipHeader+udpHeader || binary.BigEndian.Uint16(f[12:]) != etherIPv4 {
		return datagramUDP{}, false
	}
	ip := f[etherHeader:]
	header, length := int(ip[0]&0xf)*4, int(binary.BigEndian.Uint16(ip[2:]))
	fragment := binary.BigEndian.Uint16(ip[6:])&0x3fff != 0
	if ip[0]>>4 != 4 || header < ipHeader || length > len(ip) || length < header+udpHeader || ip[9] != protocolUDP || fragment || checksum(ip[:header]) != 0 {
		return datagramUDP{}, false
	}
	udp := ip[header:length]
	size := int(binary.BigEndian.Uint16(udp[4:]))
	if size < udpHeader || size > len(udp) {
		return datagramUDP{}, false
	}
	return datagramUDP{
		dstMAC: net.HardwareAddr(f[0:6]), srcMAC: net.HardwareAddr(f[6:12]),
		src:     netip.AddrPortFrom(netip.AddrFrom4([4]byte(ip[12:16])), binary.BigEndian.Uint16(udp[0:])),
		dst:     netip.AddrPortFrom(netip.AddrFrom4([4]byte(ip[16:20])), binary.BigEndian.Uint16(udp[2:])),
		payload: udp[udpHeader:size],
	}, true
}

// checksum is the Internet checksum (RFC 1071); over a header with its own in
// place it is 0.
func checksum(data []byte) uint16 {
	var sum uint32
	for n := 0; n+1 < len(data); n += 2 {
		sum += uint32(binary.BigEndian.Uint16(data[n:]))
	}
	if len(data)%2 == 1 {
		sum += uint32(data[len(data)-1]) << 8
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

func parseARPRequest(f []byte) (arpRequest, bool) {
	if len(f) < etherHeader+arpBytes || binary.BigEndian.Uint16(f[12:]) != etherARP {
		return arpRequest{}, false
	}
	a := f[etherHeader:]
	if [6]byte(a[0:6]) != [6]byte{0, 1, 8, 0, 6, 4} || binary.BigEndian.Uint16(a[6:]) != 1 {
		return arpRequest{}, false
	}
	return arpRequest{
		fromMAC: net.HardwareAddr(a[8:14]), from: netip.AddrFrom4([4]byte(a[14:18])),
		wanted: netip.AddrFrom4([4]byte(a[24:28])),
	}, true
}

// reply answers the request: the wanted address is at mac.
func (r arpRequest) reply(mac net.HardwareAddr) []byte {
	f := make([]byte, etherHeader+arpBytes)
	copy(f[0:6], r.fromMAC)
	copy(f[6:12], mac)
	binary.BigEndian.PutUint16(f[12:], etherARP)
	a := f[etherHeader:]
	copy(a, []byte{0, 1, 8, 0, 6, 4, 0, 2})
	copy(a[8:14], mac)
	wanted, from := r.wanted.As4(), r.from.As4()
	copy(a[14:18], wanted[:])
	copy(a[18:24], r.fromMAC)
	copy(a[24:28], from[:])
	return f
}
