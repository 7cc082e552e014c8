package swarm

// ProtocolError says that a page did what the protocol forbids. web closes the
// connection with 1008; the reason is for the log and holds nothing of what the
// page sent.
type ProtocolError struct {
	Do     string // open, want, have …
	Reason string // a few words, always one of a fixed set
}

func (e *ProtocolError) Error() string { return "swarm " + e.Do + ": " + e.Reason }

func violation(do, reason string) error { return &ProtocolError{Do: do, Reason: reason} }
