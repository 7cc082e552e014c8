package swarm

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"
)

// Trace keeps the last inputs of a director and what came of them, so that what
// went wrong in a room can be run again at a desk. It is a few parts that each
// begin with a snapshot; the oldest part is dropped whole.
type Trace struct {
	inputs int // in one part
	parts  [][]byte
	lines  int // in the last part
}

const (
	traceParts     = 5
	tracePartBytes = 4 << 20 // a flood of long messages ends a part early
)

// NewTrace makes one that keeps at least so many inputs, and a quarter more.
func NewTrace(inputs int) *Trace { return &Trace{inputs: max(1, inputs/(traceParts-1))} }

// tracedSnapshot and tracedInput are the two kinds of lines.
type tracedSnapshot struct {
	T        Milliseconds    `json:"t"`
	Snapshot json.RawMessage `json:"snapshot"`
}

type tracedInput struct {
	T     Milliseconds    `json:"t"`
	In    Input           `json:"in"`
	Out   json.RawMessage `json:"out"`
	Error string          `json:"error,omitempty"`
	Next  Milliseconds    `json:"next"`
}

// before begins a part when it is time.
func (t *Trace) before(d *Director) {
	last := len(t.parts) - 1
	if last >= 0 && t.lines < t.inputs && len(t.parts[last]) < tracePartBytes {
		return
	}
	raw, err := d.Snapshot()
	if err != nil {
		return // an input that cannot be recorded is no reason to fail it
	}
	if len(t.parts) == traceParts {
		t.parts = slices.Delete(t.parts, 0, 1)
	}
	t.parts, t.lines = append(t.parts, nil), 0
	t.write(tracedSnapshot{MillisecondsOf(d.now), raw})
}

func (t *Trace) record(now time.Duration, next time.Duration, in Input, out []Send, failed error) {
	raw, err := writeSends(out)
	if err != nil {
		return
	}
	line := tracedInput{T: MillisecondsOf(now), In: in, Out: raw, Next: MillisecondsOf(next)}
	if failed != nil {
		line.Error = failed.Error()
	}
	t.lines++
	t.write(line)
}

func (t *Trace) write(line any) {
	raw, err := json.Marshal(line)
	if err != nil || len(t.parts) == 0 {
		return
	}
	last := len(t.parts) - 1
	t.parts[last] = append(append(t.parts[last], raw...), '\n')
}

// Bytes is all of it as JSON lines, beginning with a snapshot.
func (t *Trace) Bytes() []byte { return bytes.Join(t.parts, nil) }

func writeSends(out []Send) (json.RawMessage, error) {
	if out == nil {
		out = []Send{}
	}
	return json.Marshal(out)
}
