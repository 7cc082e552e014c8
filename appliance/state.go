package appliance

// State is what the box is doing, in the words of GET /api/v1/box; the LED and
// the dot on the page show the same.
type State string

// The states, as the contract of the API names them.
const (
	Starting  State = "starting"
	Ready     State = "ready"
	Working   State = "working"   // reading a stick or converting
	Attention State = "attention" // works, but a person should look at the page
	Fault     State = "fault"     // a part of the box does not run
	Stopping  State = "stopping"
)

// Facts is all that the state follows from.
type Facts struct {
	Stopping  bool
	Failing   int  // parts that do not run (Supervisor.Failing)
	SticksIn  bool // the plugged sticks have been looked for at least once
	Working   bool // a stick is read, a title probed or converted
	Problems  int  // that a person should know of
	Sticks    int  // plugged
	Titles    int  // on all of them
	Listening bool // phones can connect
}

// Decide is pure. What needs a hand comes before what takes its time: a box
// that converts for hours with a full disk shows attention, not working. That
// nothing can be played is only said when nothing is being read any more.
func Decide(f Facts) State {
	switch {
	case f.Stopping:
		return Stopping
	case f.Failing > 0:
		return Fault
	case !f.Listening || !f.SticksIn:
		return Starting
	case f.Problems > 0:
		return Attention
	case f.Working:
		return Working
	case f.Sticks > 0 && f.Titles == 0:
		return Attention
	default:
		return Ready
	}
}
