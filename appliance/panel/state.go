package panel

import "time"

// State is what the box is doing, in the words of GET /api/v1/box.
type State string

// The states that the LED can tell apart.
const (
	Starting  State = "starting"
	Ready     State = "ready"
	Working   State = "working"
	Attention State = "attention"
	Fault     State = "fault"
	Stopping  State = "stopping"
)

// Action is what a hand on the button asks for.
type Action string

// The actions.
const (
	Rescan   Action = "rescan"
	Host     Action = "host"     // one page may become host in the next minute
	Shutdown Action = "shutdown" // switch the box off
	Forget   Action = "forget"   // the name that was chosen, the host, places of viewers; never films
)

// Settings are where the parts are. An empty name is a part that is not wanted.
type Settings struct {
	Button    string        // a line: "GPIO3" of a Pi, another line's name, or chip and number like "gpiochip0:5"
	LED       string        // a line as well
	ActiveLow bool          // the LED is lit when its line is low
	NoPull    bool          // the button has a pull-up of its own
	BoardLED  string        // below /sys/class/leds
	Debounce  time.Duration // a level counts after resting for so long
}

// Defaults are the settings of a Pi whose header has nothing but our button and
// LED: the button between pins 5 and 6 (there it also wakes a Pi that was shut
// down), the LED between pin 13 and ground.
func Defaults() Settings {
	return Settings{Button: "GPIO3", LED: "GPIO27", BoardLED: "ACT", Debounce: 20 * time.Millisecond}
}
