package panel

import (
	"context"
	"time"
)

// What repeating keys tell: the first repetition comes after up to 660 ms (X11's
// default), the others every 20 to 50 ms.
const (
	keyTap    = 50 * time.Millisecond
	firstGap  = 750 * time.Millisecond
	laterGap  = 400 * time.Millisecond // over a slow line they come in bursts
	buttonKey = 'b'
)

// Terminal is a panel of one line of text and one key.
type Terminal struct {
	Keys  <-chan byte       // what is typed; nil: nothing ever is
	Draw  func(line string) // shows the line in the place of the last one; "" takes it away
	drawn string
}

// words is what the line says beside the LED.
func words(s Show) string {
	switch s.Phase {
	case Pressed:
		return "let go: read the sticks, a page may become host"
	case Nothing:
		return "let go: nothing happens"
	case LetGo:
		return "let go: shut down"
	case Arming:
		return "let go: forget settings, to be confirmed"
	case Armed:
		return "tap b within 5 s: forget settings"
	case Idle, HeldLong, HeldBoot:
	}
	return string(s.State)
}

func (t *Terminal) draw(lit bool, s Show) {
	led := "○"
	if lit {
		led = "●"
	}
	line := led + " " + words(s) + "   [b is the button]"
	if line != t.drawn {
		t.drawn = line
		t.Draw(line)
	}
}

func (t *Terminal) clear() {
	t.drawn = ""
	t.Draw("")
}

// read makes presses of keys until ctx ends.
func (t *Terminal) read(ctx context.Context, out chan<- sample) {
	send := func(s sample) {
		select {
		case out <- s:
		case <-ctx.Done():
		}
	}
	send(sample{at: time.Now(), anew: true})
	keys := t.Keys
	for {
		var down bool
		select {
		case <-ctx.Done():
			return
		case key, open := <-keys:
			if !open {
				keys = nil // the terminal is gone; the LED stays
			}
			down = open && key == buttonKey
		}
		if !down {
			continue
		}
		send(sample{at: time.Now(), down: true})
		send(sample{at: t.held(ctx, keys)})
	}
}

// held waits until the key does not repeat any more, and returns when it was let go.
func (*Terminal) held(ctx context.Context, keys <-chan byte) time.Time {
	last, gap := time.Now(), firstGap
	timer := time.NewTimer(gap)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return last
		case <-timer.C:
			return last.Add(keyTap)
		case key, open := <-keys:
			if !open {
				return time.Now()
			}
			if key == buttonKey {
				last, gap = time.Now(), laterGap
			}
		}
		timer.Reset(time.Until(last.Add(gap)))
	}
}
