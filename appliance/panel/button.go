package panel

import (
	"context"
	"errors"
	"fmt"
	"time"

	"periph.io/x/conn/v3/gpio"
)

const (
	waitEdge   = 250 * time.Millisecond // see the package's page
	restAfter  = 5 * time.Millisecond   // so often a contact that buzzes is looked at
	maxDrain   = 32                     // the kernel keeps 16 edges of a line
	deadRow    = 20                     // answers in a row that came too soon
	firstRetry = time.Second
	lastRetry  = 30 * time.Second
)

var errDeadLine = errors.New("the line does not answer any more")

// sample is what the button's line says.
type sample struct {
	at    time.Time
	down  bool
	moved bool // there was an edge since the last sample
	anew  bool // the line was opened just now: what was known of it does not count
}

// button reads a line, or waits until there is one.
type button struct {
	board    Board
	settings Settings
	health   *health
	out      chan<- sample
}

// run reads until ctx ends. first is the line that was opened before, or nil.
func (b *button) run(ctx context.Context, first Line) {
	line, wait := first, firstRetry
	for {
		if line != nil {
			err := b.read(ctx, line)
			line.Close()
			if ctx.Err() != nil {
				return
			}
			b.health.note(failed("button", err))
			wait = firstRetry
		}
		if !pause(ctx, wait) {
			return
		}
		wait = min(2*wait, lastRetry)
		line = b.open()
	}
}

// open claims the line; nil, and a note, when that fails.
func (b *button) open() Line {
	line, err := b.board.Line(b.settings.Button)
	if err == nil {
		pull := gpio.PullUp
		if b.settings.NoPull {
			pull = gpio.PullNoChange
		}
		if err = claim(b.settings.Button, line.In(pull, gpio.BothEdges)); err != nil {
			line.Close()
		}
	}
	if err != nil {
		b.health.note(failed("button", err))
		return nil
	}
	b.health.note(Part{Name: "button", Condition: Present, Text: b.settings.Button})
	return line
}

// read sends what the line says, until ctx ends or the line is dead.
func (b *button) read(ctx context.Context, line Line) error {
	next := sample{at: time.Now(), down: line.Read() == gpio.Low, anew: true}
	soon, doubted := 0, false
	for {
		select {
		case b.out <- next:
		case <-ctx.Done():
			return nil
		}
		asked := time.Now()
		moved := line.WaitForEdge(waitEdge)
		if !moved && time.Since(asked) < waitEdge/2 {
			if soon++; soon >= deadRow {
				return fmt.Errorf("reading %s: %w", b.settings.Button, errDeadLine)
			}
		} else {
			soon = 0
		}
		if moved || soon > 0 {
			if !pause(ctx, restAfter) {
				return nil
			}
			for n := 0; moved && n < maxDrain && line.WaitForEdge(time.Millisecond); n++ {
			}
		}
		// Read says low of a line that is dead, which is what a press looks like. So it is believed while the line answers,
		// and what comes without an edge only when it is the same after another wait.
		down := next.down
		if soon == 0 {
			down = line.Read() == gpio.Low
			odd := !moved && down != next.down
			if odd && !doubted {
				down = next.down
			}
			doubted = odd && !doubted
		}
		next = sample{at: time.Now(), down: down, moved: moved}
	}
}

// pause waits; false when ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
