package panel_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"

	"streambox.local/appliance/panel"
	"streambox.local/appliance/panel/paneltest"
)

// bench is a panel on the fake board, in a bubble where time is free.
type bench struct {
	t      *testing.T
	board  *paneltest.Board
	button *paneltest.Line
	led    *paneltest.Line
	panel  *panel.Panel
	cfg    panel.Config
	stop   func()

	mu      sync.Mutex
	state   panel.State
	actions []panel.Action
	when    []time.Time
	log     bytes.Buffer
}

// inBubble runs a test with a bench whose button is in the air.
func inBubble(t *testing.T, test func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t: t, board: paneltest.NewBoard("BUTTON", "LED"), state: panel.Ready}
		b.button, b.led = b.board.Outside("BUTTON"), b.board.Outside("LED")
		b.button.Drive(gpio.High)
		b.cfg = panel.Config{
			Settings: panel.Settings{Button: "BUTTON", LED: "LED"}, Board: b.board, State: b.current, Press: b.press,
			Log: slog.New(slog.NewTextHandler(lockedWriter{b}, nil)),
		}
		test(b)
		if b.stop != nil {
			b.stop()
		}
	})
}

// start runs the panel and lets it settle.
func (b *bench) start() {
	b.t.Helper()
	b.panel = panel.New(b.cfg)
	ctx, cancel := context.WithCancel(b.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.panel.Run(ctx) }()
	b.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			b.t.Errorf("Run: %v", err)
		}
	})
	b.after(100 * time.Millisecond)
}

func (b *bench) current() panel.State {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state
}

func (b *bench) be(s panel.State) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state = s
}

func (b *bench) press(a panel.Action) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.actions, b.when = append(b.actions, a), append(b.when, time.Now())
}

// after lets time pass and what happens in it happen.
func (*bench) after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// push presses the button for a time.
func (b *bench) push(d time.Duration) {
	b.button.Drive(gpio.Low)
	b.after(d)
	b.button.Drive(gpio.High)
	b.after(100 * time.Millisecond)
}

func (b *bench) expect(actions ...panel.Action) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Equal(b.actions, actions) {
		b.t.Errorf("actions are %q, want %q", b.actions, actions)
	}
}

func (b *bench) part(name string) panel.Part {
	for _, p := range b.panel.Health() {
		if p.Name == name {
			return p
		}
	}
	return panel.Part{}
}

func (b *bench) condition(name string, want panel.Condition) {
	b.t.Helper()
	if got := b.part(name); got.Condition != want {
		b.t.Errorf("%s is %+v, want %s", name, got, want)
	}
}

// logged counts the lines of the log that hold a text.
func (b *bench) logged(part string) (lines int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for line := range strings.Lines(b.log.String()) {
		if strings.Contains(line, part) {
			lines++
		}
	}
	return lines
}

func (b *bench) once(part string) {
	b.t.Helper()
	if got := b.logged(part); got != 1 {
		b.t.Errorf("%q is said %d times:\n%s", part, got, b.log.String())
	}
}

type lockedWriter struct{ b *bench }

func (w lockedWriter) Write(p []byte) (int, error) {
	w.b.mu.Lock()
	defer w.b.mu.Unlock()
	return w.b.log.Write(p)
}

func (b *bench) lit() bool { return bool(b.led.Level()) }

func TestThePressIsSeenAtOnce(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.start()
		for _, state := range []panel.State{panel.Ready, panel.Working} {
			b.be(state)
			b.after(1500 * time.Millisecond)
			before := b.lit()
			b.button.Drive(gpio.Low)
			b.after(50 * time.Millisecond)
			if b.lit() == before {
				t.Errorf("%s: after 50 ms the LED has not answered", state)
			}
			b.button.Drive(gpio.High)
			b.after(time.Second)
		}
	})
}

func TestTheRescanComesSoonAfterLettingGo(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.start()
		letGo := time.Now().Add(300 * time.Millisecond)
		b.push(300 * time.Millisecond)
		b.expect(panel.Host, panel.Rescan)
		if took := b.when[1].Sub(letGo); took > 50*time.Millisecond {
			t.Errorf("the rescan came %v after the button was let go", took)
		}
	})
}

func TestTheStateIsFollowed(t *testing.T) {
	inBubble(t, func(b *bench) {
		changed := make(chan struct{})
		b.cfg.Changed = changed
		b.start()
		if !b.lit() {
			t.Error("ready is not lit")
		}
		b.be(panel.Attention)
		changed <- struct{}{}
		var seen []bool
		for range 5 {
			synctest.Wait()
			seen = append(seen, b.lit())
			b.after(160 * time.Millisecond)
		}
		if want := []bool{true, false, true, false, false}; !slices.Equal(seen, want) {
			t.Errorf("attention is %v, want %v", seen, want)
		}
		b.be(panel.Ready) // not told: found within a second
		b.after(time.Second)
		if !b.lit() {
			t.Error("a change that was not told is not found")
		}
		b.stop()
		if b.lit() || b.led.Claimed() || b.button.Claimed() {
			t.Error("after the end the LED is lit or the lines are kept")
		}
	})
}

// An idle panel costs next to nothing: no line is set again, few looks.
func TestIdleIsQuiet(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.start()
		waits, outs := b.button.Calls().Waits, b.led.Calls().Outs
		b.after(time.Minute)
		waits, outs = b.button.Calls().Waits-waits, b.led.Calls().Outs-outs
		if waits > 250 || outs != 0 {
			t.Errorf("in an idle minute %d waits and %d changes of the LED", waits, outs)
		}
	})
}

func TestForgetting(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.start()
		b.push(11 * time.Second)
		flickers := 0
		for last := b.lit(); flickers < 10; flickers++ {
			b.after(40 * time.Millisecond)
			if b.lit() == last {
				break
			}
			last = b.lit()
		}
		if flickers < 10 {
			t.Errorf("armed, the LED changed only %d times", flickers)
		}
		b.push(200 * time.Millisecond)
		b.expect(panel.Forget)
	})
}

func TestTheBoardsLEDMirrors(t *testing.T) {
	inBubble(t, func(b *bench) {
		act := b.board.AddLamp("ACT")
		b.cfg.Settings.BoardLED, b.cfg.Settings.ActiveLow = "ACT", true
		b.start()
		b.be(panel.Fault)
		b.after(time.Second)
		for range 100 {
			b.after(33 * time.Millisecond)
			if act.Lit() != !b.lit() { // active low
				t.Fatal("the two LEDs disagree")
			}
		}
		act.Break(true)
		b.after(3 * time.Second)
		b.condition("boardLed", panel.Broken)
		b.condition("led", panel.Present)
		act.Break(false)
		b.after(31 * time.Second)
		b.condition("boardLed", panel.Present)
		b.stop()
		if act.Lit() || act.Taken() {
			t.Error("after the end the board's LED is kept")
		}
	})
}
