package appliance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// Service is one part of the box.
type Service struct {
	Name     string
	Run      func(ctx context.Context) error // blocks until ctx ends; may return earlier
	Critical bool                            // a failure ends the box
}

// How failures are answered.
const (
	firstWait  = 500 * time.Millisecond
	longestGap = 30 * time.Second
	wellAfter  = time.Minute     // ran so long: the next failure counts as the first
	shakyFor   = 5 * time.Second // a part that failed so short ago is not called well yet
)

// Supervisor runs services. The zero value of everything but Services will do.
type Supervisor struct {
	Services    []Service
	Log         *slog.Logger
	StopTimeout time.Duration // of all parts together; 0: 4.5 s

	mu     sync.Mutex
	health []Health
}

// Condition is how a part is.
type Condition string

// The conditions of a part.
const (
	Waiting Condition = "waiting" // not started yet
	Running Condition = "running"
	Failing Condition = "failing" // waits for its next start, or has just had it
	Ended   Condition = "ended"   // done, or stopped
)

// Health is how a part is and what went wrong last.
type Health struct {
	Name      string
	Condition Condition
	Failures  int    // since it last ran well
	LastError string // with the cause; for the log and doctor, not for viewers

	failedAt time.Time
}

// Run starts all services and returns when all have ended: nil after ctx
// ended, or the error of the critical service that failed.
func (s *Supervisor) Run(ctx context.Context) error {
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	s.mu.Lock()
	s.health = make([]Health, len(s.Services))
	for i, service := range s.Services {
		s.health[i] = Health{Name: service.Name, Condition: Waiting}
	}
	s.mu.Unlock()

	fatal := make(chan error, len(s.Services))
	running := make([]part, len(s.Services))
	for i, service := range s.Services {
		// Not below ctx: the parts are stopped one after the other.
		own, cancel := context.WithCancel(context.WithoutCancel(ctx))
		running[i] = part{cancel: cancel, done: make(chan struct{})}
		go func() {
			defer close(running[i].done)
			if err := s.keep(own, i, service); err != nil {
				fatal <- fmt.Errorf("%s failed: %w", service.Name, err)
			}
		}()
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-fatal:
	}
	s.stop(running)
	return err
}

type part struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// stop ends the parts, last first, within the time given to all of them.
func (s *Supervisor) stop(running []part) {
	timeout := s.StopTimeout
	if timeout <= 0 {
		timeout = 4500 * time.Millisecond
	}
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	late := false
	for i, p := range slices.Backward(running) {
		p.cancel()
		if late { // told to stop, but nobody waits any more
			continue
		}
		select {
		case <-p.done:
		case <-deadline.C:
			s.Log.Error("Part does not stop; leaving it behind", "service", s.Services[i].Name)
			late = true
		}
	}
}

// keep runs one service again and again until ctx ends. It returns an error
// only for a critical service.
func (s *Supervisor) keep(ctx context.Context, i int, service Service) error {
	defer s.note(i, func(h *Health) { h.Condition = Ended })
	wait := firstWait
	for {
		s.note(i, func(h *Health) { h.Condition = Running })
		started := time.Now()
		err := call(ctx, service.Run)
		switch {
		case ctx.Err() != nil:
			if err != nil && !errors.Is(err, context.Canceled) {
				s.Log.Warn("Part reported an error while stopping", "service", service.Name, "error", err)
			}
			return nil
		case err == nil:
			s.Log.Debug("Part is done", "service", service.Name)
			return nil
		case service.Critical:
			return err
		}
		ranWell := time.Since(started) >= wellAfter
		if ranWell {
			wait = firstWait
		}
		s.note(i, func(h *Health) {
			if ranWell {
				h.Failures = 0
			}
			h.Condition, h.LastError, h.failedAt = Failing, err.Error(), time.Now()
			h.Failures++
		})
		s.Log.Error("Part failed; starting it again", "service", service.Name, "error", err, "wait", wait)
		again := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			again.Stop()
			return nil
		case <-again.C:
		}
		wait = min(2*wait, longestGap)
	}
}

// call turns a panic into an error that carries the stack.
func call(ctx context.Context, run func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return run(ctx)
}

func (s *Supervisor) note(i int, edit func(*Health)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	edit(&s.health[i])
}

// Health returns how every part is, in the order of Services. A part that runs
// again for less than 5 s still counts as failing, so that one which falls
// over and over does not blink between well and ill.
func (s *Supervisor) Health() []Health {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := slices.Clone(s.health)
	for i, h := range out {
		if h.Condition == Running && h.Failures > 0 && time.Since(h.failedAt) < shakyFor {
			out[i].Condition = Failing
		}
	}
	return out
}

// Failing names the parts that are not well.
func (s *Supervisor) Failing() []string {
	var names []string
	for _, h := range s.Health() {
		if h.Condition == Failing {
			names = append(names, h.Name)
		}
	}
	return names
}
