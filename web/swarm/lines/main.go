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
// "do" is join | leave | open | want | have | gone | offer | answer | candidate | role | tick | policy | snapshot | stats | views;
// "m" is the message as on the WebSocket (messages.go; without "type"), for join
// {"name","p2p":true,"viewer":"cookie","role":"wired|client|accessPoint"}, for role {"role"} and for policy {"mode":"auto|on|off","role":"wired|client|accessPoint"}.
// In "out", "m" is the message as on the WebSocket, "type" config | grant | peers | offer | answer | candidate.
// An input against the protocol does nothing and is told in "errors" as
// {"i":place in the batch,"peer","error"}; the box would close that WebSocket (send a leave).
// snapshot, stats and views (swarm.View) come back under these names, as of their place in the batch.
//
// Flags: -seed of the choices among equals, -p2p auto|on|off, -limits JSON of
// swarm.Limits (durations in nanoseconds), -snapshot FILE to begin with,
// -trace FILE to be written at the end with the last -inputs inputs, and
// -replay FILE to run such a trace and print the first decision that differs
// (exit status 1).
package main

import (
	"encoding/json"
	"errors"
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

var errDiffers = errors.New("the director decides differently from the trace")

func run(args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("lines", flag.ContinueOnError)
	seed := flags.Uint64("seed", 1, "of the choices among equals")
	mode := flags.String("p2p", "on", "auto, on or off")
	limits := flags.String("limits", "{}", "JSON of swarm.Limits, durations in nanoseconds")
	snapshot := flags.String("snapshot", "", "file to begin with")
	trace := flags.String("trace", "", "file to write at the end")
	inputs := flags.Int("inputs", 5000, "that the trace keeps at least")
	replayed := flags.String("replay", "", "trace to run instead of lines")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("read flags: %w", err)
	}
	if *replayed != "" {
		return replay(*replayed, out)
	}
	options := swarm.Options{Policy: swarm.Policy{Mode: *mode}, Random: rand.NewPCG(*seed, 0)}
	if err := json.Unmarshal([]byte(*limits), &options.Limits); err != nil {
		return fmt.Errorf("read -limits: %w", err)
	}
	if *trace != "" {
		options.Trace = swarm.NewTrace(*inputs)
	}
	d := swarm.New(options)
	if *snapshot != "" {
		raw, err := os.ReadFile(*snapshot)
		if err != nil {
			return fmt.Errorf("read the snapshot: %w", err)
		}
		if d, err = swarm.Restore(raw, options.Trace); err != nil {
			return fmt.Errorf("begin with %s: %w", *snapshot, err)
		}
	}
	if err := serve(d, in, out); err != nil {
		return err
	}
	if *trace == "" {
		return nil
	}
	if err := os.WriteFile(*trace, options.Trace.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write the trace: %w", err)
	}
	return nil
}

func replay(name string, out io.Writer) error {
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("open the trace: %w", err)
	}
	defer f.Close()
	inputs, first, err := swarm.Replay(f)
	if err != nil {
		return fmt.Errorf("run %s again: %w", name, err)
	}
	if first != nil {
		fmt.Fprintln(out, first)
		return errDiffers
	}
	fmt.Fprintf(out, "%d inputs, every decision as recorded\n", inputs)
	return nil
}
