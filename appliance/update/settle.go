package update

import "streambox.local/appliance/update/slots"

// Outcome is what a start means that follows a try.
type Outcome int

// The outcomes.
const (
	OnTrial  Outcome = iota // this is the new system: it must show that it is well
	Kept                    // it has, and the power went before the record did
	Again                   // the old system is back, nobody knows why: one more try
	CameBack                // the old system is back, and stays
)

// Settle is pure: what the record of a try and the slots say together.
func Settle(t Trial, s slots.State) Outcome {
	switch {
	case s.Running == t.Slot && s.OnTrial():
		return OnTrial
	case s.Running == t.Slot:
		return Kept
	case t.Verdict == "" && t.Attempts < attempts && !s.OnTrial():
		return Again
	default: // also when the firmware could not start what had been kept: then what runs is chosen anew
		return CameBack
	}
}
