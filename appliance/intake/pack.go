package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/packager"
)

// notPackaged marks, among the rungs that failed with a content, one whose
// container this version of the packager does not read: it is copied to the disk.
var notPackaged = "packager" + strconv.Itoa(packager.Version) //nolint:gochecknoglobals // a constant in all but name

// canPack tells whether a film's segments may be made on request: what plays as
// it is, or but for its sound, from one file. Holds mu.
func (in *Intake) canPack(f *film, failed []string) bool {
	return in.cfg.Segments != nil && (f.plan.Rung == transcode.Direct || f.plan.Rung == transcode.AudioOnly) && f.places[0].form == formFile && !slices.Contains(failed, notPackaged)
}

// packedBefore tells whether a film was packaged at an earlier time by the same
// rules: then nothing of the stick need be read before somebody opens it. Holds mu.
func (in *Intake) packedBefore(f *film, rec *library.Record) bool {
	if rec.Packaged == "" || !in.canPack(f, rec.Failed) {
		return false
	}
	sound := soundOf(f.plan, rec)
	if sound == "" && f.plan.Rung == transcode.AudioOnly {
		return false // it has made room, or was never converted
	}
	choice := packedChoice(f.plan, f.media, *in.machine, rec, sound)
	if choice.Modern && rec.Codecs == "" {
		return false
	}
	return packedName(choice, sound, variant(rec)) == rec.Packaged || sound != "" && isOfTrack(soundMadeOf(rec, sound), choice.Sound)
}

// soundOf is the finished sound that a film is joined with; "": none, or not needed.
func soundOf(plan transcode.Plan, rec *library.Record) string {
	if plan.Rung != transcode.AudioOnly {
		return ""
	}
	for _, r := range rec.Renditions {
		if r.Sound && r.Complete && r.Alternate == 0 {
			return r.Name
		}
	}
	return ""
}

// madeOf says what of a film its converted sound is made of: the track, and when
// it begins by the container's clock. The sound outlives the packager's version
// and its names: joined, it goes by a new one.
func madeOf(title *packager.Title) string {
	return fmt.Sprintf("%d@%d", title.Choice().Sound, title.StartTicks())
}

// isOfTrack reads madeOf. Whether the beginning fits too shows when the index is read.
func isOfTrack(madeOf string, track int) bool {
	of, _, told := strings.Cut(madeOf, "@")
	return told && of == strconv.Itoa(track)
}

// soundMadeOf is madeOf of a title's finished sound; "": not known.
func soundMadeOf(rec *library.Record, name string) string {
	for i := range rec.Renditions {
		if r := &rec.Renditions[i]; r.Sound && r.Name == name {
			return r.SoundOf
		}
	}
	return ""
}

// hasSound tells whether a title's record has this finished sound.
func hasSound(rec *library.Record, name string) bool {
	return slices.ContainsFunc(rec.Renditions, func(r library.Rendition) bool { return r.Sound && r.Complete && r.Name == name })
}

// lyingFlags marks, among the rungs that failed with a content, one whose key
// frames must all be read, which was found out when a segment was made.
const lyingFlags = "keyFlags"

// packedChoice is what of a film is packaged: picture and the sound that is
// played by default. Its record tells whether its key-frame flags were believed:
// only the file tells whether they can be.
func packedChoice(plan transcode.Plan, m transcode.Media, machine transcode.Machine, rec *library.Record, sound string) packager.Choice {
	choice := packager.Choice{Sound: packager.NoSound, Converted: plan.Rung == transcode.AudioOnly, Modern: isModern(plan, m)}
	if plan.Reason.Code != transcode.CodeNoSound {
		choice.Sound = transcode.SoundTrack(m, machine)
	}
	strict := choice
	strict.Strict = true
	if slices.Contains(rec.Failed, lyingFlags) || rec.Packaged != "" && rec.Packaged == packedName(strict, sound, variant(rec)) {
		return strict
	}
	return choice
}

