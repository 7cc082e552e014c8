package mdns

import (
	"context"
	"errors"
	"fmt"
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
