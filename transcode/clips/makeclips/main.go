// Command makeclips writes a set of test videos and a table of what to expect
// of each (expect.json) into a folder.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"

	"streambox.local/transcode/clips"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "makeclips:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has been called
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("makeclips", flag.ContinueOnError)
	out := flags.String("out", "", "the `folder` to write into; it is made when missing")
	set := flags.String("set", "twelve", "one of "+strings.Join(clips.SetNames(), ", "))
	only := flags.String("only", "", "`names` of single clips of the set, with commas between; all when empty")
	seconds := flags.Int("seconds", 0, "length of each clip; 0 is the usual length of the set")
	quiet := flags.Bool("quiet", false, "say nothing but errors")
	if err := flags.Parse(args); err != nil {
		return err
	}
	all := clips.Set(*set, *seconds)
	if *only != "" {
		names := strings.Split(*only, ",")
		all = slices.DeleteFunc(all, func(c clips.Clip) bool { return !slices.Contains(names, c.Name) })
	}
	if len(all) == 0 {
		return fmt.Errorf("%w: set %q, names %q", clips.ErrUnknownClip, *set, *only)
	}
	if *out == "" {
		return fmt.Errorf("say where to write: -out DIR")
	}
	if err := os.MkdirAll(*out, 0o755); err != nil { //nolint:gosec // media are for everybody to read
		return err
	}
	said := func(c clips.Clip) {
		if !*quiet {
			fmt.Fprintf(os.Stdout, "made %q\n", c.FileName)
		}
	}
	return clips.Write(*out, all, func(missing []clips.Clip) error {
		return clips.MakeAll(ctx, *out, missing, said)
	})
}
