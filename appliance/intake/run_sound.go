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

// soundName is that of converted sound; the library adds the generation.
const soundName = "sound"

// joinedSound is what a job makes of a film whose picture plays as it is: its
// sound alone, on the box's disk. The film is served from its stick meanwhile,
// wherever there is sound by now, and joined with it afterwards. The sound is made
// by pieces, first those that somebody waits for (sound_pieces.go); what is whole of it outlives
// a pulled stick and a restart.
type joinedSound struct {
	r       *run
	choice  packager.Choice
	variant string // of what is made of it
	title   *packager.Title
	out     *sound.Writer
	served  *packedFilm
	shown   bool // it is attached and in the record
	wants   wants
	spoiled bool // what there is cannot be gone on with
}

// begin implements product: it reads the film's index first, which may say that
// the film cannot be packaged.
func (s *joinedSound) begin(ctx context.Context) error {
	r := s.r
	title, err := r.in.openTitle(ctx, r.f.id, r.source, s.choice)
	if err != nil {
		return err
	}
	if err = s.take(title); err != nil {
		return err
	}
	s.title = title.Join(s.out.Sound())
	s.served = newPackedFilm(r.in, r.f.id, title.Choice(), r.rendition, s.variant)
	s.served.opened(s.title)
	s.served.await = s.await
	return nil
}

// take goes on with what there is of the film's sound, or begins anew.
func (s *joinedSound) take(title *packager.Title) error {
	r := s.r
	_, frames := title.SoundFrames(title.Segments())
	rec, _ := r.in.cfg.Library.Record(r.f.id)
	for _, one := range rec.Renditions {
		if !isUnfinishedSound(one) || !r.in.claimSound(one.Name) {
			continue
		}
		if one.SoundOf == madeOf(title) {
			out, err := sound.Resume(r.in.cfg.Library.Folder(r.f.id, one.Name), frames, r.in.soundPiece)
			if err == nil {
				r.in.log.Info("Sound is gone on with", "title", r.f.id, "bytes", out.Bytes())
				r.rendition, s.out = one.Name, out
				return nil
			}
			r.in.log.Warn("Sound cannot be gone on with", "title", r.f.id, "error", err)
		}
		r.in.letSound(one.Name)
		if err := r.in.cfg.Library.Drop(r.f.id, one.Name); err != nil {
			r.in.log.Warn("Sound not removed", "title", r.f.id, "error", err)
		}
	}
	name, dir, err := r.in.cfg.Library.NewRendition(r.f.id, soundName)
	if err != nil {
		return err
	}
	r.rendition = name
	r.in.claimSound(name)
	s.out, err = sound.CreatePieces(dir, frames, r.in.soundPiece)
	return err
}

// isUnfinishedSound tells sound that is still being made, or was when something came between.
func isUnfinishedSound(r library.Rendition) bool { return r.Sound && !r.Complete && r.Alternate == 0 }

// claimSound notes who makes a rendition of sound: work that was left behind in a
// dead stick may still have it in its hands. False: somebody has.
func (in *Intake) claimSound(name string) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.soundsMade[name] {
		return false
	}
	in.soundsMade[name] = true
	return true
}

func (in *Intake) letSound(name string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.soundsMade, name)
}

// ticksPerSecond is the packager's clock.
const ticksPerSecond = 90_000

func (s *joinedSound) length() float64 { return s.title.StartSeconds(s.title.Segments()) }

// made implements product.
func (s *joinedSound) made() (bytes int64, seconds float64) {
	if s.out == nil || s.title == nil {
		return 0, 0
	}
	frames, of := s.out.Sound().MadeFrames()
	return s.out.Bytes(), s.length() * float64(frames) / float64(max(1, of))
}

// attach serves the film as soon as there is some of its sound. Holds mu.
func (s *joinedSound) attach() {
	if frames, _ := s.out.Sound().MadeFrames(); !s.shown && frames > 0 {
		s.shown = true
		s.r.in.unserve(s.r.f)
		s.r.f.packed = s.served
		s.r.in.cfg.Library.Attach(s.r.f.id, s.served.name, s.served)
		rec, _ := s.r.in.cfg.Library.Record(s.r.f.id)
		s.r.in.serveAlternates(s.r.f, &rec)
		s.r.in.amend(s.r.f, func(rec *library.Record) { rec.BeginsSeconds = beginning(s.title) })
		s.r.in.wantWords(s.r.f)
	}
}

