package intake

import (
	"context"
	"errors"
	"fmt"
	"os"

	"streambox.local/transcode"
)

// input is what the tools read of a place. The files are opened when they ask,
// each time anew, through the stick's root; and what was remembered of them is
// checked before the first byte is used.
func (in *Intake) input(p *place, id string) transcode.Input {
	s, names, key := p.stick.Stick, p.paths, p.memoryPath() // copies: the place may change meanwhile
	return transcode.Input{
		Name: id,
		Open: func() ([]*os.File, error) {
			t, err := in.openTree(s)
			if err != nil {
				return nil, err
			}
			defer t.Close()
			files, err := openAll(t, names)
			if err != nil {
				return nil, err
			}
			if p.verified.Load() {
				return files, nil
			}
			if err = checkIdentityAt(files, id, s.Volume, key); err != nil {
				closeAll(files)
				return nil, err
			}
			p.verified.Store(true)
			return files, nil
		},
	}
}

// checkIdentity is errChanged when the files are not the content of id, which is not
// nothing.
func checkIdentity(files []*os.File, id string) error { return checkIdentityAt(files, id, "", "") }

// checkIdentityAt is checkIdentity for files that may be empty (see identifyAt).
func checkIdentityAt(files []*os.File, id, volume, memoryPath string) error {
	parts, err := partsOf(files)
	if err != nil {
		return err
	}
	now, err := identifyAt(parts, volume, memoryPath)
	if err != nil {
		return err
	}
	if now != id {
		return fmt.Errorf("%w: now %s", errChanged, now)
	}
	return nil
}

// health tells after a failure whether the stick was at fault: nil when the
// place can be read and holds what it should, errChanged when it holds
// something else, errUnhealthy when it cannot be read.
func (in *Intake) health(ctx context.Context, p *place, id string) error {
	if ctx.Err() != nil {
		return errUnhealthy
	}
	in.mu.Lock()
	names, key := p.paths, p.memoryPath()
	in.mu.Unlock()
	t, err := in.openTree(p.stick.Stick)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnhealthy, err)
	}
	defer t.Close()
	files, err := openAll(t, names)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnhealthy, err)
	}
	defer closeAll(files)
	err = checkIdentityAt(files, id, p.stick.Volume, key)
	if err == nil || errors.Is(err, errChanged) {
		return err
	}
	return fmt.Errorf("%w: %w", errUnhealthy, err)
}

// startWork notes that something reads from a place, so that a pulled stick
// calls it off. Holds mu.
func startWork(ctx context.Context, p *place) (context.Context, *work) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &work{cancel, p}
	p.works[w] = struct{}{}
	return ctx, w
}

// endWork undoes startWork. Holds mu.
func (in *Intake) endWork(w *work) {
	w.cancel(nil)
	in.yield.over(w)
	delete(w.place.works, w)
}
