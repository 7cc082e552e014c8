package swarm

// Trace is filled in below.
type Trace struct{}

func (t *Trace) before(*Director)                       {}
func (t *Trace) record(*Director, Input, []Send, error) {}
