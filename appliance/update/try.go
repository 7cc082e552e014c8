package update

import (
	"context"
	"errors"
	"fmt"
	"time"

	"streambox.local/appliance/update/bundle"
	"streambox.local/appliance/update/slots"
)

// How the new system shows that it is well.
const (
	wellWithin = 120 * time.Second
	wellFor    = 10 * time.Second
	wellEvery  = time.Second
	wellLimit  = 5 * time.Second // of one question
)

// Try restarts into what is staged, once, if it is still what was signed.
func (h *Helper) Try(ctx context.Context) error {
	staged := h.Records.Staged()
	if staged == nil {
		h.Log.Info("Nothing is there to be tried")
		return nil
	}
	if h.Records.Trial() != nil {
		h.Log.Info("A try has begun already")
		return nil
	}
	if staged.Attempts >= attempts {
		return errors.Join(errors.New("what is in the other slot is not tried: it was begun often enough"), h.Records.SetStaged(nil))
	}
	staged.Attempts++
	if err := h.Records.SetStaged(staged); err != nil { // before anything that could end this program
		return err
	}
	if err := h.doubt(ctx, *staged); err != nil {
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the machine stops: the next start tries it
		}
		if errors.Is(err, errCard) {
			h.Tell(status(CodeCard, "", version(staged.Version)))
		}
		return errors.Join(fmt.Errorf("what is in the other slot is not tried: %w", err), h.Records.SetStaged(nil))
	}
	trial := Trial{Staged: *staged, SetAside: h.SetAside()}
	if err := h.Records.SetTrial(&trial); err != nil {
		return err
	}
	if err := h.Records.SetStaged(nil); err != nil {
		return err
	}
	h.Log.Info("The update is tried: the machine restarts into the other slot", "version", staged.Version, "build", staged.Build, "slot", staged.Slot.String(), "attempt", trial.Attempts)
	h.Tell(status(CodeTrying, "", version(staged.Version)))
	if err := h.Slots.TryOnce(ctx); err != nil {
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the machine stops, most likely for this restart: the next start settles it
		}
		h.Tell(status(CodeNoTry, "", version(staged.Version)))
		staged.Attempts--
		return errors.Join(err, h.Records.SetStaged(staged), h.Records.SetTrial(nil))
	}
	return nil
}

// doubt checks a record again, by what was signed and by what the card holds.
func (h *Helper) doubt(ctx context.Context, staged Staged) error {
	box, state, err := h.box()
	if err != nil {
		return err
	}
	b, err := bundle.Believe(staged.Front, h.Keys)
	if err != nil {
		return err
	}
	if err = b.Manifest.Refuse(box); err != nil {
		return err
	}
	if staged.Slot != state.Running.Other() || b.ID != staged.Bundle || h.Records.Refused(b.ID) != "" {
		return errors.New("the record is not of this slot, or of a bundle that was not well")
	}
	boot, err := h.Slots.Open(slots.Boot)
	if err != nil {
		return err
	}
	defer boot.Close()
	root, err := h.Slots.Open(slots.Root)
	if err != nil {
		return err
	}
	defer root.Close()
	in := h.installer(staged.Slot)
	in.rest = func(context.Context, time.Duration) error { return nil } // somebody waits for the start
	return in.readBack(ctx, b.Manifest, boot, root, nil)
}

// Start is called once at each start of the machine that has a record: it decides a try
// that has begun, and begins one for what is staged.
func (h *Helper) Start(ctx context.Context) error {
	trial, err := h.begun()
	if err != nil {
		return err
	}
	if trial != nil {
		state, err := h.Slots.State()
		if err != nil {
			return fmt.Errorf("looking at the slots: %w", err)
		}
		switch Settle(*trial, state) {
		case OnTrial:
			return h.prove(ctx, *trial)
		case Kept:
			return h.kept(*trial)
		case CameBack:
			return h.cameBack(*trial, state)
		case Again:
			h.Log.Warn("The try of an update ended without a word; it gets another", "version", trial.Version)
			if err := errors.Join(h.Records.SetStaged(&trial.Staged), h.Records.SetTrial(nil)); err != nil {
				return err
			}
		}
	}
	return h.Try(ctx)
}

