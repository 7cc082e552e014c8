package report

import "slices"

// State is what a check found.
type State string

// The states of a check.
const (
	Present State = "present"
	Absent  State = "notOnThisBoard" // not here, and nothing is wrong with that
	Broken  State = "broken"
)

// Check is one thing of this machine.
type Check struct {
	Name   string `json:"name"` // stable: scripts may look for it
	State  State  `json:"state"`
	Detail string `json:"detail"`         // what is there, in a few words
	Mend   string `json:"mend,omitempty"` // the sentence that mends what is broken
}

// AnyBroken tells whether something needs mending.
func AnyBroken(checks []Check) bool {
	return slices.ContainsFunc(checks, func(c Check) bool { return c.State == Broken })
}
