package main

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"streambox.local/appliance"
	"streambox.local/appliance/library"
	"streambox.local/web"
)

// box answers for the whole appliance: web asks it what it shows of the box.
type box struct {
	name      string
	version   string
	started   time.Time
	listening netip.AddrPort
	lan       func() ([]netip.Addr, error)
	library   *library.Library
	working   func() bool
	failing   func() []string
	log       *slog.Logger

	sticksIn atomic.Bool // sticks have been looked for
	stopping atomic.Bool

	mu   sync.Mutex
	urls []string
}

// Run follows the addresses of this machine: a box that was switched on before
// the router must find its way.
func (b *box) Run(ctx context.Context) error {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		b.lookForAddresses()
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (b *box) lookForAddresses() {
	lan, err := b.lan()
	if err != nil {
		b.log.Warn("Reading the network addresses failed", "error", err)
		return
	}
	urls := appliance.URLs(b.listening, lan)
	b.mu.Lock()
	before := b.urls
	b.urls = urls
	b.mu.Unlock()
	if before != nil && !slices.Equal(before, urls) {
		b.log.Info("Addresses changed", "urls", urls)
	}
}

func (b *box) addresses() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.urls)
}

// Status is what the page shows of the box.
func (b *box) Status() web.BoxStatus {
	return web.BoxStatus{
		Name:          b.name,
		URLs:          b.addresses(),
		Version:       b.version,
		UptimeSeconds: time.Since(b.started).Seconds(),
		State:         string(appliance.Decide(b.facts())),
	}
}

func (b *box) facts() appliance.Facts {
	f := appliance.Facts{
		Stopping:  b.stopping.Load(),
		Failing:   len(b.failing()),
		SticksIn:  b.sticksIn.Load(),
		Working:   b.working(),
		Problems:  len(b.library.Problems()),
		Listening: true, // who asks has reached us
	}
	for _, stick := range b.library.Sticks() {
		f.Sticks++
		f.Titles += stick.Titles
		f.Working = f.Working || stick.State == library.StickScanning
	}
	return f
}
