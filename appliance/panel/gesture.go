package panel

import "time"

// How long a press lasts, and what waits for one. See the package's page.
const (
	shortBelow  = time.Second
	shutdownAt  = 3 * time.Second
	shutdownEnd = 8 * time.Second
	forgetAt    = 10 * time.Second
	stuckAt     = 30 * time.Second
	confirmIn   = 5 * time.Second
)

// Phase is where a gesture is, for the LED to show.
type Phase string

// The phases of a gesture.
const (
	Idle     Phase = ""         // nobody presses, or what is down means nothing
	Pressed  Phase = "pressed"  // let go now: a short press
	Nothing  Phase = "nothing"  // let go now: nothing happens
	LetGo    Phase = "letGo"    // let go now: the box shuts down
	Arming   Phase = "arming"   // let go now: "forget settings" waits to be confirmed
	Armed    Phase = "armed"    // it waits
	HeldLong Phase = "heldLong" // stuck: shown like Idle, but worth a warning
	HeldBoot Phase = "heldBoot" // down since we began to look: likewise
)

// Gestures is what is known of the button. The zero value knows nothing yet.
// It is a value: At and Level return what follows and change nothing.
type Gestures struct {
	known      bool      // the level has been seen
	down       bool      // it is pressed
	atBoot     bool      // and was so when it was first seen
	since      time.Time // when it went down
	confirms   bool      // this press began while armed
	armedUntil time.Time // zero: not armed
}

// Level takes the button's level, without bounces, and when it came to be. The
// same level again changes nothing.
func (g Gestures) Level(at time.Time, down bool) (Gestures, []Action) {
	switch {
	case !g.known:
		return Gestures{known: true, down: down, atBoot: down, since: at}, nil
	case down == g.down:
		return g, nil
	case down:
		confirms := !g.armedUntil.IsZero() && !at.After(g.armedUntil)
		return Gestures{known: true, down: true, since: at, confirms: confirms}, nil
	}
	next := Gestures{known: true}
	held := at.Sub(g.since)
	switch {
	case g.atBoot, held >= stuckAt:
	case held >= forgetAt:
		next.armedUntil = at.Add(confirmIn)
	case held >= shutdownEnd:
	case held >= shutdownAt:
		return next, []Action{Shutdown}
	case held >= shortBelow:
	case g.confirms:
		return next, []Action{Forget}
	default:
		return next, []Action{Host, Rescan}
	}
	return next, nil
}

// At says where the gesture is, and for how long if nothing happens; 0: until something does.
func (g Gestures) At(now time.Time) (phase Phase, lasts time.Duration) {
	if !g.down {
		if left := g.armedUntil.Sub(now); !g.armedUntil.IsZero() && left > 0 {
			return Armed, left
		}
		return Idle, 0
	}
	if g.atBoot {
		return HeldBoot, 0
	}
	held := now.Sub(g.since)
	for _, stage := range []struct {
		until time.Duration
		phase Phase
	}{
		{shortBelow, Pressed}, {shutdownAt, Nothing}, {shutdownEnd, LetGo}, {forgetAt, Nothing}, {stuckAt, Arming},
	} {
		if held < stage.until {
			return stage.phase, stage.until - held
		}
	}
	return HeldLong, 0
}
