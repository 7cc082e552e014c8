package vm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
)

// GPIO is the controller's pins seen from outside the chip: the test holds what
// the guest reads, and sees what the guest drives.
type GPIO struct {
	qtest *QTest
	path  string // in QEMU's object tree

	mu   sync.Mutex
	held map[int]bool // what the outside world drives, by line
}

// attach finds the controller of the type and begins to watch its outputs.
// QEMU lets one device be intercepted; this is it.
func (g *GPIO) attach(ctx context.Context, qmp *QMP, kind string) error {
	const where = "/machine/unattached"
	var objects []struct{ Name, Type string }
	if err := qmp.Execute(ctx, "qom-list", map[string]any{"path": where}, &objects); err != nil {
		return fmt.Errorf("looking for the GPIO controller: %w", err)
	}
	for _, o := range objects {
		if o.Type != "child<"+kind+">" {
			continue
		}
		path := where + "/" + o.Name
		if _, err := g.qtest.Command(ctx, "irq_intercept_out", path); err != nil {
			return fmt.Errorf("watching the GPIO controller: %w", err)
		}
		g.path = path
		return nil
	}
	return fmt.Errorf("looking for the GPIO controller: the board has no %s", kind)
}

// Set holds a line high or low, as a button, a wire or a pull-up does.
func (g *GPIO) Set(ctx context.Context, line int, high bool) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.drive(ctx, line, high); err != nil {
		return err
	}
	if g.held == nil {
		g.held = map[int]bool{}
	}
	g.held[line] = high
	return nil
}

func (g *GPIO) drive(ctx context.Context, line int, high bool) error {
	level := "0"
	if high {
		level = "1"
	}
	if _, err := g.qtest.Command(ctx, "set_irq_in", g.path, "unnamed-gpio-in", strconv.Itoa(line), level); err != nil {
		return fmt.Errorf("setting GPIO line %d: %w", line, err)
	}
	return nil
}

// hold drives all lines again after each reset of the machine: QEMU's
// controller then forgets its inputs, which a wire would go on driving.
func (g *GPIO) hold(ctx context.Context, resets *Subscription) error {
	defer resets.Close()
	for {
		if _, err := resets.Wait(ctx, nil); err != nil {
			return nil // the machine has ended: nothing is to be held any more
		}
		g.mu.Lock()
		var err error
		for line, high := range g.held {
			err = errors.Join(err, g.drive(ctx, line, high))
		}
		g.mu.Unlock()
		if err != nil && ctx.Err() == nil && !errors.Is(err, ErrEnded) {
			return fmt.Errorf("holding the GPIO lines over a reset: %w", err)
		}
	}
}

// Mark is a place in the order of all edges.
type Mark int

// Now is the place behind everything seen so far.
func (g *GPIO) Now() Mark {
	g.qtest.mu.Lock()
	defer g.qtest.mu.Unlock()
	return Mark(len(g.qtest.edges))
}

// Edge waits for the first change of a line at or after the mark, and returns
// the place behind it.
func (g *GPIO) Edge(ctx context.Context, line int, from Mark) (Edge, Mark, error) {
	q := g.qtest
	for {
		q.mu.Lock()
		for n := int(from); n < len(q.edges); n++ {
			if e := q.edges[n]; e.Line == line {
				q.mu.Unlock()
				return e, Mark(n + 1), nil
			}
		}
		from = Mark(len(q.edges))
		changed := q.changed
		q.mu.Unlock()
		select {
		case <-changed:
		case <-q.done:
			return Edge{}, from, fmt.Errorf("waiting for GPIO line %d to change: %w", line, ErrEnded)
		case <-ctx.Done():
			return Edge{}, from, fmt.Errorf("waiting for GPIO line %d to change: %w", line, ctx.Err())
		}
	}
}

// High says what the guest drives the line to now. A line that never changed is low.
func (g *GPIO) High(line int) bool {
	g.qtest.mu.Lock()
	defer g.qtest.mu.Unlock()
	for _, e := range slices.Backward(g.qtest.edges) {
		if e.Line == line {
			return e.High
		}
	}
	return false
}
