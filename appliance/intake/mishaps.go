package intake

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"streambox.local/appliance/library"
)

// errPanicked is a programming error of ours, met while a film was worked on.
var errPanicked = errors.New("panic")

// retryWait is how long a film waits after its n-th failure in a row that was
// no fault of its own. The first is short: most often ffmpeg was killed for want
// of memory, which passes. A film that makes ffmpeg stall each time looks the
// same; so the waits grow, until it costs the others next to nothing.
func retryWait(n int) time.Duration {
	switch {
	case n <= 1:
		return 10 * time.Second
	case n == 2:
		return time.Minute
	case n == 3:
		return 10 * time.Minute
	default:
		return time.Hour
	}
}

// ourFailure holds a film up whose probe or job failed by no fault of its own
// (a tool was killed or stalled, the box's disk gave an error): it says nothing
// about the content, so nothing of it is kept. Holds mu.
func (in *Intake) ourFailure(f *film, step string, why *library.Reason, err error) {
	f.failures++
	wait := retryWait(f.failures)
	in.log.Warn("Film is tried again later", "title", f.id, "step", step, "failures", f.failures, "waitSeconds", wait.Seconds(), "error", err)
	in.block(f, why, in.now().Add(wait))
}

// guarded makes an error of a panic: one film must not end the box.
func guarded(do func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%w: %v\n%s", errPanicked, cause, debug.Stack())
		}
	}()
	return do()
}

// recovered is deferred by a worker for the film it has taken: when something
// panics between the guarded calls, the film is held up and the worker goes on.
// mu must be free when it runs.
func (in *Intake) recovered(f *film, turn int) {
	cause := recover()
	if cause == nil {
		return
	}
	err := fmt.Errorf("%w: %v\n%s", errPanicked, cause, debug.Stack())
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.current(f, turn) {
		in.log.Error("A worker failed", "title", f.id, "error", err)
		return
	}
	switch f.stage {
	case stageProbing, stageChecking, stageRun:
		f.turn++ // what it had begun no longer counts
		in.ourFailure(f, "worker", reason(CodeConversionFailed, "The box could not prepare this film just now; it tries again by itself"), err)
	default:
		in.log.Error("A worker failed", "title", f.id, "error", err)
	}
}
