package main

import (
	"cmp"
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"streambox.local/appliance"
	"streambox.local/appliance/library"
	"streambox.local/appliance/report"
	"streambox.local/web"
)

// How often the box looks at itself. What it looks at says when it changes, but
// for the end of work and of a viewer's grace; those are soon enough so.
const (
	addressesEvery = 5 * time.Second
	stateEvery     = 500 * time.Millisecond
	stateAtMost    = 50 * time.Millisecond // a scan changes the library a thousand times a second
)

// box answers for the whole appliance: web asks it what it shows of the box, the
// panel what the LED shows, the service manager what it is told.
type box struct {
	name      func() string
	version   string
	started   time.Time
	listening netip.AddrPort
	notes     func() []library.Reason // more of what is no problem; nil: none
	note      string                  // why it does not listen where one may expect it; "" it does
	lan       func() ([]netip.Addr, error)
	library   *library.Library
	working   func() bool
	failing   func() []string
	viewers   func() int
	leaving   func() bool           // the machine is about to be switched off
	hostName  func() string         // the mDNS name, without .local, while it is ours; nil: none
	parts     []func() report.Check // what only the running box knows of its hardware
	attend    func()                // sets and takes back problems that only looking tells of; nil: there are none
	log       *slog.Logger

	sticksIn atomic.Bool // sticks have been looked for
	stopping atomic.Bool
	nudged   chan struct{} // look now; made by newBox

	mu        sync.Mutex
	urls      []string
	state     appliance.State
	words     string
	listeners []chan struct{}
}

// Run follows what the box does, and the addresses of this machine: a box that
// was switched on before the router must find its way.
func (b *box) Run(ctx context.Context) error {
	changes, cancel := b.library.Subscribe()
	defer cancel()
	addresses, state := time.NewTicker(addressesEvery), time.NewTicker(stateEvery)
	defer addresses.Stop()
	defer state.Stop()
	b.lookForAddresses()
	for {
		b.look()
		select {
		case <-ctx.Done():
			return nil
		case <-changes:
			if !rest(ctx, stateAtMost) {
				return nil
			}
		case <-b.nudged:
		case <-state.C:
		case <-addresses.C:
			b.lookForAddresses()
		}
	}
}

// rest waits; false: ctx ended before.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// nudge lets Run look soon. It never blocks.
func (b *box) nudge() {
	select {
	case b.nudged <- struct{}{}:
	default:
	}
}

// changed returns a channel that gets a value (coalesced, never closed) after
// state or words have changed. Called before Run.
func (b *box) changed() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := make(chan struct{}, 1)
	b.listeners = append(b.listeners, c)
	return c
}

// look decides the state anew and tells those who follow it.
func (b *box) look() {
	if b.attend != nil {
		b.attend()
	}
	facts := b.facts()
	state, words := appliance.Decide(facts), appliance.Words(facts)
	b.mu.Lock()
	defer b.mu.Unlock()
	if state != b.state {
		b.log.Debug("State", "state", state, "before", b.state)
	}
	if state == b.state && words == b.words {
		return
	}
	b.state, b.words = state, words
	for _, c := range b.listeners {
		select {
		case c <- struct{}{}:
		default: // it has not looked since the last time
		}
	}
}

// State is the box's state as of the last look, half a second ago at most.
func (b *box) State() appliance.State {
	b.mu.Lock()
	defer b.mu.Unlock()
	return cmp.Or(b.state, appliance.Starting)
}

// Words is the state in a line.
func (b *box) Words() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return cmp.Or(b.words, appliance.Words(appliance.Facts{}))
}

func (b *box) lookForAddresses() {
	lan, err := b.lan()
	if err != nil {
		b.log.Warn("Reading the network addresses failed", "error", err)
		return
	}
	urls := appliance.URLs(b.listening, lan)
	if b.hostName != nil && len(lan) > 0 {
		urls = named(urls, b.hostName(), b.listening.Port())
	}
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
	status := web.BoxStatus{
		Name:            b.name(),
		URLs:            b.addresses(),
		Version:         b.version,
		UptimeSeconds:   time.Since(b.started).Seconds(),
		State:           string(b.State()),
		Hardware:        map[string]string{},
		HardwareDetails: map[string]web.HardwareDetail{},
	}
	for _, ask := range b.parts {
		part := ask()
		status.Hardware[part.Name] = string(part.State)
		status.HardwareDetails[part.Name] = web.HardwareDetail{Text: part.Detail, Mend: part.Mend}
	}
	if b.note != "" {
		status.Notes = []library.Reason{{Code: "other_port", Text: noteSentence(b.note), Parameters: map[string]any{"port": int(b.listening.Port())}}}
	}
	if b.notes != nil {
		status.Notes = append(status.Notes, b.notes()...)
	}
	return status
}

func (b *box) facts() appliance.Facts {
	f := appliance.Facts{
		Stopping:  b.stopping.Load() || b.leaving(),
		Failing:   b.failing(),
		SticksIn:  b.sticksIn.Load(),
		Listening: true, // the port was ours before there was a box
		Working:   b.working(),
		Playable:  b.library.Playable(),
		Viewers:   b.viewers(),
		URL:       b.bestURL(),
		Note:      b.note,
	}
	for _, p := range b.library.Problems() {
		f.Problems = append(f.Problems, p.Text)
	}
	for _, stick := range b.library.Sticks() {
		if stick.State == library.StickIgnored {
			continue // not for us: that there is nothing to play on it is as it should be
		}
		f.Sticks++
		f.Reading = f.Reading || stick.State == library.StickScanning
	}
	return f
}

// bestURL is the name where it is ours and there is a network, else the best address.
func (b *box) bestURL() string {
	if urls := b.addresses(); len(urls) > 0 {
		return urls[0]
	}
	return ""
}

// linkAddress is the IPv4 address at which a phone finds this machine that
// reached it at local; of several for one that came through a proxy (no local) the best.
func (b *box) linkAddress(local netip.Addr, links interface {
	IPv4At(local netip.Addr) netip.Addr
},
) netip.Addr {
	if local.IsValid() {
		return links.IPv4At(local)
	}
	lan, err := b.lan()
	if at := slices.IndexFunc(lan, netip.Addr.Is4); err == nil && at >= 0 {
		return lan[at]
	}
	return netip.Addr{}
}

// sticksLookedFor notes that it is known what is plugged.
func (b *box) sticksLookedFor() {
	if !b.sticksIn.Swap(true) {
		b.nudge()
	}
}

// stop makes the box say that it stops.
func (b *box) stop() {
	b.stopping.Store(true)
	b.nudge()
}
