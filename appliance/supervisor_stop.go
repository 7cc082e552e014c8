package appliance

import (
	"context"
	"slices"
	"time"
)

// The stop's own limits: within five seconds a service manager, and a person
// with a hand on the plug, take it that a program is gone.
const (
	stopTimeout = 4 * time.Second
	lastMoment  = 500 * time.Millisecond // for those whose turn would have come after StopTimeout
)

type part struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// stop ends the parts one after the other, last first, within the time given to
// all of them. When that is over, all that are left are told at once and have a
// last moment: the LED goes off although a stick hangs.
func (s *Supervisor) stop(running []part) {
	if s.OnStop != nil {
		s.OnStop()
	}
	timeout := s.StopTimeout
	if timeout <= 0 {
		timeout = stopTimeout
	}
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	for _, p := range slices.Backward(running) {
		p.cancel()
		select {
		case <-p.done:
			continue
		case <-deadline.C:
		}
		break
	}
	for _, p := range running {
		p.cancel()
	}
	last := time.NewTimer(lastMoment)
	defer last.Stop()
	over := false
	for i, p := range running {
		if !over {
			select {
			case <-p.done:
				continue
			case <-last.C:
				over = true
			}
		}
		select {
		case <-p.done:
		default:
			s.Log.Error("Part does not stop; leaving it behind", "service", s.Services[i].Name)
		}
	}
}
