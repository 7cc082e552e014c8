package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"

	"streambox.local/appliance/library"
	"streambox.local/appliance/usb"
	"streambox.local/transcode"
)

// checkedPrefix marks, among remembered identities, a ready-made folder whose
// segments have been read and compared with its hashes.json.
const checkedPrefix = "checked:"

// checkNext checks the next ready-made folder. False: there was none.
func (in *Intake) checkNext(ctx context.Context) bool {
	f, r, checkCtx := in.startCheck(ctx)
	if f == nil {
		return false
	}
	defer in.recovered(f, r.turn)

	type check struct {
		checked
		err   error
		there bool
	}
	c, err := attend(checkCtx, in, r.work, func() (c check) {
		c.checked, c.err = in.checkFolder(checkCtx, r.p.stick.Stick, &r.entry, f.id)
		c.there = c.err == nil || in.stickThere(r.p.stick.Stick)
		return c
	}, nil)

	in.mu.Lock()
	defer in.mu.Unlock()
	in.endWork(r.work)
	switch {
	case !in.current(f, r.turn) || ctx.Err() != nil:
	case isLeft(err):
		in.workLeft(f, r.turn)
	case err != nil:
		in.ourFailure(f, "check", reason(CodeExamineFailed, "The box could not examine this film just now; it tries again by itself"), err)
	case c.err == nil:
		in.serve(f, r.p, c.folder, c.media)
		in.givePicture(f, c.picture)
	case errors.Is(context.Cause(checkCtx), errPulled):
		in.begin(f)
	default:
		in.folderFailed(f, r.p, c.err, c.there)
	}
	return true
}

// startCheck takes the folder that most phones wait for; nil: there was none.
func (in *Intake) startCheck(ctx context.Context) (*film, *reading, context.Context) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if !anyAnswers(in.checks) {
		return nil, nil, nil
	}
	f := in.checks[in.mostWanted(in.checks)]
	in.checks = slices.DeleteFunc(in.checks, func(o *film) bool { return o == f })
	f.stage = stageChecking
	r := &reading{p: f.places[0], turn: f.turn, entry: f.places[0].entry}
	ctx, r.work = startWork(ctx, r.p)
	return f, r, ctx
}

// checked is what a check brings home.
type checked struct {
	folder  *readyFolder
	picture []byte           // nil: none
	media   *transcode.Media // nil: not known
}

// checkFolder reads a ready-made folder: playlist, segments against their
// hashes, picture, and what it is (best effort).
func (in *Intake) checkFolder(ctx context.Context, s usb.Stick, e *entry, id string) (checked, error) {
	t, err := in.openTree(s)
	if err != nil {
		return checked{}, fmt.Errorf("%w: %w", errUnhealthy, err)
	}
	defer t.Close()
	r, err := loadReady(t, e.paths[0])
	if err != nil {
		return checked{}, err
	}
	now, err := r.identify(t)
	if err != nil {
		return checked{}, err
	}
	if now != id {
		return checked{}, fmt.Errorf("%w: now %s", errChanged, now)
	}
	if err = checkReady(ctx, t, r, in.keptOf(s, e, id), func() { in.yield.pass(ctx, id) }); err != nil {
		return checked{}, err
	}
	if err = in.cfg.Memory.RememberFile(s.Volume, checkedPrefix+e.paths[0], e.size, e.modified, id); err != nil {
		in.log.Warn("Check not remembered", "title", id, "error", err)
	}
	r.open = func() (tree, error) { return in.openTree(s) }
	r.missed = func(err error) { in.missed(s.ID, err) }
	picture, err := readyThumbnail(t, e.paths[0])
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		in.log.Info("Picture of the folder is not used", "title", id, "error", err)
	}
	return checked{r, picture, in.probeFolder(ctx, r, id)}, nil
}

// keptOf returns what was kept of an earlier check of the same files; nil: they
// have not been checked.
func (in *Intake) keptOf(s usb.Stick, e *entry, id string) *readyKept {
	known, ok := in.cfg.Memory.KnownFile(s.Volume, checkedPrefix+e.paths[0], e.size, e.modified)
	if !ok || known != id {
		return nil
	}
	kept := &readyKept{}
	if rec, ok := in.cfg.Library.Record(id); ok && len(rec.Media) > 0 {
		if err := json.Unmarshal(rec.Media, kept); err != nil {
			in.log.Warn("Digests kept of a folder not understood", "title", id, "error", err)
		}
	}
	return kept
}

