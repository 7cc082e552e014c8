package stun

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	firstPort  = 3478 // RFC 8489, section 18.6
	portsTried = 10
	againAfter = time.Minute
	maxPacket  = 1500 // what is longer is no Binding request of a browser
)

// Config is what a Responder needs; the zero value will do.
type Config struct {
	Listen netip.Addr   // only at this address; the zero Addr and the unspecified one: at all
	Ports  []uint16     // tried in this order; nil: 3478 and the nine after it. 0 is any free one
	Log    *slog.Logger // optional: discards
}

// Responder answers STUN Binding requests. Make one with New.
type Responder struct {
	addr  netip.Addr // invalid: all
	ports []uint16
	log   *slog.Logger
	port  atomic.Uint32
}

// New starts nothing.
func New(cfg Config) *Responder {
	r := &Responder{ports: cfg.Ports, log: cfg.Log}
	if !cfg.Listen.IsUnspecified() {
		r.addr = cfg.Listen.Unmap()
	}
	if r.ports == nil {
		for i := range uint16(portsTried) {
			r.ports = append(r.ports, firstPort+i)
		}
	}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	return r
}

// Port is the UDP port it answers at, 0 while there is none.
func (r *Responder) Port() uint16 { return uint16(r.port.Load()) } //nolint:gosec // G115: only ports are stored

// URL is what a browser is offered: "stun:192.168.1.5:3478". local is the
// box's address on the viewer's link; "" for an address that a phone cannot
// use here (fe80, multicast, none) and while nothing is answered.
func (r *Responder) URL(local netip.Addr) string {
	local = local.Unmap()
	port := r.Port()
	if port == 0 || !local.IsValid() || local.Zone() != "" || local.IsUnspecified() || local.IsMulticast() ||
		(local.Is6() && local.IsLinkLocalUnicast()) {
		return ""
	}
	return "stun:" + net.JoinHostPort(local.String(), strconv.Itoa(int(port)))
}

// Run answers until ctx ends, and returns nil then. With no port to be had it
// says so once and tries again every minute: films are watched without it.
// An error is one of reading from a socket that was open.
func (r *Responder) Run(ctx context.Context) error {
	told := false
	for ctx.Err() == nil {
		conns, err := r.listen(ctx)
		if err == nil {
			return r.serve(ctx, conns)
		}
		if !told {
			told = true
			r.log.Warn("No UDP port for STUN: phones may not find each other", "error", err)
		}
		wait := time.NewTimer(againAfter)
		select {
		case <-ctx.Done():
			wait.Stop()
		case <-wait.C:
		}
	}
	return nil
}

// listen opens the sockets of the first port that is free for both families, or
// for the one address.
func (r *Responder) listen(ctx context.Context) ([]*net.UDPConn, error) {
	if r.addr.IsValid() {
		return r.listenAt(ctx, r.addr)
	}
	var failed error
	for _, port := range r.ports {
		four, err := listenUDP(ctx, "udp4", netip.AddrPortFrom(netip.IPv4Unspecified(), port))
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("listening at UDP port %d: %w", port, err))
			continue
		}
		port = localPort(four)
		six, err := listenUDP(ctx, "udp6", netip.AddrPortFrom(netip.IPv6Unspecified(), port))
		switch {
		case err == nil:
			return r.listening(port, four, six), nil
		case errors.Is(err, syscall.EADDRINUSE):
			_ = four.Close() // was not used yet
			failed = errors.Join(failed, fmt.Errorf("listening at UDP port %d of IPv6: %w", port, err))
		default: // this kernel has no IPv6
			return r.listening(port, four), nil
		}
	}
	return nil, failed
}

func (r *Responder) listenAt(ctx context.Context, addr netip.Addr) ([]*net.UDPConn, error) {
	var failed error
	family := "udp4"
	if addr.Is6() {
		family = "udp6"
	}
	for _, port := range r.ports {
		one, err := listenUDP(ctx, family, netip.AddrPortFrom(addr, port))
		if err == nil {
			return r.listening(localPort(one), one), nil
		}
		failed = errors.Join(failed, fmt.Errorf("listening at UDP port %d of %v: %w", port, addr, err))
	}
	return nil, failed
}

func (r *Responder) listening(port uint16, conns ...*net.UDPConn) []*net.UDPConn {
	r.log.Info("STUN answers", "port", port, "ipv6", len(conns) > 1 || r.addr.Is6())
	r.port.Store(uint32(port))
	return conns
}

func localPort(c *net.UDPConn) uint16 {
	if a, ok := c.LocalAddr().(*net.UDPAddr); ok {
		return a.AddrPort().Port()
	}
	return 0
}

// serve owns the sockets: one reader each, which end together.
func (r *Responder) serve(ctx context.Context, conns []*net.UDPConn) error {
	defer r.port.Store(0)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		for _, c := range conns {
			_ = c.Close() // ends its reader
		}
	})
	defer stop()
	limits := &sharedLimiter{limiter: newLimiter(time.Now())}
	errs := make([]error, len(conns))
	var readers sync.WaitGroup
	for i, c := range conns {
		readers.Go(func() {
			defer cancel()
			errs[i] = r.answer(ctx, c, limits)
		})
	}
	readers.Wait()
	return errors.Join(errs...)
}

type sharedLimiter struct {
	mu sync.Mutex
	*limiter
}

func (l *sharedLimiter) allow(addr netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.limiter.allow(addr, time.Now())
}

// answer is one socket's loop.
func (r *Responder) answer(ctx context.Context, c *net.UDPConn, limits *sharedLimiter) error {
	packet, control := make([]byte, maxPacket), make([]byte, controlBytes)
	out := make([]byte, 0, 64)
	for {
		n, cn, flags, from, err := c.ReadMsgUDPAddrPort(packet, control)
		if err != nil {
			if ctx.Err() != nil {
				return nil //nolint:nilerr // the socket was closed to end this
			}
			return fmt.Errorf("reading STUN requests: %w", err)
		}
		if !isRequest(packet[:n]) || from.Port() == 0 || from.Addr().IsUnspecified() || from.Addr().IsMulticast() {
			continue
		}
		source, ok := replySource(control[:cn], flags)
		if !ok || !limits.allow(from.Addr()) {
			continue
		}
		out = appendAnswer(out[:0], packet[:n], from)
		if _, _, err = c.WriteMsgUDPAddrPort(out, source, from); err != nil && ctx.Err() == nil {
			// The link went, or the address: the client asks again.
			r.log.Debug("A STUN answer could not be sent", "error", err)
		}
	}
}
