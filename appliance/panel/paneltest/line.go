package paneltest

import (
	"errors"
	"sync"
	"syscall"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
)

// kernelEdges is how many edges the kernel keeps of a line; more are lost.
const kernelEdges = 16

// Line is a line that behaves as gpioioctl's do, traps included: WaitForEdge(-1)
// returns at once, 0 waits for ever, a line that is dead returns at once too and
// reads low, Read on an output makes it an input.
type Line struct {
	name  string
	edges chan struct{}

	mu      sync.Mutex
	outside gpio.Level // what is wired to it says
	pull    gpio.Pull
	edge    gpio.Edge
	in, out bool
	level   gpio.Level // as an output
	others  bool       // another program has it
	dead    bool
	calls   Calls
}

// Drive is the wire: what the world outside puts on the line.
func (l *Line) Drive(level gpio.Level) {
	l.mu.Lock()
	changed := l.outside != level
	l.outside = level
	listens := l.in && l.edge == gpio.BothEdges
	l.mu.Unlock()
	if changed && listens {
		select {
		case l.edges <- struct{}{}:
		default: // the kernel's queue is full
		}
	}
}

// Slip is Drive with an edge that the kernel loses.
func (l *Line) Slip(level gpio.Level) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.outside = level
}

// Level is what an eye sees: low where nobody drives the line.
func (l *Line) Level() gpio.Level {
	l.mu.Lock()
	defer l.mu.Unlock()
	return gpio.Level(l.out && bool(l.level))
}

// Take gives the line to another program, or takes it back.
func (l *Line) Take(others bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.others = others
}

// Die makes the line's descriptor a dead one, until it is opened anew.
func (l *Line) Die() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dead = true
}

// Claimed says whether somebody of ours has the line.
func (l *Line) Claimed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.in || l.out
}

// Pulled says whether the line's own pull-up is on.
func (l *Line) Pulled() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.in && l.pull == gpio.PullUp
}

// Calls says how often a line was waited for, read and set.
type Calls struct{ Waits, Reads, Outs int }

// Calls says what the panel has done with the line so far.
func (l *Line) Calls() Calls {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.calls
}

// errBusy is worded as periph words it.
var errBusy = errors.New("line_request ioctl: " + syscall.EBUSY.Error())

// In implements gpio.PinIn.
func (l *Line) In(pull gpio.Pull, edge gpio.Edge) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.others {
		return errBusy
	}
	l.in, l.out, l.pull, l.edge = true, false, pull, edge
	for len(l.edges) > 0 {
		<-l.edges
	}
	return nil
}

// Read implements gpio.PinIn.
func (l *Line) Read() gpio.Level {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls.Reads++
	if l.dead {
		return gpio.Low
	}
	l.in, l.out = true, false
	return l.outside
}

// WaitForEdge implements gpio.PinIn.
func (l *Line) WaitForEdge(timeout time.Duration) bool {
	l.mu.Lock()
	l.calls.Waits++
	gone := l.dead || !l.in || l.edge == gpio.NoEdge || timeout < 0
	l.mu.Unlock()
	if gone {
		return false
	}
	if timeout == 0 {
		<-l.edges
		return true
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-l.edges:
		return true
	case <-timer.C:
		return false
	}
}

// Out implements gpio.PinOut.
func (l *Line) Out(level gpio.Level) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls.Outs++
	switch {
	case l.others:
		return errBusy
	case l.dead:
		return errors.New(syscall.ENODEV.Error())
	}
	l.in, l.out, l.level = false, true, level
	return nil
}

// Close gives the line back; opened again it is a living one.
func (l *Line) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.in, l.out, l.dead, l.pull, l.edge = false, false, false, gpio.PullNoChange, gpio.NoEdge
}

// The rest of gpio.PinIO, as gpioioctl has it.

// String implements conn.Resource.
func (l *Line) String() string { return l.name }

// Halt implements conn.Resource.
func (*Line) Halt() error { return nil }

// Name implements pin.Pin.
func (l *Line) Name() string { return l.name }

// Number implements pin.Pin.
func (*Line) Number() int { return 0 }

// Function implements pin.Pin.
func (*Line) Function() string { return "" }

// Pull implements gpio.PinIn.
func (l *Line) Pull() gpio.Pull {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pull
}

// DefaultPull implements gpio.PinIn.
func (*Line) DefaultPull() gpio.Pull { return gpio.PullNoChange }

// PWM implements gpio.PinOut.
func (*Line) PWM(gpio.Duty, physic.Frequency) error { return errors.New("PWM() not implemented") }

var _ gpio.PinIO = &Line{}
