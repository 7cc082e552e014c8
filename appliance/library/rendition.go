package library

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
)

// NewRendition draws a generation and returns the name and the folder to make.
// The title must be known; name is of small letters and digits. The folder does
// not exist, the one it is to be made in does.
func (l *Library) NewRendition(id, name string) (rendition, dir string, err error) {
	if !renditionNamePattern.MatchString(name) {
		return "", "", fmt.Errorf("draw a rendition: %q is no name for one", name)
	}
	for range 10 {
		var generation [4]byte
		if _, err := io.ReadFull(l.cfg.Random, generation[:]); err != nil {
			return "", "", fmt.Errorf("draw a rendition: %w", err)
		}
		rendition = name + "-" + hex.EncodeToString(generation[:])
		dir = filepath.Join(l.cfg.Dir, id, rendition)
		free, err := l.claim(id, rendition)
		if err != nil {
			return "", "", fmt.Errorf("draw a rendition: %w", err)
		}
		if !free {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(dir), dirMode); err != nil {
			return "", "", fmt.Errorf("draw a rendition: %w", err)
		}
		if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
			return rendition, dir, nil
		}
	}
	return "", "", fmt.Errorf("draw a rendition of title %s: every name drawn was taken", id)
}

// Folder is where a rendition of the box's own disk lies; "" for what cannot be
// the name of one.
func (l *Library) Folder(id, rendition string) string {
	if !ValidID(id) || !ValidRendition(rendition) {
		return ""
	}
	return filepath.Join(l.cfg.Dir, id, rendition)
}

// claim notes that a rendition of ours will lie on the disk.
func (l *Library) claim(id, rendition string) (free bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.entries[id]
	switch {
	case e == nil || e.rec.ID == "":
		return false, ErrUnknownTitle
	case e.newer:
		return false, ErrNewerRelease
	case e.onDisk[rendition] || e.attached[rendition] != nil || e.rec.rendition(rendition) >= 0:
		return false, nil
	}
	if e.onDisk == nil {
		e.onDisk = map[string]bool{}
	}
	e.onDisk[rendition] = true
	return true, nil
}

// Attach serves a rendition from elsewhere (a ready-made folder on a stick, the
// packager to come); nil detaches. The rendition must be in the record too; in
// which order does not matter. It is not kept in title.json, which speaks only
// of what lies on the box.
func (l *Library) Attach(id, rendition string, s Source) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.entries[id]
	if e == nil || e.rec.ID == "" || !ValidRendition(rendition) {
		return
	}
	if s == nil {
		delete(e.attached, rendition)
	} else {
		if e.attached == nil {
			e.attached = map[string]Source{}
		}
		e.attached[rendition] = s
	}
	l.show(e, true)
}

// Source finds a rendition: ErrUnknownTitle, ErrRenditionGone, or a Source.
func (l *Library) Source(id, rendition string) (Source, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	e := l.entries[id]
	if e == nil || e.rec.ID == "" {
		return nil, ErrUnknownTitle
	}
	i := e.rec.rendition(rendition)
	if i < 0 {
		return nil, ErrRenditionGone
	}
	if s := e.attached[rendition]; s != nil {
		return s, nil
	}
	if e.rec.Renditions[i].Sound {
		return nil, ErrRenditionGone // it never was one to be played
	}
	if f := e.folders[rendition]; f != nil {
		return f, nil
	}
	return nil, ErrRenditionGone
}

// keepFolders has one Folder per rendition on the disk, so that its digests are read once. The lock is held.
func (l *Library) keepFolders(e *entry) {
	for name := range e.folders {
		if !e.onDisk[name] || e.rec.rendition(name) < 0 {
			delete(e.folders, name)
		}
	}
	for _, one := range e.rec.Renditions {
		if !e.onDisk[one.Name] || one.Sound {
			continue
		}
		f := e.folders[one.Name]
		if f == nil {
			f = NewFolder(filepath.Join(l.cfg.Dir, e.id, one.Name))
			if e.folders == nil {
				e.folders = map[string]*Folder{}
			}
			e.folders[one.Name] = f
		}
		if one.Complete {
			f.Complete()
		}
	}
}

// durationSlack in seconds: containers round, and sound may outlast the picture.
const durationSlack = 1

