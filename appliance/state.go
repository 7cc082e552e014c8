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

// Facts is all that state and words follow from.
type Facts struct {
	Stopping  bool
	Failing   []string // parts that do not run (Supervisor.Failing)
	SticksIn  bool     // the plugged sticks have been looked for at least once
	Listening bool     // phones can connect
	Reading   bool     // a stick is being read
	Working   bool     // a stick is read, a title probed or converted
	Problems  []string // that a person should know of, as sentences
	Sticks    int      // plugged
	Playable  int      // titles of theirs that phones can play now

	// For the words alone.
	Viewers int    // phones that have a title open
	URL     string // the best one; "": none yet
	Note    string // what is different from what somebody may expect, and no problem; "" none
}

// Decide is pure. What needs a hand comes before what takes its time: a box
// that converts for hours with a full disk shows attention, not working. That
// nothing can be played is only said when nothing is being read any more.
func Decide(f Facts) State {
	switch {
	case f.Stopping:
		return Stopping
	case len(f.Failing) > 0:
		return Fault
	case !f.Listening || !f.SticksIn:
		return Starting
	case len(f.Problems) > 0:
		return Attention
	case f.Working || f.Reading:
		return Working
	case f.Sticks > 0 && f.Playable == 0:
		return Attention
	default:
		return Ready
	}
}
