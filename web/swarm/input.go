package swarm

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// Input is one call of the director as a value: what a trace records, and what
// the simulation sends. Exactly the field that belongs to Do is set.
type Input struct {
	Peer    PeerID
	Do      string // join | leave | open | want | have | gone | offer | answer | candidate | role | tick | policy
	Member  *Member
	Open    *Open
	Want    *Want
	Segment Segment // of the want
	Have    *Have
	Gone    *Gone
	Signal  *Signal
	Policy  *Policy
}

// Apply is the method that Do names.
func (d *Director) Apply(now time.Duration, in Input) ([]Send, error) { return d.do(now, in) }

func (d *Director) do(now time.Duration, in Input) ([]Send, error) {
	if d.trace != nil {
		d.trace.before(d)
	}
	d.now = max(d.now, now)
	err := d.apply(&in)
	if err != nil {
		d.counts.Refused++
	}
	out := d.flush()
	if d.trace != nil {
		d.trace.record(d.now, d.Next(), in, out, err)
	}
	return out, err
}

func (d *Director) apply(in *Input) error {
	switch in.Do {
	case "join":
		d.join(in.Peer, *in.Member)
		return nil
	case "leave":
		d.leave(in.Peer)
		return nil
	case "tick":
		d.tick()
		return nil
	case "policy":
		d.setPolicy(*in.Policy)
		return nil
	}
	p := d.pages[in.Peer]
	if p == nil {
		return violation(in.Do, "unknown page")
	}
	if in.Do == "role" { // the box's word, not the page's
		d.setRole(p, in.Member.Role)
		return nil
	}
	d.counts.Messages++
	d.heard(p)
	switch in.Do {
	case "open":
		return d.open(p, in.Open)
	case "want":
		return d.want(p, in.Want, in.Segment)
	case "have":
		return d.have(p, in.Have)
	case "gone":
		return d.gone(p, in.Gone)
	case "offer", "answer", "candidate":
		return d.signal(p, in.Do, in.Signal)
	}
	return violation("message", "unknown type")
}

// wire is an Input as JSON: {"peer","do","m":{…},"segment":{…}}, m being the
// message as it is on the WebSocket, or the member or the policy.
type wire struct {
	Peer    PeerID          `json:"peer,omitempty"`
	Do      string          `json:"do"`
	M       json.RawMessage `json:"m,omitempty"`
	Segment *Segment        `json:"segment,omitempty"`
}

// MarshalJSON is the form of traces and of lines.
func (in Input) MarshalJSON() ([]byte, error) {
	w := wire{Peer: in.Peer, Do: in.Do}
	if m := in.message(); m != nil {
		raw, err := json.Marshal(m)
		if err != nil {
			return nil, fmt.Errorf("write input %s: %w", in.Do, err)
		}
		w.M = raw
	}
	if in.Do == "want" && in.Segment != (Segment{}) {
		w.Segment = &in.Segment
	}
	return json.Marshal(w)
}

func (in *Input) message() any {
	switch in.Do {
	case "join", "role":
		return in.Member
	case "open":
		return in.Open
	case "want":
		return in.Want
	case "have":
		return in.Have
	case "gone":
		return in.Gone
	case "offer", "answer", "candidate":
		return in.Signal
	case "policy":
		return in.Policy
	}
	return nil
}

// UnmarshalJSON refuses what is no input.
func (in *Input) UnmarshalJSON(raw []byte) error {
	var w wire
	if err := json.Unmarshal(raw, &w); err != nil {
		return fmt.Errorf("read input: %w", err)
	}
	*in = Input{Peer: w.Peer, Do: w.Do}
	if w.Segment != nil {
		in.Segment = *w.Segment
	}
	switch in.Do {
	case "join", "role":
		in.Member = &Member{}
	case "open":
		in.Open = &Open{}
	case "want":
		in.Want = &Want{}
	case "have":
		in.Have = &Have{}
	case "gone":
		in.Gone = &Gone{}
	case "offer", "answer", "candidate":
		in.Signal = &Signal{}
	case "policy":
		in.Policy = &Policy{}
	case "leave", "tick":
		return nil
	default:
		return fmt.Errorf("read input: unknown %q", in.Do)
	}
	if len(w.M) == 0 {
		return nil
	}
	if err := json.Unmarshal(w.M, in.message()); err != nil {
		return fmt.Errorf("read input %s: %w", in.Do, err)
	}
	return nil
}

// MarshalJSON writes {"to","type","m":{…}}.
func (s Send) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		To   PeerID `json:"to"`
		Type string `json:"type"`
		M    any    `json:"m"`
	}{s.To, Type(s.Message), s.Message})
}

// Milliseconds since the clock's origin, with fractions, are the time in traces
// and lines; to the nanosecond for the first hundred days.
type Milliseconds float64

// Duration is the time as the director takes it.
func (m Milliseconds) Duration() time.Duration {
	return time.Duration(math.Round(float64(m) * 1e6))
}

// MillisecondsOf is the way back; Never is -1.
func MillisecondsOf(t time.Duration) Milliseconds {
	if t == Never {
		return -1
	}
	return Milliseconds(float64(t) / 1e6)
}