// Finished turns a complete rendition into the one that is played: title.json
// is synced, the state becomes Ready (Unplugged when the stick has gone
// meanwhile), the length is what can be played, then older renditions go. When writing fails nothing goes.
// Of finished sound (r.Sound) the rest follows from the stick: the title keeps
// its state and what is attached. Sound of a further track (r.Alternate) takes
// the place of that track's only, and is no older rendition of any other.
func (l *Library) Finished(id string, r Rendition) error {
	var older []string
	l.mu.RLock()
	e := l.entries[id]
	known := e != nil && (e.onDisk[r.Name] || e.attached[r.Name] != nil)
	attached := map[string]bool{}
	if e != nil {
		for name := range e.attached {
			attached[name] = true
		}
	}
	l.mu.RUnlock()
	if e == nil {
		return fmt.Errorf("finish a rendition: %w", ErrUnknownTitle)
	}
	if !known {
		return fmt.Errorf("finish rendition %s of title %s: %w", r.Name, id, ErrRenditionGone)
	}
	r.Complete = true
	err := l.Update(id, true, func(rec *Record) {
		var kept []Rendition
		for _, one := range rec.Renditions {
			switch {
			case one.Name == r.Name:
			case r.Sound && attached[one.Name], one.Alternate != r.Alternate, beside(rec, r, one, attached[one.Name]):
				kept = append(kept, one)
			default:
				older = append(older, one.Name)
			}
		}
		kept = append(kept, r)
		rec.Renditions = kept
		if r.Sound {
			return
		}
		rec.Progress, rec.SecondsLeft, rec.QueueNumber = 1, 0, 0
		if r.DurationSeconds > 0 && math.Abs(rec.DurationSeconds-r.DurationSeconds) > durationSlack {
			rec.DurationSeconds = r.DurationSeconds // what can be played, not what a broken-off file promises
		}
		if rec.State != Unplugged {
			rec.State = Ready
		}
		if rec.Reason != nil && rec.Reason.Code == ReasonMadeRoom {
			rec.Reason = nil
		}
	})
	if err != nil {
		return fmt.Errorf("finish rendition %s: %w", r.Name, err)
	}
	l.cfg.Log.Info("Finished a rendition", "title", id, "rendition", r.Name, "bytes", r.Bytes())
	for _, name := range older {
		err = errors.Join(err, l.forget(id, name, "superseded"))
	}
	return err
}

// Drop removes a rendition's files and entry, also one that NewRendition drew
// and that never came into the record. A title that was Ready and has nothing
// left is Checking. ErrRenditionGone when there is none of that name.
func (l *Library) Drop(id, rendition string) error {
	l.mu.RLock()
	e := l.entries[id]
	known := e != nil && (e.onDisk[rendition] || e.rec.rendition(rendition) >= 0)
	l.mu.RUnlock()
	if e == nil {
		return fmt.Errorf("drop a rendition: %w", ErrUnknownTitle)
	}
	if !known {
		return fmt.Errorf("drop a rendition: %w", ErrRenditionGone)
	}
	return l.drop(id, rendition, nil)
}

// drop takes a rendition out of the record, then removes its files: cut off in
// between, the next start finds a folder that no record speaks of, and removes it.
func (l *Library) drop(id, rendition string, also func(*Record)) error {
	err := l.Update(id, false, func(rec *Record) {
		if i := rec.rendition(rendition); i >= 0 {
			rec.Renditions = append(rec.Renditions[:i], rec.Renditions[i+1:]...)
		}
		if rec.onlyAlternates() && rec.State == Ready {
			rec.State = Checking
		}
		if also != nil {
			also(rec)
		}
	})
	return errors.Join(err, l.forget(id, rendition, "unfinished or no longer wanted"))
}

// forget removes the files of a rendition that is in no record any more.
func (l *Library) forget(id, rendition, why string) error {
	l.mu.Lock()
	e := l.entries[id]
	onDisk := e != nil && e.onDisk[rendition]
	if e != nil {
		delete(e.onDisk, rendition)
		delete(e.attached, rendition)
		l.show(e, true)
	}
	l.mu.Unlock()
	if !onDisk {
		return nil
	}
	if err := removeRendition(filepath.Join(l.cfg.Dir, id, rendition)); err != nil {
		l.cfg.Log.Warn("Could not remove a rendition", "title", id, "rendition", rendition, "error", err)
		return err
	}
	l.cfg.Log.Info("Removed a rendition", "title", id, "rendition", rendition, "why", why)
	return nil
}
