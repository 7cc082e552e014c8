package panel

import (
	"slices"
	"testing"
	"time"
)

// press is one press of a table: when it begins, and how long it lasts.
type press struct{ at, held time.Duration }

func TestGestures(t *testing.T) {
	const s = time.Second
	for _, tt := range []struct {
		sentence string
		atBoot   time.Duration // for how long it is down from the beginning
		presses  []press
		want     []Action
	}{
		{"a short press opens the minute for a host and reads the sticks again", 0, []press{{s, 200 * time.Millisecond}}, []Action{Host, Rescan}},
		{"as short as a contact rests", 0, []press{{s, time.Millisecond}}, []Action{Host, Rescan}},
		{"just below a second is short", 0, []press{{s, s - 1}}, []Action{Host, Rescan}},
		{"a second is no short press any more", 0, []press{{s, s}}, nil},
		{"just below three seconds does nothing", 0, []press{{s, 3*s - 1}}, nil},
		{"three seconds shut down", 0, []press{{s, 3 * s}}, []Action{Shutdown}},
		{"just below eight seconds shut down", 0, []press{{s, 8*s - 1}}, []Action{Shutdown}},
		{"eight seconds do nothing", 0, []press{{s, 8 * s}}, nil},
		{"just below ten seconds do nothing", 0, []press{{s, 10*s - 1}}, nil},
		{"ten seconds alone forget nothing", 0, []press{{s, 10 * s}}, nil},
		{"ten seconds and a press within five forget", 0, []press{{s, 10 * s}, {4 * s, 100 * time.Millisecond}}, []Action{Forget}},
		{"the press may end after the five seconds", 0, []press{{s, 10 * s}, {5 * s, 900 * time.Millisecond}}, []Action{Forget}},
		{"after five seconds a press is a press", 0, []press{{s, 10 * s}, {5*s + 1, 100 * time.Millisecond}}, []Action{Host, Rescan}},
		{"a longer press does not confirm, and disarms", 0, []press{{s, 10 * s}, {s, 2 * s}, {s, 100 * time.Millisecond}}, []Action{Host, Rescan}},
		{"shutting down is possible while armed, and forgets nothing", 0, []press{{s, 10 * s}, {s, 4 * s}, {s, 100 * time.Millisecond}}, []Action{Shutdown, Host, Rescan}},
		{"once confirmed it is over", 0, []press{{s, 12 * s}, {s, 100 * time.Millisecond}, {s, 100 * time.Millisecond}}, []Action{Forget, Host, Rescan}},
		{"ten seconds twice arm twice", 0, []press{{s, 10 * s}, {s, 11 * s}, {s, s / 2}}, []Action{Forget}},
		{"half a minute is no gesture: something lies on it", 0, []press{{s, 30 * s}, {s, s / 2}}, []Action{Host, Rescan}},
		{"held for a moment at boot means nothing", s / 2, nil, nil},
		{"held for four seconds at boot does not shut down", 4 * s, nil, nil},
		{"held for eleven seconds at boot arms nothing", 11 * s, []press{{s, s / 2}}, []Action{Host, Rescan}},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			now := time.Unix(1000, 0)
			var g Gestures
			var got, actions []Action
			level := func(down bool) {
				g, actions = g.Level(now, down)
				got = append(got, actions...)
				if again, more := g.Level(now.Add(1), down); again != g || more != nil {
					t.Errorf("the same level again changes %+v to %+v", g, again)
				}
			}
			level(tt.atBoot > 0)
			now = now.Add(tt.atBoot)
			level(false)
			for _, p := range tt.presses {
				now = now.Add(p.at)
				level(true)
				now = now.Add(p.held)
				level(false)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("actions are %q, want %q", got, tt.want)
			}
		})
	}
}

// At each phase says itself when the next one begins.
func TestGesturePhases(t *testing.T) {
	type stage struct {
		phase Phase
		lasts time.Duration
	}
	start := time.Unix(1000, 0)
	follow := func(g Gestures, now time.Time) (stages []stage) {
		for {
			phase, lasts := g.At(now)
			stages = append(stages, stage{phase, lasts})
			if lasts == 0 {
				return stages
			}
			now = now.Add(lasts)
		}
	}
	var g Gestures
	if got := follow(g, start); !slices.Equal(got, []stage{{Idle, 0}}) {
		t.Errorf("before anything is known: %v", got)
	}
	held, _ := g.Level(start, true)
	if got := follow(held, start.Add(time.Hour)); !slices.Equal(got, []stage{{HeldBoot, 0}}) {
		t.Errorf("held from the beginning: %v", got)
	}
	g, _ = g.Level(start, false)
	g, _ = g.Level(start, true)
	want := []stage{
		{Pressed, time.Second},
		{Nothing, 2 * time.Second},
		{LetGo, 5 * time.Second},
		{Nothing, 2 * time.Second},
		{Arming, 20 * time.Second},
		{HeldLong, 0},
	}
	if got := follow(g, start); !slices.Equal(got, want) {
		t.Errorf("a long press: %v", got)
	}
	g, _ = g.Level(start.Add(10*time.Second), false)
	if got := follow(g, start.Add(11*time.Second)); !slices.Equal(got, []stage{{Armed, 4 * time.Second}, {Idle, 0}}) {
		t.Errorf("after ten seconds: %v", got)
	}
}