// firstSegment is a ready-made folder's first segment as an input.
func (r *readyFolder) firstSegment(id string) transcode.Input {
	return transcode.Input{Name: id, Open: func() ([]*os.File, error) {
		t, err := r.open()
		if err != nil {
			return nil, err
		}
		defer t.Close()
		return openAll(t, []string{path.Join(r.folder, r.segments[0].file)})
	}}
}

// probeFolder looks at the first segment for size and sound. The film is
// playable without: nil when that fails.
func (in *Intake) probeFolder(ctx context.Context, r *readyFolder, id string) *transcode.Media {
	if in.cfg.Tools == nil {
		return nil
	}
	m, err := in.cfg.Tools.Probe(ctx, r.firstSegment(id))
	if err != nil {
		in.log.Info("Folder's first segment not examined", "title", id, "error", err)
		return nil
	}
	return &m
}

// serve makes a checked folder playable as it lies on the stick. Holds mu.
func (in *Intake) serve(f *film, p *place, r *readyFolder, media *transcode.Media) {
	rendition := r.rendition()
	kept := in.keptJSON(f.id, r)
	f.stage, f.attempts = stageDone, 0
	f.served, f.servedBy = r, p
	in.cfg.Library.Attach(f.id, rendition.Name, r)
	in.showStage(f, nil, func(rec *library.Record) {
		if media != nil {
			describeRecord(rec, *media)
		}
		if kept != nil {
			rec.Media = kept
		}
		rec.DurationSeconds, rec.How, rec.QueueNumber = rendition.DurationSeconds, library.Direct, 0
		rec.Renditions = slices.DeleteFunc(rec.Renditions, isFromStick)
		rec.Renditions = append([]library.Rendition{rendition}, rec.Renditions...)
	})
	if media != nil {
		f.media = *media
		in.wantPicture(f)
	}
}

// keptJSON is what the record keeps of a ready-made folder instead of a probe:
// its own digests, where it has no hashes.json. nil: nothing new.
func (in *Intake) keptJSON(id string, r *readyFolder) json.RawMessage {
	k := r.kept()
	if k == nil {
		return nil
	}
	raw, err := json.Marshal(k)
	if err != nil {
		in.log.Warn("Digests not kept", "title", id, "error", err)
		return nil
	}
	return raw
}

// folderFailed is a ready-made folder that cannot be served. Holds mu.
func (in *Intake) folderFailed(f *film, p *place, err error, there bool) {
	in.log.Warn("Ready-made folder is not used", "title", f.id, "stick", p.stick.ID, "error", err)
	var why *library.Reason
	switch {
	case errors.Is(err, errChanged):
		in.changed(f, p)
		return
	case errors.Is(err, errDamaged):
		why = reason(CodeFolderDamaged, "A piece of this film is damaged: it is not what hashes.json says")
	case errors.Is(err, errUnfinished):
		why = reason(CodeFolderUnfinished, "The conversion that made this folder was not finished")
	case errors.Is(err, errPlaylist):
		why = reason(CodeFolderPlaylist, "The playlist of this folder is not understood")
	case errors.Is(err, fs.ErrNotExist) && there:
		why = reason(CodeFolderIncomplete, "A piece of this film is missing in its folder")
	default:
		in.readFailed(f, p, err, faultStick)
		return
	}
	if len(f.places) > 1 && f.attempts < len(f.places) {
		f.attempts++ // a good copy may be on the other stick
		f.putLast(p)
		in.begin(f)
		return
	}
	f.stage = stageRefused
	in.showStage(f, why, notPlayable)
}

// stickThere asks whether a stick can be opened at all. mu must not be held:
// the answer may take long.
func (in *Intake) stickThere(s usb.Stick) bool {
	t, err := in.openTree(s)
	if err != nil {
		return false
	}
	defer t.Close()
	_, err = t.Lstat(".")
	return err == nil
}

// askedLimit bounds for how many films demand is asked at a time.
const askedLimit = 200

// mostWanted is the index of the film that most phones wait for, the first of
// equals, among those that can be read (one must be). Holds mu.
func (in *Intake) mostWanted(films []*film) int {
	best, most, asked := 0, -1, 0
	for i, f := range films {
		if !f.answers() {
			continue
		}
		if asked++; asked > askedLimit {
			break
		}
		if n := in.opened(f.id); n > most {
			best, most = i, n
		}
	}
	return best
}
