package paneltest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"streambox.local/appliance/panel"
)

// Rig is a board with a hand at it.
type Rig struct {
	Board    panel.Board
	Settings panel.Settings // which lines the hand has its finger and eye on
	Hand     Hand
}

// Case is one sentence of the contract.
type Case struct {
	Sentence string
	Run      func(t *testing.T, rig Rig)
}

// Contract is what a panel keeps on any board. Each case needs the lines for
// itself; those on fakes may run in a synctest bubble.
func Contract() []Case {
	return []Case{
		{"ready is a steady light, the end is dark", steady},
		{"a short press shows on the LED and asks for a rescan and a host", shortPress},
		{"a contact that bounces is one press", bounces},
		{"held for four seconds means shut down, told when let go", hold},
		{"what is down from the beginning means nothing until it is let go", heldFromTheBeginning},
		{"the lines are given back and can be had again", givenBack},
	}
}

// playing is a panel that runs.
type playing struct {
	t     *testing.T
	rig   Rig
	panel *panel.Panel
	stop  func()

	mu      sync.Mutex
	actions []panel.Action
	state   panel.State
}

// play starts a panel with the button as it is.
func play(t *testing.T, rig Rig) *playing {
	t.Helper()
	p := &playing{t: t, rig: rig, state: panel.Ready}
	p.panel = panel.New(panel.Config{
		Settings: rig.Settings, Board: rig.Board,
		State: func() panel.State {
			p.mu.Lock()
			defer p.mu.Unlock()
			return p.state
		},
		Press: func(a panel.Action) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.actions = append(p.actions, a)
		},
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := p.panel.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	}()
	p.stop = sync.OnceFunc(func() {
		cancel()
		<-ended
	})
	t.Cleanup(p.stop)
	p.until("the button and the LED work", func() bool {
		parts := p.panel.Health()
		return len(parts) == 2 && !slices.ContainsFunc(parts, func(part panel.Part) bool { return part.Condition != panel.Present })
	})
	return p
}

// released begins with the finger in the air.
func released(t *testing.T, rig Rig) *playing {
	t.Helper()
	must(t, rig.Hand.Press(false))
	p := play(t, rig)
	p.untilLit(true)
	p.rest(100 * time.Millisecond) // the level has rested: what comes is a press
	return p
}

func steady(t *testing.T, rig Rig) {
	t.Helper()
	p := released(t, rig)
	for range 10 {
		p.rest(100 * time.Millisecond)
		if !p.lit() {
			t.Fatal("the light of a box that is ready is not steady")
		}
	}
	p.stop()
	if p.lit() {
		t.Error("the LED is lit after the end")
	}
}

func shortPress(t *testing.T, rig Rig) {
	t.Helper()
	p := released(t, rig)
	must(t, rig.Hand.Press(true))
	p.untilLit(false)
	p.expect("while the button is down")
	must(t, rig.Hand.Press(false))
	p.untilActions(panel.Host, panel.Rescan)
	p.untilLit(true)
}

// A hand far away may stop for a moment between two bounces: a long rest is asked for.
func bounces(t *testing.T, rig Rig) {
	t.Helper()
	rig.Settings.Debounce = 300 * time.Millisecond
	p := released(t, rig)
	p.rest(rig.Settings.Debounce)
	for _, down := range []bool{true, false} {
		for range 5 {
			must(t, rig.Hand.Press(down))
			p.rest(500 * time.Microsecond)
			must(t, rig.Hand.Press(!down))
			p.rest(500 * time.Microsecond)
		}
		must(t, rig.Hand.Press(down))
		p.rest(450 * time.Millisecond)
	}
	p.untilActions(panel.Host, panel.Rescan)
	p.rest(450 * time.Millisecond)
	p.expect("after the bouncing has ended", panel.Host, panel.Rescan)
}

func hold(t *testing.T, rig Rig) {
	t.Helper()
	p := released(t, rig)
	must(t, rig.Hand.Press(true))
	p.rest(4 * time.Second)
	p.expect("before it is let go")
	must(t, rig.Hand.Press(false))
	p.untilActions(panel.Shutdown)
}

func heldFromTheBeginning(t *testing.T, rig Rig) {
	t.Helper()
	must(t, rig.Hand.Press(true))
	p := play(t, rig)
	p.untilLit(true)
	p.rest(500 * time.Millisecond)
	must(t, rig.Hand.Press(false))
	p.rest(500 * time.Millisecond)
	p.expect("after what was held from the beginning")
	must(t, rig.Hand.Press(true))
	p.rest(200 * time.Millisecond)
	must(t, rig.Hand.Press(false))
	p.untilActions(panel.Host, panel.Rescan)
}

func givenBack(t *testing.T, rig Rig) {
	t.Helper()
	for range 3 {
		p := released(t, rig)
		p.stop()
	}
}

// rest lets time pass.
func (*playing) rest(d time.Duration) { <-time.After(d) }

// until waits, bounded, for what comes by itself.
func (p *playing) until(what string, ok func() bool) {
	p.t.Helper()
	deadline := time.NewTimer(10 * time.Second)
	defer deadline.Stop()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for !ok() {
		select {
		case <-deadline.C:
			p.t.Fatalf("not in 10 s: %s (parts %+v)", what, p.panel.Health())
		case <-again.C:
		}
	}
}

func (p *playing) lit() bool {
	p.t.Helper()
	lit, err := p.rig.Hand.Lit()
	must(p.t, err)
	return lit
}

func (p *playing) untilLit(want bool) {
	p.t.Helper()
	what := "the LED goes dark"
	if want {
		what = "the LED is lit"
	}
	p.until(what, func() bool { return p.lit() == want })
}

func (p *playing) asked() []panel.Action {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.actions)
}

func (p *playing) untilActions(want ...panel.Action) {
	p.t.Helper()
	p.until("the actions are told", func() bool { return len(p.asked()) >= len(want) })
	p.expect("at last", want...)
}

func (p *playing) expect(when string, want ...panel.Action) {
	p.t.Helper()
	if got := p.asked(); !slices.Equal(got, want) {
		p.t.Errorf("%s: the actions are %q, want %q", when, got, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
