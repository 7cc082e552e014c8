package library

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"time"
)

// Update edits a record under the lock, making it when there is none, and
// writes title.json when a kept field changed and the record is worth keeping
// (probed). durable also syncs it to the disk (finished work). edit must not
// call the library and gets a copy that is its own.
//
// A title that loses its last source becomes Unplugged, one that gets its
// first becomes Ready or Checking, unless edit sets another state itself.
// An error of the edit leaves the record as it was; an error of the disk is
// returned, and the next Update tries to write again.
func (l *Library) Update(id string, durable bool, edit func(*Record)) error {
	e, err := l.change(id, true, edit)
	if err != nil {
		return err
	}
	return l.save(e, durable)
}

// change is Update without the file.
func (l *Library) change(id string, create bool, edit func(*Record)) (*entry, error) {
	if !ValidID(id) {
		return nil, fmt.Errorf("%w: %q is not an id", ErrUnknownTitle, id)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.entries[id]
	if e == nil || e.rec.ID == "" {
		if !create {
			return nil, ErrUnknownTitle
		}
		if e == nil {
			e = &entry{id: id}
		}
	}
	salt := e.rec.Salt
	if e.rec.ID == "" {
		var drawn [8]byte
		if _, err := io.ReadFull(l.cfg.Random, drawn[:]); err != nil {
			return nil, fmt.Errorf("change title %s: draw its salt: %w", id, err)
		}
		salt = hex.EncodeToString(drawn[:])
	}
	r := e.rec.clone()
	r.ID, r.Schema, r.Salt = id, Schema, salt
	edit(&r)
	r.ID, r.Schema, r.Salt, r.AddedNumber, r.unknown = id, Schema, salt, e.rec.AddedNumber, e.rec.unknown
	if err := check(&r, &e.rec); err != nil {
		return nil, fmt.Errorf("change title %s: %w", id, err)
	}
	sanitise(&r)
	settleState(&r, &e.rec, e.served)
	if r.AddedNumber == 0 {
		l.added++
		r.AddedNumber = l.added
	}
	l.watched = max(l.watched, r.WatchedNumber)
	l.entries[id] = e
	e.rec = r
	l.show(e, false)
	return e, nil
}

// check refuses what would spoil title.json or the API's answer.
func check(r, before *Record) error {
	seen := make(map[string]bool, len(r.Renditions))
	for _, one := range r.Renditions {
		if !ValidRendition(one.Name) || seen[one.Name] {
			return fmt.Errorf("%q is no name for a rendition, or there twice", one.Name)
		}
		seen[one.Name] = true
	}
	if len(r.Media) > 0 && !json.Valid(r.Media) {
		return fmt.Errorf("the probe's result is not JSON")
	}
	if r.Reason != nil && !reflect.DeepEqual(r.Reason, before.Reason) {
		if _, err := json.Marshal(r.Reason); err != nil {
			return fmt.Errorf("the reason cannot be written as JSON: %w", err)
		}
	}
	return nil
}

// sanitise brings numbers into their range.
func sanitise(r *Record) {
	const day = 24 * 60 * 60
	r.Progress = finite(r.Progress, 1)
	r.SecondsLeft = finite(r.SecondsLeft, 1000*day)
	r.DurationSeconds = finite(r.DurationSeconds, 1000*day)
	r.Width, r.Height = max(r.Width, 0), max(r.Height, 0)
	sanitiseWords(r)
	for i := range r.Renditions {
		one := &r.Renditions[i]
		one.DurationSeconds = finite(one.DurationSeconds, 1000*day)
		one.TotalBytes = min(max(one.TotalBytes, 0), math.MaxInt64/2)
	}
}

// settleState follows the sources: the last one gone is Unplugged, and back again.
func settleState(r, before *Record, served made) {
	switch {
	case len(r.Sources) == 0 && (len(before.Sources) > 0 || r.State == ""):
		r.State = Unplugged
	case len(r.Sources) > 0 && (r.State == Unplugged || r.State == ""):
		r.State = Checking
		if one, ok := playable(r, served); ok && one.Complete {
			r.State = Ready
		} else if r.How == None {
			r.State = Unplayable
		}
	}
	switch r.State {
	case Unplugged, Queued, Blocked, Checking: // what was begun goes on from there
		r.Progress, r.SecondsLeft = r.begun(), 0
	default:
	}
}

// show derives what the API sees and, when it differs, gives it a new revision.
// What only moves a progress bar is held back for showEvery, unless now is set. The lock is held.
func (l *Library) show(e *entry, now bool) {
	t := l.cfg.Now()
	view := viewOf(&e.rec, e.served)
	l.follow(e, t)
	l.keepFolders(e)
	if e.key != nil && reflect.DeepEqual(view, e.view) {
		e.behind = false
		if e.listed == e.shouldBeListed() {
			return
		}
	} else if e.key != nil && e.listed && onlyProgress(view, e.view) && !now && t.Sub(e.shownAt) < showEvery {
		e.behind = true
		l.nudge()
		return
	}
	if e.listed {
		l.each(func(o *order) { o.remove(e.key) })
	}
	e.view, e.behind, e.shownAt = view, false, t
	if len(e.rec.Sources) > 0 {
		e.last = e.rec.Sources[0]
	}
	e.key = keyOf(&e.view, e.last, e.rec.AddedNumber)
	if !e.shouldBeListed() {
		return
	}
	e.listed = true
	l.each(func(o *order) { o.insert(e) })
	l.revision++
	e.revision = l.revision
	l.notify()
}

// follow notes since when a title is unplugged.
func (l *Library) follow(e *entry, t time.Time) {
	if e.rec.State != Unplugged {
		e.unpluggedAt = time.Time{}
	} else if e.unpluggedAt.IsZero() {
		e.unpluggedAt = t
		l.nudge()
	}
}

// shouldBeListed: an unplugged title that has left the page comes back only with its stick.
func (e *entry) shouldBeListed() bool {
	return e.rec.State != Unplugged || e.listed || e.revision == 0
}

func onlyProgress(a, b Title) bool {
	a.Progress, a.SecondsLeft = b.Progress, b.SecondsLeft
	if sameRenditions(a.Renditions, b.Renditions) {
		a.Renditions = b.Renditions
	}
	return reflect.DeepEqual(a, b)
}

func (l *Library) each(do func(*order)) {
	for _, o := range l.orders {
		do(o)
	}
}

// inQueue orders records by QueueNumber, those without one last.
func inQueue(a, b Record) int {
	// 0 minus 1 is the largest number there is.
	return cmp.Or(cmp.Compare(a.QueueNumber-1, b.QueueNumber-1), cmp.Compare(a.AddedNumber, b.AddedNumber), cmp.Compare(a.ID, b.ID))
}
