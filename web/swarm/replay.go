package swarm

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Difference is the first place where a director that runs a trace again does
// something else than the one that recorded it.
type Difference struct {
	Line     int // of the trace, from 1
	T        Milliseconds
	Input    string // JSON
	Recorded string // what it sent then
	Replayed string // what it sends now
}

func (f *Difference) String() string {
	return fmt.Sprintf("line %d, %.3f ms\ninput:    %s\nrecorded: %s\nreplayed: %s",
		f.Line, float64(f.T), f.Input, f.Recorded, f.Replayed)
}

// Replay runs a trace through a director made from its first snapshot. It gives
// the number of inputs that were run, and the first difference, nil if there is none.
func Replay(r io.Reader) (inputs int, first *Difference, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<30)
	var d *Director
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var line struct {
			tracedInput
			Snapshot json.RawMessage `json:"snapshot"`
		}
		if err = json.Unmarshal(lines.Bytes(), &line); err != nil {
			return inputs, nil, fmt.Errorf("read line %d of the trace: %w", n, err)
		}
		switch {
		case len(line.Snapshot) == 0 && d == nil:
			return inputs, nil, errors.New("read the trace: it does not begin with a snapshot")
		case len(line.Snapshot) == 0:
			inputs++
			first, err = d.again(&line.tracedInput)
		case d == nil:
			d, err = Restore(line.Snapshot, nil)
		default:
			first, err = d.compare(line.Snapshot)
		}
		if err != nil {
			return inputs, nil, fmt.Errorf("replay line %d: %w", n, err)
		}
		if first != nil {
			first.Line, first.T = n, line.T
			return inputs, first, nil
		}
	}
	if err := lines.Err(); err != nil {
		return inputs, nil, fmt.Errorf("read the trace: %w", err)
	}
	return inputs, nil, nil
}

func (d *Director) again(line *tracedInput) (*Difference, error) {
	out, failed := d.Apply(line.T.Duration(), line.In)
	raw, err := writeSends(out)
	if err != nil {
		return nil, fmt.Errorf("write what is sent: %w", err)
	}
	words := ""
	if failed != nil {
		words = failed.Error()
	}
	next := MillisecondsOf(d.Next())
	if bytes.Equal(raw, line.Out) && words == line.Error && next == line.Next {
		return nil, nil //nolint:nilnil // no difference and no error
	}
	in, err := json.Marshal(line.In)
	if err != nil {
		return nil, fmt.Errorf("write the input: %w", err)
	}
	return &Difference{
		Input:    string(in),
		Recorded: fmt.Sprintf("%s error %q next %.3f", line.Out, line.Error, float64(line.Next)),
		Replayed: fmt.Sprintf("%s error %q next %.3f", raw, words, float64(next)),
	}, nil
}

func (d *Director) compare(snapshot []byte) (*Difference, error) {
	raw, err := d.Snapshot()
	if err != nil || bytes.Equal(raw, snapshot) {
		return nil, err
	}
	i := 0
	for i < min(len(raw), len(snapshot)) && raw[i] == snapshot[i] {
		i++
	}
	return &Difference{Input: "(state at a snapshot)", Recorded: around(snapshot, i), Replayed: around(raw, i)}, nil
}

// around is what stands at a place of a long line.
func around(raw []byte, i int) string {
	return fmt.Sprintf("… %s …", raw[min(len(raw), max(0, i-200)):min(len(raw), i+100)])
}
