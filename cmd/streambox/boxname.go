package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
)

// nameMemory keeps the name that a host gave the box; *library.StateDB has it.
type nameMemory interface {
	ChosenName() (string, error)
	SetChosenName(name string) error
}

// boxName is the name that the box wants to have: what its host chose, else what
// the settings say. Whether the network gives it is the mDNS responder's business.
type boxName struct {
	memory   nameMemory
	settings string // the name of the settings

	mu      sync.Mutex
	name    string
	changed chan struct{} // closed when it does
}

// newBoxName reads what was chosen before.
func newBoxName(memory nameMemory, settings string, log *slog.Logger) *boxName {
	n := &boxName{memory: memory, settings: settings, name: settings, changed: make(chan struct{})}
	chosen, err := memory.ChosenName()
	switch {
	case err != nil:
		log.Error("The name that was chosen on the page cannot be read", "error", err)
	case chosen != "" && hostName.MatchString(chosen):
		n.name = chosen
		if chosen != settings {
			log.Info("The box has the name that was chosen on the page", "name", chosen, "settings", settings)
		}
	}
	return n
}

// wanted is the name now.
func (n *boxName) wanted() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.name
}

// rename is the host's wish. It is kept before it is followed.
func (n *boxName) rename(name string) error {
	if !hostName.MatchString(name) {
		return fmt.Errorf("%q is not a host name", name)
	}
	if err := n.memory.SetChosenName(name); err != nil {
		return err
	}
	n.become(name)
	return nil
}

// forget goes back to the settings' name; the memory has been told.
func (n *boxName) forget() { n.become(n.settings) }

func (n *boxName) become(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if name != n.name {
		n.name = name
		close(n.changed)
		n.changed = make(chan struct{})
	}
}

// follow runs something that has the name for as long as it is the name, again
// and again, until ctx ends or it fails.
func (n *boxName) follow(run func(ctx context.Context, name string) error) func(context.Context) error {
	return func(ctx context.Context) error {
		for {
			n.mu.Lock()
			name, changed := n.name, n.changed
			n.mu.Unlock()
			if err := during(ctx, changed, func(ctx context.Context) error { return run(ctx, name) }); err != nil {
				return err
			}
			select {
			case <-ctx.Done():
				return nil
			case <-changed:
			}
		}
	}
}

// during runs something until another thing happens.
func during(ctx context.Context, until <-chan struct{}, run func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	select {
	case err := <-ended:
		return err
	case <-until:
		cancel()
	case <-ctx.Done():
	}
	return <-ended
}
