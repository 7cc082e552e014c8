package web

import (
	"sync"
	"time"
)

// How often failures of one kind get a line in the log. With a stick pulled out
// every phone in the room asks again every other second.
const (
	failureEvery = time.Minute
	maxFailures  = 256 // kinds that are told apart
)

// failureLog says which failures are worth a line: the first of its kind, then
// one in failureEvery with the number of those in between. Safe for concurrent use.
type failureLog struct {
	now func() time.Time

	mu    sync.Mutex
	kinds map[string]*failureKind
}

type failureKind struct {
	written time.Time
	unsaid  int // since then
}

// note counts a failure. unsaid, where it is to be written: how many of its
// kind were not since the last line.
func (l *failureLog) note(kind string) (unsaid int, write bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	known := l.kinds[kind]
	if known == nil {
		l.makeRoom(now)
		if len(l.kinds) >= maxFailures {
			kind = "" // the rest is one kind
		}
		if known = l.kinds[kind]; known == nil {
			l.kinds[kind] = &failureKind{written: now}
			return 0, true
		}
	}
	if now.Sub(known.written) < failureEvery {
		known.unsaid++
		return 0, false
	}
	unsaid = known.unsaid
	known.written, known.unsaid = now, 0
	return unsaid, true
}

// makeRoom forgets what has not been written lately when there is much.
func (l *failureLog) makeRoom(now time.Time) {
	if l.kinds == nil {
		l.kinds = make(map[string]*failureKind)
	}
	if len(l.kinds) < maxFailures {
		return
	}
	for kind, known := range l.kinds {
		if now.Sub(known.written) >= failureEvery {
			delete(l.kinds, kind)
		}
	}
}
