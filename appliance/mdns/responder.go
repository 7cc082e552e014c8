package mdns

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	againAfter   = 30 * time.Second // what the network refuses now it may allow later
	packetsAhead = 64
	portEvery    = 5 * time.Second // and with everything else that happens
)

// The answers of Health, as doctor and the API have them.
const (
	Present = "present"
	Absent  = "notOnThisBoard"
	Broken  = "broken"
)

// Responder keeps the name. Make one with New; its answers are for concurrent use.
type Responder struct {
	cfg Config
	log *slog.Logger

	mu     sync.Mutex
	name   string
	state  string
	detail string
}

// New starts nothing.
func New(cfg Config) *Responder {
	cfg = cfg.withDefaults()
	return &Responder{cfg: cfg, log: cfg.Log, state: Absent, detail: "Not started."}
}

// Name is the label that became ours last, "streambox" or "streambox-2"; ""
// until one did.
func (r *Responder) Name() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.name
}

// Health is Present while the name is ours on a link, Absent without any link,
// Broken when the network refuses; detail is a sentence.
func (r *Responder) Health() (state, detail string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state, r.detail
}

func (r *Responder) setHealth(state, detail string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state, r.detail = state, detail
}

// Run keeps the name until ctx ends, then says goodbye and returns nil. What
// the network refuses is logged once and tried again every 30 seconds: a box
// without a name is still a box.
func (r *Responder) Run(ctx context.Context) error {
	m := newMachine(r.cfg.Name, r.remembered(), r.cfg.random)
	defer r.setHealth(Absent, "Not running.")
	said := ""
	for {
		err := r.serve(ctx, m)
		if ctx.Err() != nil || err == nil {
			return nil
		}
		if text := err.Error(); text != said {
			said = text
			r.log.Warn("No name on the network for now", "name", m.name()+".local", "error", err, "again", againAfter)
		}
		r.setHealth(Broken, "The name cannot be told on this network: the log says why.")
		m = newMachine(m.base, m.number, r.cfg.random)
		again := time.NewTimer(againAfter)
		select {
		case <-ctx.Done():
			again.Stop()
			return nil
		case <-again.C:
		}
	}
}

func (r *Responder) remembered() int {
	if r.cfg.Remembered == nil {
		return 1
	}
	name, err := r.cfg.Remembered.LoadName()
	if err != nil {
		r.log.Warn("The box's last name is not known", "error", err)
	}
	return numberOf(r.cfg.Name, name)
}

// serve runs until ctx ends or the network fails.
func (r *Responder) serve(ctx context.Context, m *machine) error {
	network, err := r.cfg.open(ctx)
	if err != nil {
		return fmt.Errorf("opening the network: %w", err)
	}
	group, inner := errgroup.WithContext(ctx)
	packets := make(chan packet, packetsAhead)
	links := make(chan []link)
	for _, f := range network.Families() {
		group.Go(func() error {
			return network.Receive(inner, f, func(p packet) {
				select {
				case packets <- p:
				case <-inner.Done():
				}
			})
		})
	}
	group.Go(func() error {
		return r.cfg.watch(inner, func(now []iface) {
			select {
			case links <- linksOf(now, r.cfg.Serves):
			case <-inner.Done():
			}
		})
	})
	group.Go(func() error {
		defer network.Close() // ends the receivers
		(&session{Responder: r, machine: m, network: network}).run(inner, packets, links)
		return nil
	})
	return group.Wait()
}
