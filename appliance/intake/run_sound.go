package intake

import (
	"context"
	"fmt"
	"slices"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/packager"
	"streambox.local/transcode/packager/sound"
)

// soundName is that of converted sound; the library adds the generation.
const soundName = "sound"

// joinedSound is what a job makes of a film whose picture plays as it is: its
// sound alone, on the box's disk. The film is served from its stick meanwhile,
// as far as the sound has come, and joined with it afterwards.
type joinedSound struct {
	r       *run
	choice  packager.Choice
	variant string // of what is made of it
	title   *packager.Title
	out     *sound.Writer
	served  *packedFilm
	shown   bool // it is attached and in the record
}

// begin implements product: it reads the film's index first, which may say that
// the film cannot be packaged.
func (s *joinedSound) begin(ctx context.Context) error {
	r := s.r
	title, err := r.in.openTitle(ctx, r.f.id, r.source, s.choice)
	if err != nil {
		return err
	}
	name, dir, err := r.in.cfg.Library.NewRendition(r.f.id, soundName)
	if err != nil {
		return err
	}
	r.rendition = name
	if s.out, err = sound.Create(dir); err != nil {
		return err
	}
	s.title = title.Join(s.out.Sound())
	s.served = newPackedFilm(r.in, r.f.id, title.Choice(), name, s.variant)
	s.served.opened(s.title)
	return nil
}

// work implements product.
func (s *joinedSound) work(ctx context.Context) error {
	r := s.r
	gaveUp, err := r.in.cfg.Tools.Sound(ctx, transcode.SoundJob{
		Input: r.source, Media: r.media, Out: s.out, Background: !r.wanted,
		StartSeconds: float64(s.title.StartTicks()) / ticksPerSecond, DurationSeconds: s.length(),
		OnProgress: func(p transcode.Progress) { r.progress.Store(&p) },
	})
	if err != nil {
		return err
	}
	if early := s.title.EndsEarly() || transcode.IsShort(r.media.DurationSeconds, s.length()); early {
		r.warned(transcode.EndsEarly(s.length()))
	}
	if why, early := transcode.SoundEndsEarly(s.out.Sound(), s.length()); gaveUp && early {
		r.warned(why)
	}
	return nil
}

// ticksPerSecond is the packager's clock.
const ticksPerSecond = 90_000

func (s *joinedSound) length() float64 { return s.title.StartSeconds(s.title.Segments()) }

// made implements product.
func (s *joinedSound) made() (bytes int64, seconds float64) {
	if s.out == nil {
		return 0, 0
	}
	return s.out.Bytes(), s.title.StartSeconds(s.title.Ready())
}

// attach serves the film as far as it can be played. Holds mu.
func (s *joinedSound) attach() {
	if !s.shown && s.title.Ready() > 0 {
		s.shown = true
		s.r.in.unserve(s.r.f)
		s.r.f.packed = s.served
		s.r.in.cfg.Library.Attach(s.r.f.id, s.served.name, s.served)
	}
}

// show implements product.
func (s *joinedSound) show(rec *library.Record) {
	if s.shown {
		rec.Renditions = append([]library.Rendition{s.rendition(false)}, slices.DeleteFunc(rec.Renditions, isFromStick)...)
	}
}

// rendition is the entry of what is served from the stick.
func (s *joinedSound) rendition(complete bool) library.Rendition {
	return library.Rendition{
		Name: s.served.name, Complete: complete, DurationSeconds: s.length(),
		TotalBytes: s.r.size, // nearly: the picture, and other sound; it is the stick's
	}
}

// finish implements product: the sound is on the disk before the record says so,
// and then both are shown at once.
func (s *joinedSound) finish() error {
	r := s.r
	bytes, err := s.out.Finish()
	if err != nil {
		return fmt.Errorf("finish job: %w", err)
	}
	err = r.in.cfg.Library.Finished(r.f.id, library.Rendition{Name: r.rendition, Complete: true, Sound: true, SoundOf: madeOf(s.title), TotalBytes: bytes, DurationSeconds: s.length()})
	if err != nil {
		return fmt.Errorf("finish job: %w", err)
	}
	r.in.mu.Lock()
	defer r.in.mu.Unlock()
	current := r.in.current(r.f, r.turn)
	if current {
		s.attach()
	}
	r.in.amend(r.f, func(rec *library.Record) {
		rec.How, rec.Packaged, rec.QueueNumber = library.Audio, s.served.name, 0
		if current {
			s.show(rec)
			rec.Renditions[0] = s.rendition(true)
		}
	})
	return nil
}

// discard implements product. The film stops being served before its sound goes.
func (s *joinedSound) discard() error {
	if s.out == nil {
		return nil
	}
	in := s.r.in
	in.mu.Lock()
	if s.r.f.packed == s.served {
		in.unserve(s.r.f)
		in.update(s.r.f.id, func(rec *library.Record) { rec.Renditions = slices.DeleteFunc(rec.Renditions, isFromStick) })
	}
	in.mu.Unlock()
	in.cfg.Segments.Forget(s.served.key())
	return s.out.Discard()
}
