package panel

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// drawn follows a show for some time: "lit 160ms, dark 160ms, …".
func drawn(s Show, length time.Duration) string {
	var parts []string
	for at := time.Duration(0); at < length; {
		lit, lasts := s.At(at)
		word := "dark"
		if lit {
			word = "lit"
		}
		if lasts == 0 {
			return strings.Join(append(parts, word), ", ")
		}
		parts = append(parts, fmt.Sprint(word, " ", lasts))
		at += lasts
	}
	return strings.Join(parts, ", ")
}

func TestShow(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		show     Show
		length   time.Duration
		want     string
	}{
		{"starting blinks fast", Show{State: Starting}, 500 * time.Millisecond, "lit 125ms, dark 125ms, lit 125ms, dark 125ms"},
		{"ready is on", Show{State: Ready}, time.Second, "lit"},
		{"working pulses slowly", Show{State: Working}, 4800 * time.Millisecond, "lit 1.2s, dark 1.2s, lit 1.2s, dark 1.2s"},
		{"attention flashes twice", Show{State: Attention}, 2 * time.Second, "lit 160ms, dark 160ms, lit 160ms, dark 1.52s"},
		{"fault flashes three times", Show{State: Fault}, 2 * time.Second, "lit 160ms, dark 160ms, lit 160ms, dark 160ms, lit 160ms, dark 1.2s"},
		{"stopping blinks fast", Show{State: Stopping}, 250 * time.Millisecond, "lit 125ms, dark 125ms"},
		{"a state that is not known is not shown as ready", Show{State: "odd"}, 250 * time.Millisecond, "lit 125ms, dark 125ms"},
		{"a press puts the light out that was on", Show{State: Ready, Phase: Pressed, WasLit: true}, time.Second, "dark"},
		{"a press lights the light that was out", Show{State: Working, Phase: Pressed}, time.Second, "lit"},
		{"between the gestures it is dark", Show{State: Ready, Phase: Nothing, WasLit: true}, time.Second, "dark"},
		{"let go now: fast", Show{State: Ready, Phase: LetGo}, 250 * time.Millisecond, "lit 125ms, dark 125ms"},
		{"ten seconds flicker", Show{State: Fault, Phase: Arming}, 80 * time.Millisecond, "lit 40ms, dark 40ms"},
		{"armed flickers on", Show{State: Ready, Phase: Armed}, 80 * time.Millisecond, "lit 40ms, dark 40ms"},
		{"a button that is stuck hides nothing", Show{State: Ready, Phase: HeldLong}, time.Second, "lit"},
		{"nor one that is held at boot", Show{State: Working, Phase: HeldBoot}, 1200 * time.Millisecond, "lit 1.2s"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			if got := drawn(tt.show, tt.length); got != tt.want {
				t.Errorf("%+v is %q, want %q", tt.show, got, tt.want)
			}
		})
	}
}

func TestDebounce(t *testing.T) {
	const rest = 20 * time.Millisecond
	type event struct {
		at    time.Duration
		down  bool
		moved bool
	}
	ms := time.Millisecond
	for _, tt := range []struct {
		sentence string
		events   []event
		want     string
	}{
		{"the first level counts when it has rested", []event{{0, false, false}}, "up 0s"},
		{"a press is dated to where it began to rest", []event{{0, false, false}, {100 * ms, true, true}}, "up 0s, down 100ms"},
		{"bounces are one edge", []event{{0, false, false}, {100 * ms, true, true}, {105 * ms, false, true}, {110 * ms, true, true}}, "up 0s, down 110ms"},
		{"a glitch is nothing", []event{{0, false, false}, {100 * ms, true, true}, {105 * ms, false, true}}, "up 0s"},
		{"the same level with edges in between has not rested", []event{{0, false, false}, {100 * ms, true, true}, {115 * ms, true, true}, {130 * ms, true, true}}, "up 0s, down 130ms"},
		{"looks without an edge let it rest", []event{{0, false, false}, {100 * ms, true, true}, {105 * ms, true, false}, {115 * ms, true, false}}, "up 0s, down 100ms"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			start := time.Unix(1000, 0)
			d := Debounce{Rest: rest}
			var got []string
			settle := func(now time.Time) {
				after, at, down, edge := d.Settle(now)
				d = after
				if edge {
					got = append(got, fmt.Sprint(map[bool]string{true: "down ", false: "up "}[down], at.Sub(start)))
				}
			}
			for i, e := range tt.events {
				now := start.Add(e.at)
				d = d.Sample(now, e.down, e.moved)
				settle(now)
				if wait := d.Wait(now); wait > 0 && (i+1 == len(tt.events) || now.Add(wait).Before(start.Add(tt.events[i+1].at))) {
					settle(now.Add(wait))
				}
			}
			if have := strings.Join(got, ", "); have != tt.want {
				t.Errorf("edges are %q, want %q", have, tt.want)
			}
		})
	}
}
