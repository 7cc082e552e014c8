package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"syscall"

	"streambox.local/appliance/report"
)

// socket is the web server's, with the real port.
type socket struct {
	net.Listener
	at   netip.AddrPort
	note string // why it is not where one may expect it: "port 80 is taken by nginx.service"; "" it is
}

// listen opens the web server's socket: where the settings say or, as a service
// that was told nothing, at the web's own port and else at ours. Its errors say
// what a person can do.
func listen(ctx context.Context, s settings) (socket, error) {
	first, err := open(ctx, s.Listen)
	if err == nil || s.ListenElse == "" {
		return first, listenError(s.Listen, err)
	}
	note := whyNot(s.Listen, err)
	if note == "" {
		return socket{}, listenError(s.Listen, err)
	}
	second, err := open(ctx, s.ListenElse)
	if err != nil {
		return socket{}, fmt.Errorf("%s; %w", note, listenError(s.ListenElse, err))
	}
	second.note = note
	return second, nil
}

func open(ctx context.Context, address string) (socket, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return socket{}, fmt.Errorf("listening at %s: %w", address, err)
	}
	tcp, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return socket{}, errors.Join(fmt.Errorf("listening at %s: not a TCP address", address), listener.Close())
	}
	return socket{Listener: listener, at: tcp.AddrPort()}, nil
}

// portOf is the port of an address that was checked when the settings were read.
func portOf(address string) int {
	_, text, _ := net.SplitHostPort(address)
	port, _ := strconv.Atoi(text)
	return port
}

// whyNot says why another port is worth a try; "" for what no other port mends.
func whyNot(address string, err error) string {
	port := portOf(address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Sprintf("port %d is taken by %s", port, holder(port))
	case errors.Is(err, syscall.EACCES):
		return fmt.Sprintf("port %d may not be used by this user", port)
	default:
		return ""
	}
}

func holder(port int) string {
	if who, _ := report.PortHolder(port); who != "" {
		return who
	}
	return "another program"
}

func listenError(address string, err error) error {
	port := portOf(address)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("port %d is taken by %s; stop it, or choose another port, for instance --listen :%d", port, holder(port), port%10000+10000)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("port %d needs root; run as root, or choose a port from 1024 on, for instance --listen :3003", port)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("this machine does not have the address of --listen %s; leave it out to listen everywhere: --listen :%d", address, port)
	default:
		return err
	}
}

// noteSentence makes a sentence of a note: "Port 80 is taken by nginx.service".
func noteSentence(note string) string {
	return strings.ToUpper(note[:1]) + note[1:]
}