// pack tries to make a film of the remux lane playable without copying it: its
// index is read and its segments are then made on request. False: it must be
// copied, and still waits in its lane.
func (in *Intake) pack(ctx context.Context, f *film) bool {
	r, choice, packCtx := in.startPack(ctx, f)
	if r == nil {
		return false
	}
	defer in.recovered(f, r.turn)

	type index struct {
		title *packager.Title
		err   error
		whose fault
	}
	x, err := attend(packCtx, in, r.work, func() (x index) {
		x.err = guarded(func() (err error) { x.title, err = in.openTitle(packCtx, f.id, r.source, choice); return err })
		x.whose = in.judge(packCtx, r.p, f.id, x.err)
		return x
	}, nil)

	in.mu.Lock()
	defer in.mu.Unlock()
	in.endWork(r.work)
	switch {
	case !in.current(f, r.turn) || ctx.Err() != nil: // pulled meanwhile, or begun anew
	case isLeft(err):
		in.workLeft(f, r.turn)
	case (err != nil || x.err != nil) && gaveWay(packCtx):
		f.stage = stageWait
		in.lanes[f.lane][f.id] = f
	case err != nil:
		in.ourFailure(f, "index", reason(CodeExamineFailed, "The box could not examine this film just now; it tries again by itself"), err)
	case x.err == nil:
		in.servePacked(f, x.title.Choice(), "", x.title)
	default:
		in.packFailed(f, r.p, x.err, x.whose)
	}
	in.wakeWorkers()
	return true
}

// startPack takes a film out of its lane, if it may be packaged.
func (in *Intake) startPack(ctx context.Context, f *film) (*reading, packager.Choice, context.Context) {
	rec, _ := in.cfg.Library.Record(f.id)
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.films[f.id] != f || f.stage != stageWait || f.plan.Rung != transcode.Direct || !in.canPack(f, rec.Failed) {
		return nil, packager.Choice{}, nil
	}
	delete(in.lanes[f.lane], f.id)
	f.stage = stageChecking
	r := &reading{p: f.places[0], turn: f.turn, source: in.input(f.places[0], f.id)}
	choice := packedChoice(f.plan, f.media, *in.machine, &rec, "")
	ctx, r.work = startWork(ctx, r.p)
	in.yield.givesWay(r.work, f.id)
	return r, choice, ctx
}

// packFailed decides how a film goes on that cannot be packaged. Holds mu.
func (in *Intake) packFailed(f *film, p *place, err error, whose fault) {
	switch {
	case whose == faultPulled, whose == faultStick, whose == faultChange:
		in.readFailed(f, p, err, whose)
	case errors.Is(err, packager.ErrNotSegmentable):
		in.rungFailed(f, f.asServed().Rung, err)
	case errors.Is(err, packager.ErrUnsupported), errors.Is(err, packager.ErrDamaged):
		in.log.Info("Film is copied instead of packaged", "title", f.id, "error", err)
		in.update(f.id, func(rec *library.Record) { rec.Failed, rec.Packaged = append(rec.Failed, notPackaged), "" })
		rec, _ := in.cfg.Library.Record(f.id)
		f.plan, f.otherwise = in.ways(f, f.media, &rec)
		in.enqueue(f) // by what is known now
	default:
		in.ourFailure(f, "index", reason(CodeExamineFailed, "The box could not examine this film just now; it tries again by itself"), err)
	}
}

// servePacked makes a film playable from its stick. title may be nil: its index
// is then read when somebody opens it. Holds mu.
func (in *Intake) servePacked(f *film, choice packager.Choice, sound string, title *packager.Title, edits ...edit) {
	in.unserve(f)
	f.stage, f.attempts, f.converting = stageDone, 0, false
	if f.otherwise == nil { // else they may be those of its conversion
		f.failures = 0
	}
	rec, known := in.cfg.Library.Record(f.id)
	f.packed = newPackedFilm(in, f.id, choice, sound, variant(&rec))
	rendition := library.Rendition{
		Name: f.packed.name, Complete: true, DurationSeconds: f.media.DurationSeconds,
		TotalBytes: f.places[0].size, // nearly: the same frames in another container; nothing of it is on the disk
	}
	if choice.Modern {
		rendition.Codecs = rec.Codecs
	}
	notForOthers := f.notForOthers()
	why := reasonOf(f.plan.Reason)
	short := false
	untold := f.media.DurationSeconds <= 0 // made live: only the index knows
	if known && title == nil && untold {
		rendition.DurationSeconds = rec.DurationSeconds
	}
	if known && title == nil && rec.Reason != nil && rec.Reason.Code == transcode.CodeEndsEarly {
		short, why, rendition.DurationSeconds = true, rec.Reason, rec.DurationSeconds // found when the index was read
	}
	if warning := warningOf(rec.Reason); known && sound != "" && warning != nil && warning.Code == transcode.CodeSoundEndsEarly {
		why = warning // found when the sound was made
	}
	if title != nil {
		if in.opened(f.id) > 0 { // else it is read again when somebody comes: 200 films need not be in memory
			f.packed.opened(title)
		}
		rendition.DurationSeconds, rendition.Codecs = title.StartSeconds(title.Segments()), title.Codecs()
		if short = title.EndsEarly() || transcode.IsShort(f.media.DurationSeconds, rendition.DurationSeconds); short {
			why = reasonOf(transcode.EndsEarly(rendition.DurationSeconds))
		}
	}
	in.cfg.Library.Attach(f.id, rendition.Name, f.packed)
	in.serveAlternates(f, &rec)
	in.showStage(f, why, append(edits, func(rec *library.Record) {
		if short || untold {
			rec.DurationSeconds = rendition.DurationSeconds
		}
		rec.How, rec.QueueNumber, rec.Packaged = library.How(f.plan.Rung), 0, rendition.Name
		rec.Codecs, rec.NotForOthers = rendition.Codecs, notForOthers
		rec.Renditions = append([]library.Rendition{rendition}, slices.DeleteFunc(rec.Renditions, isFromStick)...)
		in.showAlternates(f, rec)
		if title != nil {
			rec.BeginsSeconds = beginning(title)
		}
	})...)
	in.wantPicture(f)
	in.wantWords(f)
	if in.opened(f.id) > 0 {
		in.wantPreviews(f)
	}
}

