package vm

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func TestEdgesAreTakenFromBetweenTheAnswers(t *testing.T) {
	for _, test := range []struct {
		line string
		want Edge
		is   bool
	}{
		{"IRQ raise 6", Edge{Line: 6, High: true}, true},
		{"IRQ lower 0", Edge{Line: 0}, true},
		{"OK", Edge{}, false},
		{"IRQ raise", Edge{}, false},
		{"IRQ raise six", Edge{}, false},
		{"IRQ raise -1", Edge{}, false},
		{"IRQ toggle 6", Edge{}, false},
	} {
		if got, is := parseEdge(test.line); got != test.want || is != test.is {
			t.Errorf("%q: %v, %v", test.line, got, is)
		}
	}
}

// gpio is a controller whose fake answers each command with the LED (line 6)
// following the button (line 5).
func gpio(t *testing.T) *GPIO {
	t.Helper()
	ours, theirs := net.Pipe()
	q := NewQTest(ours)
	go fakeQTest(theirs, func(line string) string {
		switch {
		case strings.HasSuffix(line, "unnamed-gpio-in 5 1"):
			return "IRQ raise 6\nOK"
		case strings.HasSuffix(line, "unnamed-gpio-in 5 0"):
			return "IRQ raise 2\nIRQ lower 6\nOK"
		case strings.HasPrefix(line, "irq_intercept_out /machine/unattached/device[7]"):
			return "OK"
		default:
			return "FAIL Unknown command " + line
		}
	})
	run(t, q.Run)
	return &GPIO{qtest: q, path: "/machine/unattached/device[7]"}
}

func TestGPIOEdgesInOrder(t *testing.T) {
	g := gpio(t)
	if g.High(6) {
		t.Error("a line that never changed is high")
	}
	start := g.Now()
	for _, high := range []bool{true, false, true} {
		if err := g.Set(t.Context(), 5, high); err != nil {
			t.Fatal(err)
		}
	}
	for n, want := range []bool{true, false, true} {
		edge, next, err := g.Edge(t.Context(), 6, start)
		if err != nil || edge.High != want || edge.Line != 6 {
			t.Fatalf("edge %d: %v, %v", n, edge, err)
		}
		start = next
	}
	if !g.High(6) || !g.High(2) {
		t.Error("the last level of a line is not what its last edge said")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, _, err := g.Edge(ctx, 6, g.Now()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting for an edge that does not come: %v", err)
	}
}

func TestGPIOLinesAreHeldOverAReset(t *testing.T) {
	g := gpio(t)
	ours, theirs := net.Pipe()
	q := NewQMP(ours)
	go fakeQMP(theirs, func(string, json.RawMessage) (any, string, []Event) {
		return map[string]any{}, "", []Event{{Name: "RESET", Data: json.RawMessage(`{"guest":true}`)}}
	})
	run(t, q.Run)
	resets := q.Subscribe("RESET")
	run(t, func(ctx context.Context) error { return g.hold(ctx, resets) })
	if err := g.Set(t.Context(), 5, true); err != nil {
		t.Fatal(err)
	}
	before := g.Now()
	if err := q.Execute(t.Context(), "system_reset", nil, nil); err != nil {
		t.Fatal(err)
	}
	// The fake raises line 6 each time line 5 is driven high.
	if edge, _, err := g.Edge(t.Context(), 6, before); err != nil || !edge.High {
		t.Errorf("after the reset: %+v, %v", edge, err)
	}
}

func TestGPIOIsFoundByItsType(t *testing.T) {
	g := gpio(t)
	g.path = ""
	ours, theirs := net.Pipe()
	q := NewQMP(ours)
	go fakeQMP(theirs, func(string, json.RawMessage) (any, string, []Event) {
		return []map[string]string{{"name": "device[0]", "type": "child<cortex-a72-arm-cpu>"}, {"name": "device[7]", "type": "child<pl061>"}}, "", nil
	})
	run(t, q.Run)
	if err := g.attach(t.Context(), q, "pl061"); err != nil || g.path != "/machine/unattached/device[7]" {
		t.Errorf("found %q, %v", g.path, err)
	}
	if err := g.attach(t.Context(), q, "bcm2835_gpio"); err == nil {
		t.Error("a controller that the board has not was found")
	}
}

func TestQTestFailures(t *testing.T) {
	ours, theirs := net.Pipe()
	q := NewQTest(ours)
	go fakeQTest(theirs, func(line string) string {
		switch line {
		case "end":
			_ = theirs.Close()
			return ""
		default:
			return "FAIL Unknown command " + line
		}
	})
	run(t, q.Run)
	if _, err := q.Command(t.Context(), "bad", "words"); !errors.Is(err, ErrQTest) || !strings.Contains(err.Error(), "bad words") {
		t.Errorf("a refused command: %v", err)
	}
	if _, err := q.Command(t.Context(), "two\nlines"); err == nil {
		t.Error("a command of two lines was sent")
	}
	if _, err := q.Command(t.Context(), "end"); !errors.Is(err, ErrEnded) {
		t.Errorf("QEMU's end: %v", err)
	}
}

func TestQTestWithoutAnAnswerIsGivenUpForGood(t *testing.T) {
	ours, theirs := net.Pipe()
	q := NewQTest(ours)
	go func() { _, _ = io.Copy(io.Discard, theirs) }()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = q.Run(context.Background()) // the error that its connection was closed
	}()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := q.Command(ctx, "clock_step"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	<-ended
	if _, err := q.Command(t.Context(), "clock_step"); err == nil {
		t.Error("a command after it was accepted")
	}
}
