package appliance

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Condition is how a part is.
type Condition string

// The conditions of a part.
const (
	Waiting Condition = "waiting" // not started yet
	Running Condition = "running"
	Failing Condition = "failing" // waits for its next start, or has just had it
	Ended   Condition = "ended"   // done, or stopped
)

// Health is how a part is. What went wrong with it is in the log: an error may
// hold what is not for everybody who asks a box how it is.
type Health struct {
	Name      string
	Condition Condition
	Failures  int // since it last ran well

	failedAt time.Time
}

var errNotRunning = errors.New("the supervisor does not run")

func (s *Supervisor) note(i int, edit func(*Health)) {
	s.mu.Lock()
	before := s.health[i].Condition
	edit(&s.health[i])
	changed := s.health[i].Condition != before
	s.mu.Unlock()
	if changed && s.OnChange != nil {
		s.OnChange()
	}
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

// Alive asks Run's loop for an answer: nil, or why there is none until ctx ends.
func (s *Supervisor) Alive(ctx context.Context) error {
	s.mu.Lock()
	asked := s.asked
	s.mu.Unlock()
	if asked == nil {
		return errNotRunning
	}
	answer := make(chan struct{})
	select {
	case asked <- answer:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case <-answer:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
