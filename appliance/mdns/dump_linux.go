package mdns

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// readDump puts the kernel's answers together.
func readDump(links, addresses []netlink.Message) ([]iface, error) {
	var out []iface
	at := map[int]int{}
	for _, m := range links {
		one, err := readLink(m.Data)
		if err != nil {
			return nil, err
		}
		at[one.index] = len(out)
		out = append(out, one)
	}
	for _, m := range addresses {
		index, a, err := readAddress(m.Data)
		if err != nil {
			return nil, err
		}
		if i, known := at[index]; known && a.IsValid() {
			out[i].addresses = append(out[i].addresses, a)
		}
	}
	return out, nil
}

func readLink(b []byte) (iface, error) {
	if len(b) < linkHeader {
		return iface{}, fmt.Errorf("reading a link: %d bytes", len(b))
	}
	const needed = unix.IFF_UP | unix.IFF_RUNNING | unix.IFF_MULTICAST
	flags := binary.NativeEndian.Uint32(b[8:])
	one := iface{
		index:   int(binary.NativeEndian.Uint32(b[4:])),
		running: flags&(needed|unix.IFF_LOOPBACK|unix.IFF_POINTOPOINT) == needed,
	}
	attributes, err := netlink.NewAttributeDecoder(b[linkHeader:])
	if err != nil {
		return iface{}, fmt.Errorf("reading a link: %w", err)
	}
	for attributes.Next() {
		if attributes.Type() == unix.IFLA_IFNAME {
			one.name = attributes.String()
		}
	}
	if err = attributes.Err(); err != nil {
		return iface{}, fmt.Errorf("reading a link: %w", err)
	}
	return one, nil
}

// readAddress finds passing what may still turn out to be taken, or was, and
// what changes every day. What is no address gives an invalid one.
func readAddress(b []byte) (index int, a address, err error) {
	if len(b) < addressHeader {
		return 0, a, fmt.Errorf("reading an address: %d bytes", len(b))
	}
	is6 := b[0] == unix.AF_INET6
	bits, flags := int(b[1]), uint32(b[2])
	index = int(binary.NativeEndian.Uint32(b[4:]))
	attributes, err := netlink.NewAttributeDecoder(b[addressHeader:])
	if err != nil {
		return 0, a, fmt.Errorf("reading an address: %w", err)
	}
	var local, remote net.IP
	for attributes.Next() {
		switch attributes.Type() {
		case unix.IFA_ADDRESS:
			remote = attributes.Bytes()
		case unix.IFA_LOCAL: // where there is another end, the address is that one's
			local = attributes.Bytes()
		case unix.IFA_FLAGS:
			flags = attributes.Uint32()
		}
	}
	if err = attributes.Err(); err != nil {
		return 0, a, fmt.Errorf("reading an address: %w", err)
	}
	passing := uint32(unix.IFA_F_TENTATIVE | unix.IFA_F_DADFAILED | unix.IFA_F_DEPRECATED)
	if is6 {
		passing |= unix.IFA_F_TEMPORARY
	}
	if local == nil {
		local = remote
	}
	ip, _ := netip.AddrFromSlice(local)
	return index, address{Prefix: netip.PrefixFrom(ip, bits), passing: flags&passing != 0}, nil
}
