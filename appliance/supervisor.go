package appliance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// Service is one part of the box.
type Service struct {
	Name     string
	Run      func(ctx context.Context) error // blocks until ctx ends; may return earlier
	Critical bool                            // a failure ends the box, and so does an early return
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
	StopTimeout time.Duration // of all parts together; 0: 4 s
	OnChange    func()        // the condition of a part has changed; optional, called from its goroutine
	OnStop      func()        // the parts are about to be stopped, for whatever reason; optional, called once

	mu     sync.Mutex
	health []Health
	asked  chan chan struct{} // by Alive; nil until Run
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
	asked := make(chan chan struct{})
	s.asked = asked
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
	for {
		select {
		case <-ctx.Done():
			s.stop(running)
			return nil
		case err := <-fatal:
			s.Log.Error("A part without which the box is useless has failed; ending", "error", err)
			s.stop(running)
			return err
		case answer := <-asked:
			s.Health() // takes the lock that a part's end needs
			close(answer)
		}
	}
}

var errEndedByItself = errors.New("it has ended by itself")

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
		case err == nil && service.Critical:
			return errEndedByItself
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
			h.Condition, h.failedAt = Failing, time.Now()
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
