package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"streambox.local/web/swarm"
)

type batch struct {
	T  swarm.Milliseconds `json:"t"`
	In []json.RawMessage  `json:"in"`
}

type answer struct {
	Out      []swarm.Send       `json:"out"`
	Next     swarm.Milliseconds `json:"next"`
	Errors   []refusal          `json:"errors"`
	Snapshot json.RawMessage    `json:"snapshot,omitempty"`
	Stats    *swarm.Stats       `json:"stats,omitempty"`
	Views    []swarm.View       `json:"views,omitempty"`
}

type refusal struct {
	I     int          `json:"i"`
	Peer  swarm.PeerID `json:"peer,omitempty"`
	Error string       `json:"error"`
}

// serve answers batches until there are no more.
func serve(d *swarm.Director, in io.Reader, out io.Writer) error {
	read := json.NewDecoder(bufio.NewReaderSize(in, 1<<16))
	w := bufio.NewWriterSize(out, 1<<16)
	write := json.NewEncoder(w)
	for {
		var b batch
		if err := read.Decode(&b); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read a line: %w", err)
		}
		a := answer{Out: []swarm.Send{}, Errors: []refusal{}}
		for i, raw := range b.In {
			if peer, err := a.add(d, b.T, raw); err != nil {
				a.Errors = append(a.Errors, refusal{i, peer, err.Error()})
			}
		}
		a.Next = swarm.MillisecondsOf(d.Next())
		if err := write.Encode(a); err != nil {
			return fmt.Errorf("write a line: %w", err)
		}
		if err := w.Flush(); err != nil {
			return fmt.Errorf("write a line: %w", err)
		}
	}
}

// add runs one input and puts what comes of it into the answer.
func (a *answer) add(d *swarm.Director, t swarm.Milliseconds, raw json.RawMessage) (swarm.PeerID, error) {
	var asked struct {
		Do string `json:"do"`
	}
	if err := json.Unmarshal(raw, &asked); err != nil {
		return "", fmt.Errorf("read an input: %w", err)
	}
	switch asked.Do {
	case "stats":
		stats := d.Stats()
		a.Stats = &stats
		return "", nil
	case "views":
		a.Views = d.Views()
		return "", nil
	case "snapshot":
		raw, err := d.Snapshot()
		a.Snapshot = raw
		return "", err
	}
	var input swarm.Input
	if err := json.Unmarshal(raw, &input); err != nil {
		return input.Peer, err
	}
	sends, err := d.Apply(t.Duration(), input)
	a.Out = append(a.Out, sends...)
	return input.Peer, err
}