// warningOf is the reason of a film that plays if it says what is wrong with it; nil: nothing.
func warningOf(r *library.Reason) *library.Reason {
	if r != nil && (r.Code == transcode.CodeEndsEarly || r.Code == transcode.CodeSoundEndsEarly) {
		return r
	}
	return nil
}

// repack begins a film anew whose segments could not be made as its index had
// promised: what was believed of it is forgotten.
func (in *Intake) repack(id string, source *packedFilm, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	f := in.films[id]
	if f == nil || f.packed != source {
		return
	}
	in.log.Warn("Film begins anew: its index does not hold", "title", id, "error", err)
	in.update(id, func(rec *library.Record) {
		rec.Packaged, rec.QueueNumber = "", max(f.number, 1) // not a title that made room
		switch {
		case errors.Is(err, packager.ErrKeyFlags):
			rec.Failed = append(rec.Failed, lyingFlags)
			strict := source.choice
			strict.Strict = true
			rec.Packaged = packedName(strict, source.sound, variant(rec))
		case errors.Is(err, packager.ErrOther):
			rec.Edition++
			rec.Packaged = packedName(source.choice, source.sound, variant(rec))
		case errors.Is(err, packager.ErrSound): // it is converted again
			rec.Renditions = slices.DeleteFunc(rec.Renditions, func(r library.Rendition) bool { return r.Name == source.sound })
		case errors.Is(err, packager.ErrNotSegmentable):
			rec.Failed = append(rec.Failed, string(f.asServed().Rung)) // the plan may be that of its conversion
		default:
			rec.Failed = append(rec.Failed, notPackaged)
		}
	})
	in.cfg.Library.KeepIndex(id, nil)
	in.restart(f)
	if errors.Is(err, packager.ErrSound) {
		if dropped := in.cfg.Library.Drop(id, source.sound); dropped != nil {
			in.log.Warn("Sound not removed", "title", id, "error", dropped)
		}
	}
}

// openTitle reads a film's index.
func (in *Intake) openTitle(ctx context.Context, id string, source transcode.Input, choice packager.Choice) (*packager.Title, error) {
	files, err := source.Open()
	if err != nil {
		return nil, err
	}
	defer closeAll(files)
	info, err := files[0].Stat()
	if err != nil {
		return nil, fmt.Errorf("read index: %w", err)
	}
	title, err := in.readIndex(ctx, id, files[0], info.Size(), choice)
	if err != nil {
		return nil, fmt.Errorf("read index: %w", err)
	}
	return title, nil
}

// readIndex opens a film, with what was kept of an earlier time: one without an
// index is gone through once, not at every plug.
func (in *Intake) readIndex(ctx context.Context, id string, file io.ReaderAt, sizeBytes int64, choice packager.Choice) (*packager.Title, error) {
	kept := in.cfg.Library.Index(id)
	title, err := packager.OpenSaved(ctx, file, sizeBytes, choice, kept)
	if err != nil {
		return nil, err
	}
	if found := title.Saved(); found != nil && !bytes.Equal(found, kept) {
		in.cfg.Library.KeepIndex(id, found)
	}
	return title, nil
}
