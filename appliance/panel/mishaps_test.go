package panel_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"periph.io/x/conn/v3/gpio"

	"streambox.local/appliance/panel"
)

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

// At boot the program may be there a moment before udev has handed over the lines.
func TestPermissionThatComesAMomentLaterIsNoWarning(t *testing.T) {
	inBubble(t, func(b *bench) {
		denied := fmt.Errorf("opening a GPIO chip: %w", fs.ErrPermission)
		b.board.Fail("BUTTON", denied)
		b.board.Fail("LED", denied)
		b.start()
		b.after(5 * time.Second)
		b.condition("button", panel.Broken) // who asks is told
		b.board.Fail("BUTTON", nil)
		b.after(5 * time.Second)
		b.condition("button", panel.Present)
		if n := b.logged("level=WARN"); n != 0 {
			t.Errorf("it warns %d times of what mends itself:\n%s", n, b.log.String())
		}
		b.after(10 * time.Second) // the LED stays closed
		b.once("level=WARN")
		b.once("does not work")
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
