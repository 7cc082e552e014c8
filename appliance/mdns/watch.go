package mdns

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"
)

const (
	settleFor = 50 * time.Millisecond // what changes together is looked at once
	pollEvery = 2 * time.Second
)

// watch calls found with the interfaces as they are now, and again whenever
// something about them may have changed, until ctx ends. Where the kernel does
// not say, it looks every two seconds.
func watch(ctx context.Context, log *slog.Logger, found func([]iface)) error {
	bell, list, stop, err := subscribe(ctx)
	if err != nil {
		log.Info("The kernel does not tell of links; looking every two seconds", "error", err)
		bell, list, stop = nil, interfaces, func() {}
	}
	defer stop()
	var tick <-chan time.Time
	if bell == nil {
		ticker := time.NewTicker(pollEvery)
		defer ticker.Stop()
		tick = ticker.C
	}
	for {
		now, err := list()
		if err != nil {
			return fmt.Errorf("reading the network interfaces: %w", err)
		}
		found(now)
		select {
		case <-ctx.Done():
			return nil
		case <-tick:
			continue
		case _, open := <-bell:
			if !open {
				return fmt.Errorf("following the network interfaces: %w", net.ErrClosed)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(settleFor):
		}
	}
}

// interfaces asks as every system can be asked; it cannot tell which addresses
// are not to be used yet.
func interfaces() ([]iface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	const needed = net.FlagUp | net.FlagRunning | net.FlagMulticast
	var out []iface
	for _, i := range all {
		one := iface{index: i.Index, name: i.Name, running: i.Flags&(needed|net.FlagLoopback|net.FlagPointToPoint) == needed}
		addresses, err := i.Addrs()
		if err != nil {
			continue // gone between the two calls
		}
		for _, a := range addresses {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				one.addresses = append(one.addresses, address{Prefix: netip.PrefixFrom(p.Addr().Unmap().WithZone(""), p.Bits())})
			}
		}
		out = append(out, one)
	}
	return out, nil
}
