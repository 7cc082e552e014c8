package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"

	"streambox.local/appliance/report"
)

// listen opens the web server's socket. Its errors say what a person can do.
func listen(ctx context.Context, address string) (net.Listener, netip.AddrPort, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, netip.AddrPort{}, listenError(address, err)
	}
	tcp, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return nil, netip.AddrPort{}, errors.Join(fmt.Errorf("listening at %s: not a TCP address", address), listener.Close())
	}
	return listener, tcp.AddrPort(), nil
}

func listenError(address string, err error) error {
	_, text, _ := net.SplitHostPort(address) // checked when the settings were read
	port, _ := strconv.Atoi(text)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		who := "another program"
		if holder, _ := report.PortHolder(port); holder != "" {
			who = holder
		}
		return fmt.Errorf("port %d is taken by %s; stop it, or choose another port, for instance --listen :%d", port, who, port%10000+10000)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("port %d needs root; run as root, or choose a port from 1024 on, for instance --listen :3003", port)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("this machine does not have the address of --listen %s; leave it out to listen everywhere: --listen :%d", address, port)
	default:
		return fmt.Errorf("listening at %s: %w", address, err)
	}
}