// show implements product.
func (s *joinedSound) show(rec *library.Record) {
	if s.shown {
		rec.Renditions = append([]library.Rendition{s.rendition(false)}, slices.DeleteFunc(rec.Renditions, isFromStick)...)
		rec.Codecs, rec.NotForOthers = s.title.Codecs(), s.r.f.notForOthers()
		s.r.in.showAlternates(s.r.f, rec)
	}
}

// rendition is the entry of what is served from the stick.
func (s *joinedSound) rendition(complete bool) library.Rendition {
	return library.Rendition{
		Name: s.served.name, Complete: complete, DurationSeconds: s.length(), Codecs: s.title.Codecs(),
		TotalBytes: s.r.size, // nearly: the picture, and other sound; it is the stick's
	}
}

// finish implements product: the sound is on the disk before the record says so,
// and then both are shown at once.
func (s *joinedSound) finish() error {
	r := s.r
	bytes, err := s.out.Finish()
	if err != nil {
		s.spoiled = true
		return fmt.Errorf("finish job: %w", err)
	}
	err = r.in.cfg.Library.Finished(r.f.id, library.Rendition{Name: r.rendition, Complete: true, Sound: true, SoundOf: madeOf(s.title), TotalBytes: bytes, DurationSeconds: s.length()})
	if err != nil {
		s.spoiled = true
		return fmt.Errorf("finish job: %w", err)
	}
	r.in.letSound(r.rendition)
	r.in.mu.Lock()
	defer r.in.mu.Unlock()
	current := r.in.current(r.f, r.turn)
	if current {
		s.attach()
		s.settle()
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

// settle serves the film as one whose sound is whole: no request waits any more,
// and its index may be let go. Holds mu.
func (s *joinedSound) settle() {
	in, f := s.r.in, s.r.f
	whole := newPackedFilm(in, f.id, s.title.Choice(), s.r.rendition, s.variant)
	whole.opened(s.title)
	in.shelf.drop(s.served)
	in.shelf.use(whole, s.title.MemoryBytes(), in.now())
	f.packed, s.served = whole, whole
	in.cfg.Library.Attach(f.id, whole.name, whole)
}

// discard implements product. The film stops being served before its sound goes;
// what is whole of it stays, unless it is the film that was at fault.
func (s *joinedSound) discard() error {
	in, r := s.r.in, s.r
	if s.out == nil {
		if r.rendition != "" {
			in.letSound(r.rendition)
		}
		return nil
	}
	defer in.letSound(r.rendition)
	in.mu.Lock()
	if s.served != nil && r.f.packed == s.served {
		in.unserve(r.f)
		in.update(r.f.id, func(rec *library.Record) { rec.Renditions = slices.DeleteFunc(rec.Renditions, isFromStick) })
	}
	in.mu.Unlock()
	if s.served != nil {
		in.cfg.Segments.Forget(s.served.key())
	}
	s.out.Abandon()
	frames, _ := s.out.Sound().MadeFrames()
	if _, known := in.cfg.Library.Record(r.f.id); known && !s.spoiled && frames > 0 {
		err := s.out.Suspend()
		if err == nil {
			s.note()
			defer func() { r.rendition = "" }() // it is not to be dropped
			return nil
		}
		in.log.Warn("Unfinished sound not kept", "title", r.f.id, "error", err)
	}
	return s.out.Discard()
}

// note keeps in the record that there is some of the sound.
func (s *joinedSound) note() {
	in, r := s.r.in, s.r
	one := library.Rendition{Name: r.rendition, Sound: true, SoundOf: madeOf(s.title), TotalBytes: s.out.Bytes()}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.amend(r.f, func(rec *library.Record) {
		rec.Renditions = append(slices.DeleteFunc(rec.Renditions, func(o library.Rendition) bool { return o.Name == one.Name }), one)
	})
}

// spoils tells errors after which the sound that there is of a film is of no use:
// they are about the film.
func spoils(err error) bool {
	return errors.Is(err, transcode.ErrNotSegmentable) || errors.Is(err, sound.ErrDamaged) || isIndexError(err) || verdict(err) != nil
}
