package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/packager"
	"streambox.local/transcode/packager/sound"
)

// soundNext makes one piece of the sound that waits longest. False: none does.
func (in *Intake) soundNext(ctx context.Context) bool {
	in.soundMu.Lock()
	var s *lazySound
	if len(in.sounds) > 0 {
		s, in.sounds = in.sounds[0], in.sounds[1:]
	}
	in.soundMu.Unlock()
	if s == nil {
		return false
	}
	s.mu.Lock()
	s.queued = false
	piece := s.piece()
	s.making = piece >= 0
	s.mu.Unlock()
	if piece >= 0 {
		in.soundsMaking.Add(1)
		s.run(ctx, piece)
		in.soundsMaking.Add(-1)
	}
	return true
}

// run makes a piece and decides what comes of it.
func (s *lazySound) run(ctx context.Context, piece int) {
	in := s.in
	in.setBusy(s.f.id, 1)
	defer in.setBusy(s.f.id, -1)
	left, err := s.make(ctx, piece)
	if err != nil && ctx.Err() == nil {
		in.log.Warn("Piece of a sound track not made", "title", s.f.id, "track", s.track, "piece", piece, "error", err)
	}
	if err == nil && s.isComplete() {
		err = s.finish()
	}
	s.mu.Lock()
	s.making = false
	switch {
	case left: // whoever was left behind has it in his hands, and discards it
		s.closed, s.out = true, nil
	case s.closed:
		s.discard()
	case err != nil:
		s.again = in.now().Add(soundRetry)
	default:
		s.enqueue()
	}
	s.mu.Unlock()
	if left {
		in.locked(func() {
			if in.isServed(s) {
				in.renewAlternates(s.f)
			}
		})
	} else if isNoSound(err) {
		in.alternateFailed(s.served, fmt.Errorf("%w: %w", packager.ErrDamaged, err))
	}
}

// isServed tells whether an alternate still is one of its film's. Holds mu.
func (in *Intake) isServed(s *lazySound) bool {
	return in.films[s.f.id] == s.f && slices.ContainsFunc(s.f.alternates, func(one *alternate) bool { return one.lazy == s })
}

// errNoSound is a track of which nothing can be converted.
var errNoSound = errors.New("not a single frame of sound")

func isNoSound(err error) bool { return errors.Is(err, errNoSound) }

// make converts a piece. left: the stick does not answer, and the work was left behind in it.
func (s *lazySound) make(ctx context.Context, piece int) (left bool, err error) {
	in := s.in
	const pieceSeconds = sound.PieceFrames * sound.FrameTicks / ticksPerSecond
	if missing, full := in.makeRoom(s.f.id, soundBytes(pieceSeconds), true); full != nil {
		return false, fmt.Errorf("%w: %d bytes are missing", full, missing)
	}
	source, workCtx, w := s.start(ctx)
	if w == nil {
		return false, errPulled
	}
	defer in.locked(func() { in.endWork(w) })
	type ending struct {
		whose fault
		err   error
	}
	out := s.writer()
	end, err := attend(workCtx, in, w, func() (e ending) {
		e.err = guarded(func() error { return s.convert(workCtx, source, piece) })
		e.whose = in.judge(workCtx, w.place, s.f.id, e.err)
		return e
	}, func(ending) { s.remove(out) })
	if err != nil {
		return isLeft(err) || ctx.Err() != nil, err
	}
	if frames, _ := out.Sound().MadeFrames(); end.err != nil && (end.whose == faultFilm || errors.Is(end.err, transcode.ErrNotSegmentable) && end.whose == faultOurs) {
		if frames == 0 {
			return false, fmt.Errorf("%w: %w", errNoSound, end.err)
		}
		in.log.Warn("Sound track is silent where it cannot be read", "title", s.f.id, "track", s.track, "piece", piece, "error", end.err)
		s.mu.Lock()
		defer s.mu.Unlock()
		out.Begin(piece)
		out.End()
		return false, nil
	}
	return false, end.err
}

// start begins to read the film; nil: it is not served any more, or its stick does not answer.
func (s *lazySound) start(ctx context.Context) (source transcode.Input, workCtx context.Context, w *work) {
	in := s.in
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.isServed(s) || !s.f.answers() {
		return source, nil, nil
	}
	place := s.f.places[0]
	workCtx, w = startWork(ctx, place)
	return in.input(place, s.f.id), workCtx, w
}

// convert runs ffmpeg for a piece.
func (s *lazySound) convert(ctx context.Context, source transcode.Input, piece int) error {
	s.mu.Lock()
	out, film := s.out, s.film
	from, samples := out.Stretch(piece)
	out.Begin(piece)
	s.mu.Unlock()
	fromSeconds := float64(from) / sound.RateHz
	_, err := s.in.cfg.Tools.Sound(ctx, transcode.SoundJob{
		Input: source, Media: s.f.media, Track: s.track + 1, Out: out,
		StartSeconds: float64(film.startTicks) / ticksPerSecond, FromSeconds: fromSeconds,
		DurationSeconds: min(float64(samples)/sound.RateHz, film.seconds-fromSeconds),
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		out.Abandon()
		return err
	}
	out.End()
	return nil
}

func (s *lazySound) writer() *sound.Writer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out
}

func (s *lazySound) isComplete() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.out == nil || s.closed {
		return false
	}
	_, more := s.out.Next(0)
	return !more
}

// finish makes it the title's, for good.
func (s *lazySound) finish() error {
	in := s.in
	bytes, err := s.out.Finish() // nobody else has it while it is being made
	if err == nil {
		err = in.cfg.Library.Finished(s.f.id, library.Rendition{
			Name: s.name, Complete: true, Sound: true, Alternate: s.track + 1, SoundOf: s.film.of,
			TotalBytes: bytes, DurationSeconds: s.film.seconds,
		})
	}
	if err != nil {
		in.locked(func() {
			if in.isServed(s) {
				in.renewAlternates(s.f) // closes this one
			}
		})
		return fmt.Errorf("finish sound track %d: %w", s.track, err)
	}
	s.mu.Lock()
	s.done = true
	s.mu.Unlock()
	in.locked(func() {
		if in.isServed(s) {
			in.update(s.f.id, func(rec *library.Record) { in.showAlternates(s.f, rec) })
		}
	})
	return nil
}
