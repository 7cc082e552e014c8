package network

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"reflect"
	"slices"
	"sync"
	"time"
)

const lookEvery = 5 * time.Second

// ErrNoWireless is said by a Device whose kernel has no wireless at all.
var ErrNoWireless = errors.New("this kernel has no wireless")

// Device is the machine's interfaces. Interfaces may return both: what could be
// read, and why not all.
type Device interface {
	Interfaces() ([]Interface, error)
}

// Config is what a Watcher needs; the zero value will do.
type Config struct {
	Device Device        // optional: this machine
	Every  time.Duration // optional: 5 s
	Log    *slog.Logger  // optional: discards
}

// Watcher knows the links as they were at the last look. Make one with New;
// its answers are for concurrent use.
type Watcher struct {
	device Device
	every  time.Duration
	log    *slog.Logger

	mu    sync.Mutex
	links []Link
	role  Role
	said  string // the last trouble that was logged
}

// New starts nothing. Until the first look everything is wired.
func New(cfg Config) *Watcher {
	w := &Watcher{device: cfg.Device, every: cfg.Every, log: cfg.Log, role: Wired}
	if w.device == nil {
		w.device = newMachine()
	}
	if w.every <= 0 {
		w.every = lookEvery
	}
	if w.log == nil {
		w.log = slog.New(slog.DiscardHandler)
	}
	return w
}

// Run looks until ctx ends, and returns nil then.
func (w *Watcher) Run(ctx context.Context) error {
	tick := time.NewTicker(w.every)
	defer tick.Stop()
	for {
		w.Look()
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Look reads the interfaces once, and logs what is new.
func (w *Watcher) Look() {
	interfaces, err := w.device.Interfaces()
	w.complain(err)
	if interfaces == nil && err != nil {
		return // the last answer is better than none
	}
	links := Decide(interfaces)
	role := BoxRole(links)
	w.mu.Lock()
	before := w.links
	w.links, w.role = links, role
	w.mu.Unlock()
	for _, l := range links {
		known := slices.ContainsFunc(before, func(o Link) bool { return reflect.DeepEqual(o, l) })
		if l.Leaves && !known {
			w.log.Info("Network link", "interface", l.Name, "role", l.Role, "addresses", l.Addresses)
		}
	}
}

// complain logs what is wrong once, and again when it is something else.
func (w *Watcher) complain(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text == w.said {
		return
	}
	w.said = text
	switch {
	case err == nil:
		w.log.Info("Network interfaces can be read again")
	case errors.Is(err, ErrNoWireless):
		w.log.Info("No wireless on this machine: every link counts as wired")
	default:
		w.log.Warn("Reading the network interfaces failed", "error", err)
	}
}

// Role is that of the link that phones most likely use, see BoxRole.
func (w *Watcher) Role() Role {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.role
}

// LinkAt is the name and the role of the link that has the local address of a
// connection; "" and the box's own role (Role) for one that is not known: loopback,
// where a proxy speaks for phones of which it does not tell the link.
func (w *Watcher) LinkAt(local netip.Addr) (name string, role Role) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if l, ok := at(w.links, local); ok {
		return l.Name, l.Role
	}
	return "", w.role
}

// ByCable says whether a network by cable has given this machine an address that
// phones can use: no address that it gave itself (RFC 3927), and none of the whole internet's.
func (w *Watcher) ByCable() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.links, func(l Link) bool { return l.Leaves && l.Role == Wired && HasNetwork(l.Addresses) })
}

// HasNetwork says whether one of the addresses was given by a network that phones can be in.
func HasNetwork(addresses []netip.Addr) bool {
	return slices.ContainsFunc(addresses, func(a netip.Addr) bool {
		if a.Is4() {
			return a.IsGlobalUnicast() // not 169.254.0.0/16, not loopback
		}
		return a.IsPrivate() // unique local
	})
}

// IPv4At is the box's IPv4 address on the link that has the local address of a
// connection: that address itself if it is IPv4, the zero Addr if there is none.
func (w *Watcher) IPv4At(local netip.Addr) netip.Addr {
	w.mu.Lock()
	defer w.mu.Unlock()
	return ipv4At(w.links, local)
}
