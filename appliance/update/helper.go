package update

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"streambox.local/appliance/update/bundle"
	"streambox.local/appliance/update/slots"
)

// Slots are the two halves of the card; *slots.Card has them.
type Slots interface {
	State() (slots.State, error)
	Open(part slots.Part) (slots.Volume, error) // of the slot that does not run
	TryOnce(ctx context.Context) error          // restarts into the other slot, once
	Commit() error                              // the running slot is started from now on
}

// Helper is root's side. It starts nothing; each call does one thing and returns.
type Helper struct {
	Slots    Slots
	Keys     bundle.Keys
	Build    int64    // of the running image
	Boards   []string // what this board is called
	Records  *Records
	Sticks   func() ([]Candidate, error)                           // the bundles on all plugged sticks; who calls closes them
	Tell     func(Status)                                          // to the program
	Restart  func(ctx context.Context) error                       // without being asked for a try
	Healthy  func(ctx context.Context) error                       // is the box well, now?
	SetAside func() uint64                                         // another number when the state file was set aside
	Rest     func(ctx context.Context, worked time.Duration) error // between two blocks; optional
	Log      *slog.Logger
}

// Update looks at the sticks, and brings the best bundle into the other slot.
func (h *Helper) Update(ctx context.Context) error {
	box, state, err := h.box()
	if errors.Is(err, slots.ErrOnTrial) {
		h.Log.Info("Sticks are not looked at: this system is on trial")
		return nil
	}
	if err != nil {
		code := CodeCard
		if errors.Is(err, slots.ErrAutoboot) {
			code = CodeAutoboot
		}
		h.Tell(status(code, "", nil))
		return err
	}
	if h.Records.Trial() != nil {
		h.Log.Info("Sticks are not looked at: the machine restarts to try an update")
		return nil
	}
	found, err := h.Sticks()
	if err != nil {
		return fmt.Errorf("looking for bundles on the sticks: %w", err)
	}
	defer func() { closeAll(found) }()
	for {
		failed, err := h.bringBest(ctx, found, box, state)
		if err == nil || failed < 0 || len(found) == 1 || errors.Is(err, errCard) || ctx.Err() != nil {
			return err
		}
		h.Log.Warn("The bundle could not be used; the next one is looked at", "error", err)
		_ = found[failed].File.Close() // was only read
		found = slices.Delete(found, failed, failed+1)
	}
}

// bringBest brings the best of the bundles, and says which one failed.
func (h *Helper) bringBest(ctx context.Context, found []Candidate, box bundle.Box, state slots.State) (failed int, err error) {
	best, said := h.choose(found, box)
	staged := h.Records.Staged()
	if staged != nil && (staged.Slot != state.Running.Other() || staged.Build <= h.Build) {
		staged = nil // a leftover: it was flashed, or written by hand
	}
	switch {
	case best == nil && said != nil:
		if staged != nil {
			said.Waiting = staged.Version
		}
		h.Tell(*said)
	case staged != nil && (best == nil || best.bundle.Manifest.Build <= staged.Build):
		h.Tell(status(CodeWaiting, "", version(staged.Version)))
	case best != nil:
		return slices.IndexFunc(found, func(c Candidate) bool { return c.File == best.File }), h.stage(ctx, best, state.Running.Other())
	}
	return -1, nil
}

// box is what bundles are held against.
func (h *Helper) box() (bundle.Box, slots.State, error) {
	box := bundle.Box{Build: h.Build, Boards: h.Boards}
	state, err := h.Slots.State()
	if err != nil {
		return box, state, fmt.Errorf("looking at the slots: %w", err)
	}
	for part, size := range map[slots.Part]*int64{slots.Boot: &box.BootBytes, slots.Root: &box.RootBytes} {
		volume, err := h.Slots.Open(part)
		if err != nil {
			return box, state, fmt.Errorf("looking at the slots: %w", err)
		}
		*size, err = volume.SizeBytes()
		if err = errors.Join(err, volume.Close()); err != nil {
			return box, state, fmt.Errorf("looking at the slots: %w", err)
		}
	}
	return box, state, nil
}

// stage writes a bundle into the other slot and says how it goes.
func (h *Helper) stage(ctx context.Context, best *offer, slot slots.Slot) error {
	m := best.bundle.Manifest
	in := h.installer(slot)
	report := func(code string) func(done, all int64) {
		last := int64(-1)
		return func(done, all int64) {
			if percent := min(100, done*100/all); percent/5 != last {
				last = percent / 5
				h.Tell(status(code, best.Stick, map[string]any{"version": m.Version, "percent": percent}))
			}
		}
	}
	h.Log.Info("An update is being checked", "version", m.Version, "build", m.Build, "stick", best.Stick)
	in.progress = report(CodeChecking)
	if err := in.check(ctx, best.bundle); err != nil {
		code := CodeInterrupted
		if errors.Is(err, errChanged) {
			code = bundle.CodeTampered
		}
		return h.gaveUp(ctx, err, code, best)
	}
	if err := h.Records.SetStaged(nil); err != nil { // from here on the other slot is not what it was
		return h.gaveUp(ctx, err, CodeCard, best)
	}
	in.progress = report(CodeWriting)
	if err := in.install(ctx, best.bundle); err != nil {
		code := CodeInterrupted
		switch {
		case errors.Is(err, errCard):
			code = CodeCard
		case errors.Is(err, errChanged):
			code = CodeChanged
		}
		return h.gaveUp(ctx, err, code, best)
	}
	staged := Staged{Bundle: best.bundle.ID, Build: m.Build, Version: m.Version, Slot: slot, Front: best.bundle.Front}
	if err := h.Records.SetStaged(&staged); err != nil {
		return h.gaveUp(ctx, err, CodeCard, best)
	}
	h.Log.Info("An update is ready in the other slot", "version", m.Version, "build", m.Build, "slot", slot.String())
	h.Tell(status(CodeWaiting, "", version(m.Version)))
	return nil
}

// gaveUp says why an update was not brought onto the card. A stop of the machine is no news.
func (h *Helper) gaveUp(ctx context.Context, err error, code string, best *offer) error {
	if ctx.Err() != nil {
		return nil //nolint:nilerr // the next plug begins anew
	}
	said := status(code, "", version(best.bundle.Manifest.Version))
	if code == bundle.CodeTampered {
		said = refusal(best.bundle.Manifest.Tampered(), best.Stick)
	}
	if code == CodeChanged {
		said.Stick = best.Stick
	}
	h.Tell(said)
	return fmt.Errorf("bringing the update onto the card: %w", err)
}

func (h *Helper) installer(slot slots.Slot) *installer {
	rest := h.Rest
	if rest == nil {
		rest = func(context.Context, time.Duration) error { return nil }
	}
	return &installer{slots: h.Slots, slot: slot, rest: rest, now: time.Now, progress: func(int64, int64) {}}
}

func version(of string) map[string]any { return map[string]any{"version": of} }
