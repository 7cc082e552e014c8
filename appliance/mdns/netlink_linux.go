package mdns

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

const (
	linkHeader    = 16 // struct ifinfomsg
	addressHeader = 8  // struct ifaddrmsg
	dumpTimeLimit = 2 * time.Second
)

// subscribe opens the kernel's news of links and addresses (rtnetlink, no
// rights needed). bell gets a value per news, coalesced, and is closed when
// there will be none; list reads all interfaces.
func subscribe(ctx context.Context) (bell <-chan struct{}, list func() ([]iface, error), stop func(), err error) {
	news, err := netlink.Dial(unix.NETLINK_ROUTE, &netlink.Config{
		Groups: unix.RTMGRP_LINK | unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV6_IFADDR,
	})
	if err != nil {
		return nil, nil, nil, fmt.Errorf("opening rtnetlink: %w", err)
	}
	rings := make(chan struct{}, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(rings)
		for ctx.Err() == nil {
			_, err := news.Receive()
			if err != nil && !errors.Is(err, unix.ENOBUFS) { // too much news is news
				return
			}
			select {
			case rings <- struct{}{}:
			default:
			}
		}
	}()
	return rings, dump, func() {
		_ = news.Close()
		<-done
	}, nil
}

// dump reads links and addresses as they are.
func dump() ([]iface, error) {
	conn, err := netlink.Dial(unix.NETLINK_ROUTE, nil)
	if err != nil {
		return nil, fmt.Errorf("opening rtnetlink: %w", err)
	}
	defer func() { _ = conn.Close() }() // was only read
	if err = conn.SetDeadline(time.Now().Add(dumpTimeLimit)); err != nil {
		return nil, fmt.Errorf("limiting the time of rtnetlink: %w", err)
	}
	ask := func(kind netlink.HeaderType, size int) ([]netlink.Message, error) {
		return conn.Execute(netlink.Message{
			Header: netlink.Header{Type: kind, Flags: netlink.Request | netlink.Dump},
			Data:   make([]byte, size),
		})
	}
	links, err := ask(unix.RTM_GETLINK, linkHeader)
	if err != nil {
		return nil, fmt.Errorf("listing links: %w", err)
	}
	addresses, err := ask(unix.RTM_GETADDR, addressHeader)
	if err != nil {
		return nil, fmt.Errorf("listing addresses: %w", err)
	}
	return readDump(links, addresses)
}

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
