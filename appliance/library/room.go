package library

import (
	"cmp"
	"fmt"
	"slices"
)

// ReasonMadeRoom is the code of a title whose finished conversion made room for another.
const ReasonMadeRoom = "made_room"

// MakeRoom sees to it that bytes fit beside the reserve for title id: conversions
// that are unplugged go first, then (only when wanted: a phone waits for id) those
// that were begun and that nobody waits for, then the longest unwatched that nobody
// watches. ErrNoRoom when
// that is not enough; nothing is removed then. busy says who must stay (being
// watched, or being made). A plugged title that made room is Blocked with the
// reason "made_room": intake may queue it again.
func (l *Library) MakeRoom(id string, bytes int64, wanted bool, busy func(id string) bool) error {
	l.room.Lock()
	defer l.room.Unlock()
	total, free, err := l.cfg.DiskSpace(l.cfg.Dir)
	if err != nil {
		return fmt.Errorf("make room: %w", err)
	}
	missing := max(bytes, 0) + l.cfg.ReserveBytes(total) - free
	if missing > 0 && l.dropPreviews(id) {
		if total, free, err = l.cfg.DiskSpace(l.cfg.Dir); err != nil {
			return fmt.Errorf("make room: %w", err)
		}
		missing = max(bytes, 0) + l.cfg.ReserveBytes(total) - free
	}
	if missing <= 0 {
		return nil
	}
	var there []finished
	for _, one := range l.finished(id) {
		if busy == nil || !busy(one.id) { // asked without the lock: busy may ask the library
			there = append(there, one)
		}
	}
	leave, enough := chooseLeaving(there, missing, wanted)
	if !enough {
		return fmt.Errorf("make room for %d bytes, %d are missing: %w", bytes, missing, ErrNoRoom)
	}
	for _, one := range leave {
		l.cfg.Log.Info("Removes a conversion to make room", "title", one.id, "bytes", one.bytes, "begun", one.begun, "for", id)
		also := madeRoom
		if one.begun { // it waits for its turn, and begins anew then
			also = nil
		}
		for _, rendition := range one.renditions {
			if err := l.drop(one.id, rendition, also); err != nil {
				return fmt.Errorf("make room: %w", err)
			}
		}
	}
	return nil
}

func madeRoom(rec *Record) {
	if !rec.onlyAlternates() || rec.State == Unplugged {
		return
	}
	rec.State = Blocked
	rec.Reason = &Reason{
		Code: ReasonMadeRoom,
		Text: "The prepared copy of this film made room for another one. It has to be prepared again.",
	}
}

// finished is what a title's complete renditions on the disk are to the choice.
type finished struct {
	id         string
	renditions []string
	bytes      int64
	unplugged  bool
	begun      bool   // nothing of it is finished
	watched    uint64 // WatchedNumber
	added      uint64
}

func (l *Library) finished(except string) []finished {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var list []finished
	for _, e := range l.entries {
		if e.id == except || e.rec.State == Converting {
			continue
		}
		one := finished{
			id: e.id, unplugged: e.rec.State == Unplugged,
			watched: e.rec.WatchedNumber, added: e.rec.AddedNumber,
		}
		for _, r := range e.rec.Renditions {
			if r.stays() && e.onDisk[r.Name] {
				one.begun = r.isBegun() && (one.begun || len(one.renditions) == 0)
				one.renditions = append(one.renditions, r.Name)
				one.bytes += r.Bytes()
			}
		}
		if len(one.renditions) > 0 {
			list = append(list, one)
		}
	}
	return list
}

// chooseLeaving decides which finished conversions go so that missing bytes
// come free: the unplugged ones first, then, only when wanted, the others; in
// both the longest unwatched first. None goes that is not needed. When all that
// may go is not enough, none goes.
func chooseLeaving(list []finished, missing int64, wanted bool) (leave []finished, enough bool) {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b finished) int {
		if a.unplugged != b.unplugged {
			if a.unplugged {
				return -1
			}
			return 1
		}
		if a.begun != b.begun { // half a film is worth less than a whole one
			if a.begun {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.watched, b.watched), cmp.Compare(a.added, b.added), cmp.Compare(a.id, b.id))
	})
	for _, one := range list {
		if missing <= 0 {
			break
		}
		if one.bytes > 0 && (one.unplugged || wanted) {
			leave = append(leave, one)
			missing -= one.bytes
		}
	}
	if missing > 0 {
		return nil, false
	}
	// The last one taken may be so large that earlier ones can stay: the most precious of them first.
	var needed []finished
	for _, one := range slices.Backward(leave) {
		if missing+one.bytes <= 0 {
			missing += one.bytes
		} else {
			needed = append(needed, one)
		}
	}
	slices.Reverse(needed)
	return needed, true
}
