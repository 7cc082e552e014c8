package swarm

import "time"

// Limits are the director's numbers. The zero value of a field takes the default.
type Limits struct {
	Segments   int // of a rendition: 100,000 of 4 s are 111 hours
	Wants      int // remembered of one page; the oldest makes room
	Leases     int // open of one viewer in one group
	Uploads    int // of one page at once, as the director hands them out
	Named      int // peers in one grant
	Neighbours int // a page calls when it opens; as others call it, it knows twice as many in the mean
	Pairs      int // introductions of one page, with those made for one grant
	Absent     int // viewers without a page that are remembered

	Due       time.Duration // a want needed sooner is not kept waiting
	Doubt     time.Duration // a want needed sooner is not sent to a page that is not known to give
	Connect   time.Duration // from introduction to an open DataChannel, at worst on a quiet LAN
	LeaseMin  time.Duration
	LeaseMax  time.Duration
	Expected  time.Duration // of one segment from the box, before anything is measured
	Turn      time.Duration // how long a lease is offered to those who did less
	Retry     time.Duration // when all holders are busy
	Silent    time.Duration // without a message: not counted on any more
	Penalty   time.Duration
	Shun      time.Duration // a peer that did not deliver is not named again to the same page
	Busy      time.Duration // … nor so soon again, when its slots were full: its next have tells how many
	Copies    time.Duration // between two of its messages
	Retention time.Duration // between two looks at who keeps what
	LookAhead time.Duration
	InStep    time.Duration // playheads so close take each other's turn
}

// defaults: 30 s of silence, 5 minutes, 5 peers, 2 leases, 4 uploads, twice the
// expected time between 1.5 and 15 s are the contract's (see doc.go); the rest
// is chosen so that a wait ends well before a 4 s segment has played.
func (l Limits) withDefaults() Limits {
	or(&l.Segments, 100_000)
	or(&l.Wants, 16)
	or(&l.Leases, 2)
	or(&l.Uploads, 4)
	or(&l.Named, 5)
	or(&l.Neighbours, 4)
	or(&l.Pairs, 12)
	or(&l.Absent, 1000)
	or(&l.Due, 600*time.Millisecond)
	or(&l.Doubt, 5*time.Second)
	or(&l.Connect, 1200*time.Millisecond)
	or(&l.LeaseMin, 1500*time.Millisecond)
	or(&l.LeaseMax, 15*time.Second)
	or(&l.Expected, time.Second)
	or(&l.Turn, 700*time.Millisecond)
	or(&l.Retry, 500*time.Millisecond)
	or(&l.Silent, 30*time.Second)
	or(&l.Penalty, 5*time.Minute)
	or(&l.Shun, 10*time.Second)
	or(&l.Busy, 300*time.Millisecond)
	or(&l.Copies, 2*time.Second)
	or(&l.Retention, 5*time.Second)
	or(&l.LookAhead, 30*time.Second)
	or(&l.InStep, 20*time.Second)
	return l
}

func or[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}
