package transcode

import (
	"sync"
	"time"
)

// liveness decides whether a program has stalled. Signs of life are bytes on
// its output and progress it reports. While we are at work on its output
// (hashing, a slow card) it waits for us, and no time passes for it. A program
// that computes without a result (the first pictures of an 8K film on a Pi) is
// given longer than one that does nothing at all.
type liveness struct {
	now   func() time.Time
	limit time.Duration // doing nothing
	// skipping is how much longer it may compute without a result, since there is
	// so much film to be decoded that is not wanted.
	skipping time.Duration

	mutex  sync.Mutex
	last   time.Time     // of the last sign of life
	busy   bool          // we are at work
	cpu    time.Duration // used when last looked at
	burned time.Time     // when it last used some more
}

// busyFactor: how many times longer a program may compute without a result.
const busyFactor = 15

// cpuStep is how much computing counts as such; an idle process's timers do not.
const cpuStep = 200 * time.Millisecond

func newLiveness(now func() time.Time, limit time.Duration) *liveness {
	at := now()
	return &liveness{now: now, limit: limit, last: at, burned: at}
}

// sign notes a sign of life.
func (l *liveness) sign() {
	if l == nil {
		return
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.last = l.now()
}

// reading: we wait for the program from now on.
func (l *liveness) reading() {
	if l == nil {
		return
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.busy {
		l.busy, l.last = false, l.now()
	}
}

// working: the program waits for us from now on, having written n bytes.
func (l *liveness) working(n int) {
	if l == nil {
		return
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.busy = true
	if n > 0 {
		l.last = l.now()
	}
}

// stalled is asked now and then with the CPU time used so far (0: unknown).
func (l *liveness) stalled(cpu time.Duration) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	now := l.now()
	if cpu-l.cpu >= cpuStep {
		l.cpu, l.burned = cpu, now
	}
	if l.busy {
		l.last = now
		return false
	}
	idle := now.Sub(l.last)
	return idle >= l.limit && (now.Sub(l.burned) >= l.limit || idle >= busyFactor*l.limit+l.skipping)
}
