package intake

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode/packager"
	"streambox.local/transcode/packager/sound"
)

// lazySound is the sound of a further track that no phone plays: it is converted
// when somebody first asks for a segment of it, and from there on, by pieces of a
// minute. Nobody else pays for it: what lies far ahead of everybody is left alone,
// so a player that looks at all tracks once costs a minute of each. What is not
// whole in the end goes with the film's stick.
type lazySound struct {
	in     *Intake
	f      *film
	track  int
	served *packedFilm
	wants  wants

	mu     sync.Mutex // guards the following; Intake.mu is never taken inside it, nor does a disk take its time
	film   stretch
	out    *sound.Writer // used by one piece at a time
	sound  *sound.Sound  // what out has made; stays when it is whole
	name   string        // of the rendition
	heard  int           // the piece that was asked for last
	making bool
	queued bool
	closed bool      // not served any more
	done   bool      // whole, and the title's
	again  time.Time // not before; zero: at once
}

const (
	// piecesAhead are made after the one that somebody waits for: he hears on.
	piecesAhead = 3
	// soundRetry is how long after a failure that is not the film's it is tried again.
	soundRetry = 3 * time.Second
)

func newLazySound(in *Intake, f *film, track int, served *packedFilm) *lazySound {
	return &lazySound{in: in, f: f, track: track, served: served}
}

// whole is the rendition that its sound has become; "": it is still being made.
func (s *lazySound) whole() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.done {
		return ""
	}
	return s.name
}

// stretch is what of the film its sound is made for. The film's index itself is
// not kept: the shelf must be able to let go of it.
type stretch struct {
	of         string // madeOf
	startTicks int64
	seconds    float64
}

// join joins it to the film's index, which may have been read anew; the first time
// it takes a place for it on the disk. One at a time, by the film's turn.
func (s *lazySound) join(title *packager.Title) (*packager.Title, error) {
	s.mu.Lock()
	gone, made := s.closed && !s.done, s.sound
	s.mu.Unlock()
	switch {
	case gone:
		return nil, library.ErrNotYet
	case made != nil:
		return title.Join(made), nil
	}
	name, out, err := s.create(title)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.film = stretch{of: madeOf(title), startTicks: title.StartTicks(), seconds: title.StartSeconds(title.Segments())}
	s.name, s.sound = name, out.Sound()
	if gone = s.closed; !gone {
		s.out = out
	}
	s.mu.Unlock()
	if gone { // meanwhile
		s.remove(out)
		return nil, library.ErrNotYet
	}
	return title.Join(out.Sound()), nil
}

// create takes a place for it on the disk.
func (s *lazySound) create(title *packager.Title) (name string, out *sound.Writer, err error) {
	_, frames := title.SoundFrames(title.Segments())
	name, dir, err := s.in.cfg.Library.NewRendition(s.f.id, soundName)
	if err != nil {
		return "", nil, fmt.Errorf("begin sound track %d: %w", s.track, err)
	}
	if out, err = sound.CreatePieces(dir, frames, s.in.soundPiece); err != nil {
		return "", nil, errors.Join(fmt.Errorf("begin sound track %d: %w: %w", s.track, library.ErrNotYet, err), s.in.cfg.Library.Drop(s.f.id, name))
	}
	return name, out, nil
}

// await lets a request wait for the sound of its segment, which is made next.
func (s *lazySound) await(ctx context.Context, title *packager.Title, segment string) {
	n, ok := title.SegmentNumber(segment)
	if !ok {
		return
	}
	s.want(title, n)
	awaitSound(ctx, title, n)
}

// want notes what is heard now.
func (s *lazySound) want(title *packager.Title, n int) {
	from, to := title.SoundFrames(n)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.out == nil || s.done || s.closed {
		return
	}
	first, last := s.out.PieceOf(from), s.out.PieceOf(to-1)
	s.heard = last
	if now := s.in.now(); !title.CanMake(n) {
		for piece := last; piece >= first; piece-- {
			s.wants.want(piece, now)
		}
	}
	s.enqueue()
}

// enqueue lets a worker look at it, if there is something to be made. Holds mu.
func (s *lazySound) enqueue() {
	if s.making || s.queued || s.piece() < 0 {
		return
	}
	s.queued = true
	s.in.soundMu.Lock()
	s.in.sounds = append(s.in.sounds, s)
	s.in.soundMu.Unlock()
	s.in.wakeWorkers()
}

// piece is what is to be made next: what somebody waits for, else what he hears
// next; -1: nothing. Holds mu.
func (s *lazySound) piece() int {
	if s.out == nil || s.closed || s.done || s.in.now().Before(s.again) {
		return -1
	}
	if piece := s.wants.next(s.in.now(), s.missing); piece >= 0 {
		return piece
	}
	for ahead := range piecesAhead {
		if next := s.heard + 1 + ahead; s.missing(next) {
			return next
		}
	}
	return -1
}

func (s *lazySound) missing(piece int) bool {
	n, more := s.out.Next(piece)
	return more && n == piece
}

// close ends it, if it is not whole: nobody can ask for it any more. It waits for nobody.
func (s *lazySound) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if !s.making {
		s.discard()
	}
}

// discard removes what there is, unless it is whole. Holds mu.
func (s *lazySound) discard() {
	out := s.out
	if out == nil || s.done {
		return
	}
	s.out = nil
	s.in.scans.Go(func() { s.remove(out) }) // the disk may take its time
}

// remove removes what was begun.
func (s *lazySound) remove(out *sound.Writer) {
	s.in.cfg.Segments.Forget(s.served.key())
	if err := out.Discard(); err != nil {
		s.in.log.Warn("Unfinished sound not removed", "title", s.f.id, "error", err)
	}
	if err := s.in.cfg.Library.Drop(s.f.id, s.name); err != nil {
		s.in.log.Debug("Unfinished sound not dropped", "title", s.f.id, "error", err)
	}
}
