// Command lines drives the swarm's director by JSON lines, for the simulation
// and for replaying traces. One line in is one batch, one line out its answer:
//
//	{"t":1500,"in":[{"peer":"a","do":"want","m":{"id":1,"n":7,"in":12000},"segment":{"sha256":"…","bytes":1500000}}]}
//	{"out":[{"to":"a","type":"grant","m":{"id":1,"n":7,"how":"http","ms":2000,…}}],"next":2300,"errors":[]}
//
// t is the time in milliseconds (fractions are allowed) and never goes back.
// next is when a batch with {"do":"tick"} is due at the latest, -1 for never;
// any earlier batch is welcome. Inputs of a batch happen at t, in their order.
//
// "do" is join | leave | open | want | have | gone | offer | answer | candidate | tick | policy | snapshot | stats;
// "m" is the message as on the WebSocket (messages.go; without "type"), for join
// {"name","p2p":true,"viewer":"cookie"} and for policy {"mode":"auto|on|off","role":"wired|client|accessPoint"}.
// In "out", "m" is the message as on the WebSocket, "type" config | grant | peers | offer | answer | candidate.
// An input against the protocol does nothing and is told in "errors" as
// {"i":place in the batch,"peer","error"}; the box would close that WebSocket (send a leave).
// A snapshot comes back as "snapshot", stats as "stats".
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"

	"streambox.local/web/swarm"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "lines:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("lines", flag.ContinueOnError)
	seed := flags.Uint64("seed", 1, "of the choices among equals")
	mode := flags.String("p2p", "on", "auto, on or off")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("read flags: %w", err)
	}
	d := swarm.New(swarm.Options{Policy: swarm.Policy{Mode: *mode}, Random: rand.NewPCG(*seed, 0)})
	return serve(d, in, out)
}

type batch struct {
	T  swarm.Milliseconds `json:"t"`
	In []json.RawMessage  `json:"in"`
}

type answer struct {
	Out    []swarm.Send       `json:"out"`
	Next   swarm.Milliseconds `json:"next"`
	Errors []refusal          `json:"errors"`
}

type refusal struct {
	I     int          `json:"i"`
	Peer  swarm.PeerID `json:"peer,omitempty"`
	Error string       `json:"error"`
}

func serve(d *swarm.Director, in io.Reader, out io.Writer) error {
	r := bufio.NewReaderSize(in, 1<<16)
	w := bufio.NewWriterSize(out, 1<<16)
	write := json.NewEncoder(w)
	read := json.NewDecoder(r)
	for {
		var b batch
		if err := read.Decode(&b); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("read a line: %w", err)
		}
		a := answer{Out: []swarm.Send{}, Errors: []refusal{}}
		for i, raw := range b.In {
			var input swarm.Input
			err := json.Unmarshal(raw, &input)
			if err == nil {
				var sends []swarm.Send
				sends, err = d.Apply(b.T.Duration(), input)
				a.Out = append(a.Out, sends...)
			}
			if err != nil {
				a.Errors = append(a.Errors, refusal{i, input.Peer, err.Error()})
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
