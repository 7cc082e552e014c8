package mdns

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"time"
)

// NameStore keeps the name over restarts.
type NameStore interface {
	LoadName() (string, error) // "": none yet
	SaveName(name string) error
}

// Config is what a Responder needs.
type Config struct {
	Name       string                // the label to begin with: "streambox"; a host name without dots
	Port       func() int            // of the web server; 0: not known yet
	Version    string                // of the program, for those who look for boxes
	Serves     func(netip.Addr) bool // can phones reach the web server at this address? optional: at all
	Remembered NameStore             // optional
	OnName     func(name string)     // a name has become ours; called from Run; optional
	Log        *slog.Logger          // optional: discards

	// The world, for tests to replace.
	open     func(context.Context) (transport, error)
	watch    func(context.Context, func([]iface)) error
	services advertiser
	random   func(below time.Duration) time.Duration
}

// transport is the network.
type transport interface {
	Join([]link) error
	Send(outgoing) error
	Families() []family
	Receive(context.Context, family, func(packet)) error
	Loud() time.Time // when a flood was heard last; zero: never
	Close()
}

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Port == nil {
		c.Port = func() int { return 0 }
	}
	if c.Serves == nil {
		c.Serves = func(netip.Addr) bool { return true }
	}
	if c.OnName == nil {
		c.OnName = func(string) {}
	}
	if c.open == nil {
		c.open = func(ctx context.Context) (transport, error) { return openSockets(ctx) }
	}
	if c.watch == nil {
		c.watch = func(ctx context.Context, found func([]iface)) error { return watch(ctx, c.Log, found) }
	}
	if c.services == nil {
		c.services = &zeroconfServices{}
	}
	if c.random == nil {
		c.random = rand.N[time.Duration] // spreads packets, keeps no secret
	}
	return c
}
