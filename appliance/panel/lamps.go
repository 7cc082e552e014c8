package panel

import (
	"log/slog"
	"time"

	"periph.io/x/conn/v3/gpio"
)

// keptLamp is one LED: opened, set when it has to change, and opened again some
// time after it failed. It belongs to Run's goroutine.
type keptLamp struct {
	name   string // led, boardLed
	what   string // GPIO27, ACT
	open   func() (Lamp, error)
	health *health
	log    *slog.Logger

	lamp  Lamp // nil: not open
	lit   bool // as it was set last
	again time.Time
	wait  time.Duration
}

// set shows lit; it opens the lamp first where that is due.
func (k *keptLamp) set(now time.Time, lit bool) {
	fresh := false
	if k.lamp == nil {
		if now.Before(k.again) {
			return
		}
		lamp, err := k.open()
		if err != nil {
			k.fail(now, err)
			return
		}
		k.lamp, fresh = lamp, true
	}
	if !fresh && lit == k.lit {
		return
	}
	if err := k.lamp.Set(lit); err != nil {
		k.close()
		k.fail(now, err)
		return
	}
	k.lit = lit
	if fresh {
		k.wait = 0
		k.health.note(Part{Name: k.name, Condition: Present, Text: k.what})
	}
}

func (k *keptLamp) fail(now time.Time, err error) {
	k.wait = min(max(2*k.wait, firstRetry), lastRetry)
	k.again = now.Add(k.wait)
	k.health.note(failed(k.name, err))
}

// due is how long until set should be called although nothing changes; 0: not.
func (k *keptLamp) due(now time.Time) time.Duration {
	if k.lamp != nil {
		return 0
	}
	return max(k.again.Sub(now), time.Nanosecond)
}

// close leaves the LED dark.
func (k *keptLamp) close() {
	if k.lamp == nil {
		return
	}
	if err := k.lamp.Close(); err != nil {
		k.log.Debug("Giving an LED back failed", "part", k.name, "error", err)
	}
	k.lamp = nil
}

// lineLamp is an LED at a GPIO line.
type lineLamp struct {
	line      Line
	name      string
	activeLow bool
}

// openLineLamp claims the line, with the LED dark.
func openLineLamp(board Board, name string, activeLow bool) (Lamp, error) {
	line, err := board.Line(name)
	if err != nil {
		return nil, err
	}
	l := &lineLamp{line, name, activeLow}
	if err := l.Set(false); err != nil {
		line.Close()
		return nil, err
	}
	return l, nil
}

func (l *lineLamp) Set(lit bool) error {
	return claim(l.name, l.line.Out(gpio.Level(lit != l.activeLow)))
}

func (l *lineLamp) Close() error {
	err := l.Set(false)
	l.line.Close()
	return err
}