// begun is the try that this start follows; nil: none. A restart whose answer was lost has been taken for none: then the
// record still says that the system waits that runs already, on trial.
func (h *Helper) begun() (*Trial, error) {
	if trial := h.Records.Trial(); trial != nil {
		return trial, nil
	}
	staged := h.Records.Staged()
	if staged == nil {
		return nil, nil //nolint:nilnil // there is no try, which is no failure
	}
	state, err := h.Slots.State()
	if err != nil {
		return nil, fmt.Errorf("looking at the slots: %w", err)
	}
	if state.Running != staged.Slot || !state.OnTrial() {
		return nil, nil //nolint:nilnil // it waits
	}
	trial := &Trial{Staged: *staged, SetAside: h.SetAside()}
	return trial, errors.Join(h.Records.SetTrial(trial), h.Records.SetStaged(nil))
}

// prove waits until the new system has shown that it is well, or not in time.
func (h *Helper) prove(ctx context.Context, trial Trial) error {
	h.Log.Info("This system is on trial", "version", trial.Version, "build", trial.Build)
	err := h.awaitWell(ctx, trial)
	if ctx.Err() != nil {
		return nil //nolint:nilerr // switched off meanwhile: nobody knows whether it is well
	}
	if err == nil {
		err = h.Slots.Commit()
	}
	if err == nil {
		return h.kept(trial)
	}
	h.Log.Error("This system is not well; the old one is started again", "error", err)
	trial.Verdict = err.Error()
	if recordErr := h.Records.SetTrial(&trial); recordErr != nil {
		h.Log.Error("Why could not be kept", "error", recordErr)
	}
	if err := h.Restart(ctx); err != nil {
		return fmt.Errorf("going back to the old system: %w", err)
	}
	return nil
}

// awaitWell is nil when the box was well for a while.
func (h *Helper) awaitWell(ctx context.Context, trial Trial) error {
	ctx, cancel := context.WithTimeoutCause(ctx, wellWithin, errors.New("not in time"))
	defer cancel()
	tick := time.NewTicker(wellEvery)
	defer tick.Stop()
	var since time.Time
	for {
		err := h.well(ctx, trial)
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("within %v: %w", wellWithin, errors.Join(err, context.Cause(ctx)))
		case errors.Is(err, errSetAside):
			return err
		case err != nil:
			since = time.Time{}
			h.Log.Debug("Not well yet", "error", err)
		case since.IsZero():
			since = time.Now()
		case time.Since(since) >= wellFor:
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("within %v: %w", wellWithin, errors.Join(err, context.Cause(ctx)))
		case <-tick.C:
		}
	}
}

// errSetAside is a new system that could not read the old one's state. The old one can.
var errSetAside = errors.New("the box's memory was set aside as damaged")

func (h *Helper) well(ctx context.Context, trial Trial) error {
	if h.SetAside() != trial.SetAside {
		return errSetAside
	}
	ctx, cancel := context.WithTimeout(ctx, wellLimit)
	defer cancel()
	return h.Healthy(ctx)
}

func (h *Helper) kept(trial Trial) error {
	h.Log.Info("The update is kept", "version", trial.Version, "build", trial.Build, "slot", trial.Slot.String())
	h.Tell(status(CodeDone, "", version(trial.Version)))
	return h.Records.SetTrial(nil)
}

// cameBack is the old system, after a try.
func (h *Helper) cameBack(trial Trial, state slots.State) error {
	why := trial.Verdict
	if why == "" {
		why = "it did not start, or did not say that it had"
	}
	h.Log.Error("The update was not well; this is the system from before, and it is not tried again", "version", trial.Version, "build", trial.Build, "why", why)
	h.Tell(status(CodeFailed, "", version(trial.Version)))
	if state.OnTrial() { // what was chosen could not be started, and this one was
		if err := h.Slots.Commit(); err != nil {
			return err
		}
	}
	return errors.Join(h.Records.Refuse(trial.Staged, why), h.Records.SetStaged(nil), h.Records.SetTrial(nil))
}
