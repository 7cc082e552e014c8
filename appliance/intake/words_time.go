package intake

import (
	"context"
	"math"

	"streambox.local/appliance/library"
	"streambox.local/transcode/packager"
)

// FirstTicks implements library.Timed.
func (p *packedFilm) FirstTicks() int64 { return packager.FirstTicks }

// wayKnown: it is decided by which way a film is played, and so when it begins. A
// film that is to be packaged may still turn out to need copying or conversion.
// Holds mu.
func (in *Intake) wayKnown(f *film, rec *library.Record) bool {
	switch {
	case f.packed != nil, f.served != nil, f.stage == stageDone, f.stage == stageRefused:
		return true
	case f.unplanned, f.stage == stageProbe, f.stage == stageProbing, f.stage == stageCheck, f.stage == stageChecking, f.stage == stageUnplanned:
		return false
	}
	return !in.canPack(f, rec.Failed)
}

// begins is when a film begins by the clock of its container, as it is played:
// with the index of a packaged one (not exact until that was read), with the
// container's first time where it is converted (its first picture then stands from
// there), else with the first picture. Holds Intake.mu.
func (f *film) begins(rec *library.Record) (seconds float64, exact bool) {
	if f.packed != nil && rec.BeginsSeconds != nil {
		return *rec.BeginsSeconds, true
	}
	if f.packed == nil && rec.How == library.Convert {
		return f.media.StartSeconds, true
	}
	if f.media.Video != nil {
		seconds = f.media.Video.StartSeconds
	}
	return seconds, f.packed == nil
}

// beginsAt is begins of a film whose subtitles are read; what only the index of a
// packaged one knows is read now.
func (in *Intake) beginsAt(ctx context.Context, r *wordsWork) float64 {
	in.mu.Lock()
	rec, _ := in.cfg.Library.Record(r.f.id)
	seconds, exact := r.f.begins(&rec)
	in.mu.Unlock()
	if exact || r.packed == nil {
		return seconds
	}
	title, err := in.openTitle(ctx, r.f.id, r.source, r.packed.choice)
	if err != nil {
		in.log.Debug("Beginning of a film not known exactly", "title", r.f.id, "error", err)
		return seconds
	}
	begins := beginning(title)
	in.mu.Lock()
	defer in.mu.Unlock()
	if r.f.packed == r.packed { // else it has begun anew meanwhile, and beginsElsewhere sees that
		in.amend(r.f, func(rec *library.Record) { rec.BeginsSeconds = begins })
	}
	return *begins
}

// beginning is library.Record.BeginsSeconds of a film that is packaged.
func beginning(title *packager.Title) *float64 {
	seconds := float64(title.StartTicks()) / ticksPerSecond
	return &seconds
}

// beginsElsewhere: a film that was read for one way is played by another one now.
// Holds mu.
func (in *Intake) beginsElsewhere(r *wordsWork) bool {
	rec, _ := in.cfg.Library.Record(r.f.id)
	begins, exact := r.f.begins(&rec)
	return exact && !sameBeginning(begins, r.begins)
}

// sameBeginning compares seconds of one clock that may have been through JSON.
func sameBeginning(a, b float64) bool { return math.Abs(a-b) < 0.5/1000 }
