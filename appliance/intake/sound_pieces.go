package intake

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"streambox.local/transcode"
	"streambox.local/transcode/packager"
	"streambox.local/transcode/packager/sound"
)

const (
	// saveEvery so many pieces what there is of the sound is brought to the disk: as
	// much is lost when the power goes.
	saveEvery = 8
	// wantedFor is how long somebody who has asked for a piece counts as waiting:
	// players ask again.
	wantedFor = 15 * time.Second
	// soundPatience is how long a request waits for its sound before the player is
	// told to ask again, looking so often.
	soundPatience = 5 * time.Second
	soundLook     = 25 * time.Millisecond
)

// wants are the pieces of a film's sound that requests wait for.
type wants struct {
	mu    sync.Mutex
	asked map[int]time.Time // when last
}

func (w *wants) want(piece int, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asked == nil {
		w.asked = map[int]time.Time{}
	}
	w.asked[piece] = now
}

// next is the piece that was asked for last, of those that are still missing; -1:
// nobody waits. Who asked before, and still waits, asks again.
func (w *wants) next(now time.Time, missing func(piece int) bool) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	best := -1
	for piece, at := range w.asked {
		switch {
		case now.Sub(at) > wantedFor || !missing(piece):
			delete(w.asked, piece)
		case best < 0 || at.After(w.asked[best]) || at.Equal(w.asked[best]) && piece < best:
			best = piece
		}
	}
	return best
}

// work implements product: piece by piece, first what somebody waits for, then
// what follows it, then what was left out.
func (s *joinedSound) work(ctx context.Context) error {
	err := s.pieces(ctx)
	s.spoiled = s.spoiled || spoils(err)
	return err
}

func (s *joinedSound) pieces(ctx context.Context) error {
	gaveUp, after := false, 0
	progress := soundProgress{s: s, began: s.r.in.now()}
	progress.before, _ = s.out.Sound().MadeFrames()
	for done := 1; ; done++ {
		piece := s.wants.next(s.r.in.now(), s.missing)
		if piece < 0 {
			var more bool
			if piece, more = s.out.Next(after); !more {
				break
			}
		}
		short, err := s.piece(ctx, piece, &progress)
		if err != nil {
			return err
		}
		gaveUp, after = gaveUp || short, piece+1
		if done%saveEvery == 0 {
			if err := s.out.Save(); err != nil {
				return err
			}
			s.note()
		}
	}
	if frames, _ := s.out.Sound().Made(); frames == 0 {
		return fmt.Errorf("%w: not a single frame of sound", transcode.ErrNotSegmentable)
	}
	s.warn(gaveUp)
	return nil
}

func (s *joinedSound) missing(piece int) bool {
	n, more := s.out.Next(piece)
	return more && n == piece
}

// piece makes one. gaveUp: its track is damaged there; the rest of the piece is silent.
func (s *joinedSound) piece(ctx context.Context, number int, progress *soundProgress) (gaveUp bool, err error) {
	r := s.r
	from, samples := s.out.Stretch(number)
	fromSeconds := float64(from) / sound.RateHz
	s.out.Begin(number)
	gaveUp, err = r.in.cfg.Tools.Sound(ctx, transcode.SoundJob{
		Input: r.source, Media: r.media, Out: s.out, Background: !r.wanted,
		StartSeconds: float64(s.title.StartTicks()) / ticksPerSecond, FromSeconds: fromSeconds,
		DurationSeconds: min(float64(samples)/sound.RateHz, s.length()-fromSeconds),
		OnProgress:      func(transcode.Progress) { progress.tell() },
	})
	if made, _ := s.out.Sound().Made(); errors.Is(err, transcode.ErrNotSegmentable) && ctx.Err() == nil && made > 0 {
		r.in.log.Warn("Sound is silent where it cannot be read", "title", r.f.id, "fromSeconds", fromSeconds, "error", err)
		gaveUp, err = true, nil
	}
	if err != nil {
		s.out.Abandon()
		return false, err
	}
	s.out.End()
	progress.tell()
	return gaveUp, nil
}

// warn says what is wrong with the film, now that all of it was gone through.
func (s *joinedSound) warn(gaveUp bool) {
	r := s.r
	if early := s.title.EndsEarly() || transcode.IsShort(r.media.DurationSeconds, s.length()); early {
		r.warned(transcode.EndsEarly(s.length()))
	}
	if why, early := transcode.SoundEndsEarly(s.out.Sound(), s.length()); gaveUp && early {
		r.warned(why)
	}
}

// await lets a request wait for the sound of its segment, which is made next.
func (s *joinedSound) await(ctx context.Context, title *packager.Title, name string) {
	n, ok := title.SegmentNumber(name)
	if !ok || title.CanMake(n) {
		return
	}
	from, to := title.SoundFrames(n)
	s.wants.want(s.out.PieceOf(to-1), s.r.in.now())
	s.wants.want(s.out.PieceOf(from), s.r.in.now())
	awaitSound(ctx, title, n)
}

// awaitSound waits for the sound of a segment, with the patience that a phone's request has.
func awaitSound(ctx context.Context, title *packager.Title, n int) {
	limit, look := time.NewTimer(soundPatience), time.NewTicker(soundLook)
	defer limit.Stop()
	defer look.Stop()
	for !title.CanMake(n) {
		select {
		case <-ctx.Done():
			return
		case <-limit.C:
			return
		case <-look.C:
		}
	}
}

// soundProgress is how far all pieces together have come.
type soundProgress struct {
	s      *joinedSound
	began  time.Time
	before int // frames that were there already
}

func (p *soundProgress) tell() {
	made, of := p.s.out.Sound().MadeFrames()
	told := transcode.Progress{Fraction: float64(made) / float64(max(1, of))}
	if seconds := p.s.r.in.now().Sub(p.began).Seconds(); made > p.before && seconds > 0 {
		film := func(frames int) float64 { return float64(frames) * sound.FrameTicks / ticksPerSecond }
		told.Speed = film(made-p.before) / seconds
		if transcode.Foreseeable(film(made-p.before), film(of)) {
			told.SecondsLeft = film(of-made) / told.Speed
		}
	}
	p.s.r.progress.Store(&told)
}
