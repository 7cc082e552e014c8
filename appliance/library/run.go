package library

import (
	"context"
	"time"
)

// idle is how long Run sleeps when nothing is due: long, so that an idle box does not wake for nothing.
const idle = time.Hour

// Run lets unplugged titles leave the list after KeepUnplugged, shows progress
// that was held back, and writes down what was watched. Blocks until ctx ends.
func (l *Library) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			l.settle()
			return nil
		case <-timer.C:
		case <-l.wake:
		}
		timer.Reset(l.settle())
	}
}

// settle does what is due and returns the time until something will be.
func (l *Library) settle() time.Duration {
	next := idle
	unsaved := l.settleTitles(&next)
	for _, e := range unsaved {
		if err := l.save(e, false); err != nil {
			l.cfg.Log.Warn("Could not note what was watched", "title", e.id, "error", err)
		}
	}
	return max(next, time.Millisecond)
}

func (l *Library) settleTitles(next *time.Duration) (unsaved []*entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.cfg.Now()
	for _, e := range l.entries {
		if e.unsaved {
			e.unsaved = false
			unsaved = append(unsaved, e)
		}
		if e.behind {
			if due := showEvery - now.Sub(e.shownAt); due > 0 {
				*next = min(*next, due)
			} else {
				l.show(e, true)
			}
		}
		if e.listed && !e.unpluggedAt.IsZero() {
			if due := l.cfg.KeepUnplugged - now.Sub(e.unpluggedAt); due > 0 {
				*next = min(*next, due)
			} else {
				l.unlist(e)
			}
		}
	}
	return unsaved
}

// Hide takes a title off the list at once and keeps what was made of it, until its
// film is found again or MakeRoom needs the place: of a film that was deleted from a
// stick that is still plugged.
func (l *Library) Hide(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.entries[id]; e != nil && e.listed {
		l.unlist(e)
	}
}

// unlist takes a title off the page. What is worth keeping stays known, and
// its files stay until MakeRoom needs the place.
func (l *Library) unlist(e *entry) {
	l.each(func(o *order) { o.remove(e.key) })
	e.listed = false
	l.revision++
	l.removals = append(l.removals, removal{revision: l.revision, key: e.key})
	if over := len(l.removals) - maxRemovals; over > 0 {
		over = max(over, maxRemovals/4) // seldom, and then many: moving the rest costs as much for one
		l.forgotten = l.removals[over-1].revision
		l.removals = append([]removal(nil), l.removals[over:]...)
	}
	if !e.rec.probed() && len(e.onDisk) == 0 {
		delete(l.entries, e.id)
	}
	l.notify()
}

// Watched notes that somebody watches the title now (what is longest unwatched
// makes room first). Cheap: it may be called for every segment.
func (l *Library) Watched(id string) {
	l.mu.RLock()
	e := l.entries[id]
	now := l.cfg.Now()
	fresh := e == nil || e.rec.ID == "" || !e.watchedAt.IsZero() && now.Sub(e.watchedAt) < watchEvery
	l.mu.RUnlock()
	if fresh {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	e.watchedAt = now
	if l.watched == 0 || e.rec.WatchedNumber != l.watched {
		l.watched++
		e.rec.WatchedNumber = l.watched
		e.unsaved = true
		l.nudge()
	}
}
