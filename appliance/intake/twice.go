package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"streambox.local/appliance/library"
	"streambox.local/transcode/packager"
)

// final are the failures that say something of a film, if they are not those of
// one read or of one copy.
func final(err error) error {
	for _, one := range []error{packager.ErrOther, packager.ErrSound, packager.ErrKeyFlags, packager.ErrNotSegmentable, packager.ErrUnsupported, packager.ErrDamaged} {
		if errors.Is(err, one) {
			return one
		}
	}
	return nil
}

// attempt is told which copy of a film is read for a request.
type attempt struct {
	place *place // nil: somebody else read it
	fresh bool   // what the kernel has of the file is not to be believed
}

type attemptKey struct{}

// openFor opens a film for one attempt.
func (p *packedFilm) openFor(ctx context.Context) (*patientFile, error) {
	file, err := p.in.openPatiently(p.id)
	if err != nil {
		return nil, err
	}
	if a, ok := ctx.Value(attemptKey{}).(*attempt); ok {
		a.place = file.place
		if a.fresh {
			uncache(file.file, 0, 0)
		}
	}
	return file, nil
}

// twice reads a film for a request, and once more if that fails on what was read:
// from a file opened anew, of another copy if there is one. Only who has read the
// same failure twice has found something out about the film.
func twice[T any](ctx context.Context, p *packedFilm, do func(context.Context) (T, error)) (T, error) {
	one, two := &attempt{}, &attempt{fresh: true}
	out, first := do(context.WithValue(ctx, attemptKey{}, one))
	if first == nil || ctx.Err() != nil || !p.again(ctx, one, first) {
		return out, notYet(first)
	}
	out, err := do(context.WithValue(ctx, attemptKey{}, two))
	what := final(err)
	switch {
	case err == nil:
		p.in.log.Warn("Film could be read at the second try", "title", p.id, "error", first)
		return out, nil
	case what == nil:
		return out, notYet(err)
	case errors.Is(what, packager.ErrOther):
		p.in.cfg.Segments.Forget(p.key())
	}
	read := one.place != nil && two.place != nil // the second is the first's if no other could be opened
	if errors.Is(final(first), what) && (read || errors.Is(what, packager.ErrSound)) {
		return out, p.failed(err)
	}
	return out, fmt.Errorf("%w: %w", library.ErrNotYet, err)
}

// again tells whether a film is worth a second try after err, and sees to it that
// it is another one.
func (p *packedFilm) again(ctx context.Context, a *attempt, err error) bool {
	switch what := final(err); {
	case what == nil: // readLast knows of it
		return errors.Is(err, errUnhealthy) && len(p.in.copiesOf(p.id)) > 1
	case errors.Is(what, packager.ErrSound):
		return true
	case errors.Is(what, packager.ErrOther):
		p.in.cfg.Segments.Forget(p.key())
	}
	if a.place != nil {
		p.in.doubt(ctx, p.id, a.place, err)
	}
	return true
}

// doubt looks whether a copy is still the film, and lets the others be read first.
func (in *Intake) doubt(ctx context.Context, id string, p *place, err error) {
	health, silent := patiently(in, p, func() error { return in.health(ctx, p, id) }, nil)
	if silent != nil {
		health = silent
	}
	if !errors.Is(health, errChanged) {
		in.readLast(id, p, errors.Join(err, health))
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if f := in.films[id]; f != nil && slices.Contains(f.places, p) {
		in.log.Warn("Film's file is another one than it was", "title", id, "stick", p.stick.ID)
		in.unserve(f)
		in.changed(f, p)
		in.wakeWorkers()
	}
}
