package panel_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"streambox.local/appliance/panel"
)

// A key that repeats is a button that is held; the first repetition may take long.
func TestTheTerminal(t *testing.T) {
	type stroke struct {
		after time.Duration
		key   byte
	}
	// hold is the key b with a keyboard's usual delay and rate.
	hold := func(d time.Duration) (strokes []stroke) {
		strokes = []stroke{{0, 'b'}, {660 * time.Millisecond, 'b'}}
		for at := 660 * time.Millisecond; at < d; at += 40 * time.Millisecond {
			strokes = append(strokes, stroke{40 * time.Millisecond, 'b'})
		}
		return strokes
	}
	for _, tt := range []struct {
		sentence string
		strokes  []stroke
		want     []panel.Action
	}{
		{"a tap is a short press", []stroke{{0, 'b'}}, []panel.Action{panel.Host, panel.Rescan}},
		{"other keys are none of ours", []stroke{{0, 'a'}, {0, 'B'}, {0, '\n'}}, nil},
		{"other keys do not lengthen a press", []stroke{{0, 'b'}, {700 * time.Millisecond, 'x'}, {300 * time.Millisecond, 'x'}, {300 * time.Millisecond, 'x'}}, []panel.Action{panel.Host, panel.Rescan}},
		{"held for four seconds shuts down", hold(4 * time.Second), []panel.Action{panel.Shutdown}},
		{"held for two does nothing", hold(2 * time.Second), nil},
		{"held for eleven and tapped forgets", append(hold(11*time.Second), stroke{2 * time.Second, 'b'}), []panel.Action{panel.Forget}},
		{"two taps are two presses", []stroke{{0, 'b'}, {time.Second, 'b'}}, []panel.Action{panel.Host, panel.Rescan, panel.Host, panel.Rescan}},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			inBubble(t, func(b *bench) {
				keys := make(chan byte)
				b.cfg.Terminal = &panel.Terminal{Keys: keys, Draw: func(string) {}}
				b.start()
				for _, s := range tt.strokes {
					b.after(s.after)
					keys <- s.key
				}
				b.after(2 * time.Second)
				b.expect(tt.want...)
				close(keys)
				b.after(time.Second)
				b.expect(tt.want...)
			})
		})
	}
}

func TestTheTerminalsLine(t *testing.T) {
	inBubble(t, func(b *bench) {
		var lines []string
		keys := make(chan byte)
		b.cfg.Terminal = &panel.Terminal{Keys: keys, Draw: func(line string) { lines = append(lines, line) }}
		b.start()
		b.be(panel.Working)
		b.after(3 * time.Second)
		keys <- 'b'
		synctest.Wait()
		b.after(2 * time.Second)
		b.stop()
		for _, part := range []string{"● ready", "● working", "○ working", "let go"} {
			if !slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, part) }) {
				t.Errorf("%q was never drawn: %q", part, lines)
			}
		}
		if lines[len(lines)-1] != "" {
			t.Errorf("the line stays behind: %q", lines[len(lines)-1])
		}
		for i := 1; i < len(lines); i++ {
			if lines[i] == lines[i-1] {
				t.Errorf("%q is drawn twice", lines[i])
			}
		}
	})
}
