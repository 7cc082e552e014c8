package panel_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
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

// Whatever it does, a contact that does not rest is no press, and costs at most 200 looks a second.
func TestAContactThatBuzzes(t *testing.T) {
	us := time.Microsecond
	for _, tt := range []struct {
		sentence   string
		down, open time.Duration
	}{
		{"at 1 kHz", 500 * us, 500 * us},
		{"at 250 Hz", 2000 * us, 2000 * us},
		{"down but for short moments", 9900 * us, 100 * us},
		{"for short moments only", 100 * us, 9900 * us},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			inBubble(t, func(b *bench) {
				b.start()
				reads := b.button.Calls().Reads
				for range int(5 * time.Second / (tt.down + tt.open)) {
					b.button.Drive(gpio.Low)
					<-time.After(tt.down)
					b.button.Drive(gpio.High)
					<-time.After(tt.open)
				}
				b.after(time.Second)
				b.expect()
				if reads = b.button.Calls().Reads - reads; reads > 6*200 {
					t.Errorf("five seconds cost %d looks", reads)
				}
				b.push(300 * time.Millisecond)
				b.expect(panel.Host, panel.Rescan)
			})
		})
	}
}

// An edge that is lost costs a moment, and not the press.
func TestALostEdge(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.start()
		b.button.Slip(gpio.Low)
		b.after(600 * time.Millisecond)
		if b.lit() {
			t.Error("the press is not seen")
		}
		b.button.Slip(gpio.High)
		b.after(600 * time.Millisecond)
		b.expect(panel.Host, panel.Rescan)
	})
}

func TestAButtonThatIsStuck(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.start()
		b.button.Drive(gpio.Low)
		b.after(2 * time.Minute)
		b.expect()
		b.once("The button is stuck")
		if !b.lit() {
			t.Error("the LED does not show the state beside a stuck button")
		}
		b.button.Drive(gpio.High)
		b.after(time.Second)
		b.expect()
		b.push(300 * time.Millisecond)
		b.expect(panel.Host, panel.Rescan)
	})
}

func TestAButtonHeldAtBoot(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.button.Drive(gpio.Low)
		b.start()
		b.after(4 * time.Second)
		b.once("The button is down already")
		if !b.lit() {
			t.Error("the LED does not show the state")
		}
		b.button.Drive(gpio.High)
		b.after(time.Second)
		b.expect()
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

func TestALineOfSomebodyElse(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.led.Take(true)
		b.start()
		b.condition("led", panel.Broken)
		b.condition("button", panel.Present)
		if text := b.part("led").Text; !strings.Contains(text, "in use") {
			t.Errorf("busy is told as %q", text)
		}
		b.push(300 * time.Millisecond) // the rest goes on
		b.expect(panel.Host, panel.Rescan)
		b.after(10 * time.Minute)
		b.once("does not work")
		b.led.Take(false)
		b.after(31 * time.Second)
		b.condition("led", panel.Present)
		if !b.lit() {
			t.Error("the LED is dark although its line is free now")
		}
	})
}

func TestAButtonWithoutPermission(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.board.Fail("BUTTON", fmt.Errorf("opening a GPIO chip: %w", fs.ErrPermission))
		b.start()
		b.condition("button", panel.Broken)
		if mend := b.part("button").Mend; !strings.Contains(mend, "group gpio") {
			t.Errorf("mended by %q", mend)
		}
		opens := b.board.Opens("BUTTON")
		b.after(10 * time.Minute)
		if tries := b.board.Opens("BUTTON") - opens; tries < 10 || tries > 30 {
			t.Errorf("%d tries in ten minutes", tries)
		}
		b.once("does not work")
		b.board.Fail("BUTTON", nil)
		b.after(31 * time.Second)
		b.condition("button", panel.Present)
		b.push(300 * time.Millisecond)
		b.expect(panel.Host, panel.Rescan)
	})
}

func TestNoPanelAtAll(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.cfg.Settings = panel.Defaults()
		b.start()
		b.condition("button", panel.Absent)
		b.condition("led", panel.Absent)
		b.condition("boardLed", panel.Absent)
		b.after(10 * time.Minute)
		b.once("There is no panel on this machine")
		b.once("msg=")
	})
}

func TestALineThatDies(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.start()
		waits := b.button.Calls().Waits
		b.button.Die()
		for range 50 {
			b.after(10 * time.Millisecond)
			if !b.lit() {
				t.Fatal("a line that dies looks like a press")
			}
		}
		b.condition("button", panel.Broken)
		if waits = b.button.Calls().Waits - waits; waits > 50 {
			t.Errorf("a dead line was asked %d times in half a second", waits)
		}
		b.expect() // although a dead line reads low, as if it were pressed
		b.after(2 * time.Second)
		b.condition("button", panel.Present)
		b.push(300 * time.Millisecond)
		b.expect(panel.Host, panel.Rescan)

		b.led.Die()
		b.be(panel.Starting)
		b.after(300 * time.Millisecond)
		b.condition("led", panel.Broken)
		b.be(panel.Ready)
		b.after(2 * time.Second)
		b.condition("led", panel.Present)
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

func TestPartsThatAreNotWanted(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.cfg.Settings = panel.Settings{}
		b.start()
		if parts := b.panel.Health(); len(parts) != 0 {
			t.Errorf("parts are %+v", parts)
		}
		if b.board.Opens("BUTTON")+b.board.Opens("LED")+b.board.Opens("") != 0 {
			t.Error("something was opened")
		}
	})
}
