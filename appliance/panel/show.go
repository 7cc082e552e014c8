package panel

import "time"

// Show is what the LED has to say: the box's state, unless somebody presses the button.
type Show struct {
	State  State
	Phase  Phase
	WasLit bool // whether the LED was lit when this show began
}

// rhythm is for how long the LED is lit, dark, lit, … again and again.
type rhythm []time.Duration

// The rhythms, as base.css has them for the dot on the page.
func (s Show) rhythm() rhythm {
	const beat = 160 * time.Millisecond // 8 % of the two seconds in which flashes come again
	const fast = 125 * time.Millisecond
	switch s.Phase {
	case LetGo:
		return rhythm{fast, fast}
	case Arming, Armed:
		return rhythm{40 * time.Millisecond, 40 * time.Millisecond}
	case Idle, Pressed, Nothing, HeldLong, HeldBoot:
	}
	switch s.State {
	case Working:
		return rhythm{1200 * time.Millisecond, 1200 * time.Millisecond}
	case Attention:
		return rhythm{beat, beat, beat, 2*time.Second - 3*beat}
	case Fault:
		return rhythm{beat, beat, beat, beat, beat, 2*time.Second - 5*beat}
	case Ready:
		return nil
	case Starting, Stopping:
	}
	return rhythm{fast, fast} // also for a state that we do not know: it is not ready
}

// At says whether the LED is lit at a time after the show began, and how long
// that lasts; 0: until there is another show.
func (s Show) At(after time.Duration) (lit bool, lasts time.Duration) {
	switch s.Phase {
	case Pressed:
		return !s.WasLit, 0
	case Nothing:
		return false, 0
	case Idle, LetGo, Arming, Armed, HeldLong, HeldBoot:
	}
	beats := s.rhythm()
	if beats == nil {
		return true, 0
	}
	var period time.Duration
	for _, b := range beats {
		period += b
	}
	after = max(after, 0) % period
	lit = true
	for _, b := range beats {
		if after < b {
			return lit, b - after
		}
		after -= b
		lit = !lit
	}
	return false, 0 // not reached: after is below the sum of the beats
}
