package main

import (
	"cmp"
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"streambox.local/appliance"
	"streambox.local/appliance/library"
	"streambox.local/appliance/mdns"
	"streambox.local/appliance/report"
)

// bannerWait is how long a person waits for the address to have its name: asking
// for it takes a second, and an address that is a number is worth less.
const bannerWait = 2 * time.Second

// mdnsRow is the setting mdns.
func mdnsRow() setting {
	return setting{
		key: "mdns", help: "`WHETHER` phones find the box as streambox.local: auto, as soon as there is a network, or off (default auto)",
		set:  func(s *settings, v []string) error { return oneOf(&s.MDNS, v[0], "auto", "off") },
		show: func(s settings) string { return s.MDNS },
	}
}

// networkName gives the box its name on the network. The host may choose another
// name while the box runs: each has a responder of its own.
type networkName struct {
	wanted func() string
	config mdns.Config

	mu  sync.Mutex
	now *mdns.Responder
}

// newNetworkName is nil where a name is not wanted, or where it would lead nobody here.
func newNetworkName(s settings, version string, at netip.AddrPort, memory *library.StateDB, state *box, log *slog.Logger) *networkName {
	switch {
	case s.MDNS == "off":
		return nil
	case at.Addr().IsLoopback():
		log.Info("No name on the network: the web server is for this machine only", "listen", at)
		return nil
	}
	n := &networkName{wanted: state.name, config: mdns.Config{
		Version: version, Remembered: memory, Log: log,
		Port:   func() int { return int(at.Port()) },
		Serves: func(a netip.Addr) bool { return servesAt(at.Addr(), a) },
		OnName: func(string) {
			state.lookForAddresses()
			state.nudge()
		},
	}}
	n.use(n.wanted())
	state.hostName, state.name = n.owned, n.shown
	state.parts = append(state.parts, n.check)
	return n
}

func (n *networkName) use(label string) *mdns.Responder {
	n.mu.Lock()
	defer n.mu.Unlock()
	config := n.config
	config.Name = label
	n.now = mdns.New(config)
	return n.now
}

// run owns a name until ctx ends.
func (n *networkName) run(ctx context.Context, label string) error {
	if n == nil {
		<-ctx.Done() // another name changes nothing
		return nil
	}
	return n.use(label).Run(ctx)
}

func (n *networkName) responder() *mdns.Responder {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.now
}

// owned is the name that became ours, "" until one did.
func (n *networkName) owned() string { return n.responder().Name() }

// shown is the box's name: the one on the network, or the one it wants.
func (n *networkName) shown() string { return cmp.Or(n.owned(), n.wanted()) }

func (n *networkName) check() report.Check {
	health, detail := n.responder().Health()
	c := report.Check{Name: "mdns", State: report.State(health), Detail: detail}
	if c.State == report.Broken {
		c.Mend = "the addresses without names work; see the log"
	}
	return c
}

// servesAt tells whether a server that listens at one address answers at another.
func servesAt(listening, a netip.Addr) bool {
	listening = listening.Unmap()
	switch {
	case !listening.IsUnspecified():
		return listening.WithZone("") == a
	case listening.Is4():
		return a.Is4()
	default:
		return true
	}
}

// greet prints the banner: at once for a script, which wants addresses and no
// waiting; for a person when the name is known, or will not be soon.
func (a *app) greet(state *box, n *networkName, s settings, code string) func(context.Context) error {
	if n == nil || !a.stdout.isTTY || s.Panel == "terminal" {
		a.banner(state.addresses(), code)
		return func(context.Context) error { return nil }
	}
	return func(ctx context.Context) error {
		late := time.NewTimer(bannerWait)
		defer late.Stop()
		look := time.NewTicker(50 * time.Millisecond)
		defer look.Stop()
		for waiting := n.owned() == ""; waiting; {
			select {
			case <-ctx.Done():
				return nil
			case <-late.C:
				waiting = false
			case <-look.C:
				waiting = n.owned() == ""
			}
		}
		state.lookForAddresses()
		a.banner(state.addresses(), code)
		return nil
	}
}

// named puts the address with the box's name before those without: it is the
// one to remember and to say aloud.
func named(urls []string, name string, port uint16) []string {
	if name == "" || len(urls) == 0 {
		return urls
	}
	return append([]string{appliance.URL(name+".local", port)}, urls...)
}
