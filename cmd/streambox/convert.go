package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"streambox.local/transcode"
)

type convertOptions struct {
	out     string
	segment string
}

func (a *app) convertCommand() *cobra.Command {
	var o convertOptions
	cmd := &cobra.Command{
		Use:   "convert FILE…",
		Short: "Make films ready beforehand: folders to copy to a stick",
		Long: "Each FILE becomes a folder DIR/<name> with index.m3u8, the segments, their hashes and a picture.\n" +
			"On a stick such a folder is one title, and plays at once on the smallest box.\n" +
			"It has the film's default sound; further sound tracks, subtitles and chapters only the film itself has.\n" +
			"Nothing is overwritten: where <name> is taken, <name>-2 is made.",
		Args: args(cobra.MinimumNArgs(1), "convert needs the name of at least one film"),
		RunE: func(cmd *cobra.Command, files []string) error {
			segment, err := parseTime(o.segment)
			if err == nil && (segment < time.Second || segment > 10*time.Second) {
				err = fmt.Errorf("%s is out of range; choose between 1s and 10s", o.segment)
			}
			if err != nil {
				return usagef("--segment: %w", err)
			}
			s, err := a.commandSettings(cmd)
			if err != nil {
				return err
			}
			return a.convert(cmd.Context(), s, o.out, segment, files)
		},
	}
	settingFlags(cmd, "log-level", "log-format")
	cmd.Flags().StringVarP(&o.out, "out", "o", ".", "`DIR` in which the folders are made")
	cmd.Flags().StringVar(&o.segment, "segment", "4s", "`LENGTH` that segments have at least, 1s to 10s")
	_ = cmd.MarkFlagDirname("out") // the flag is there: made just above
	return cmd
}

// commandSettings are the settings of a command that ends by itself; what is
// wrong in them is said on standard error.
func (a *app) commandSettings(cmd *cobra.Command) (settings, error) {
	s, warnings, err := a.settings(cmd)
	if err != nil {
		return s, err
	}
	for _, w := range warnings {
		a.stderr.linef("streambox: %s", printable(w))
	}
	return s, nil
}

// convert makes all files, one after the other; one that fails does not stop the others.
func (a *app) convert(ctx context.Context, s settings, out string, segment time.Duration, files []string) error {
	tools, log, err := a.openTools(s)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil { //nolint:gosec // films to copy are no secrets
		return fmt.Errorf("the folder %s cannot be made: %s", out, cause(err))
	}
	sweep(out)
	c := conversion{tools: tools, out: out, segment: segment, log: log}
	failed := 0
	for i, file := range files {
		bar := newProgress(a.stderr, file, i+1, len(files))
		result, err := c.file(ctx, file, bar.update)
		bar.clear()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			failed++
			log.Error("Converting failed", "file", file, "error", err)
			a.stderr.linef("%s: %s", printable(file), printable(sentence(err)))
		default:
			a.stdout.linef("%s", printable(result.String()))
		}
	}
	if failed > 0 {
		if len(files) > 1 {
			a.stderr.linef("%d of %d files could not be converted", failed, len(files))
		}
		return errSilent
	}
	return nil
}

// made is what became of a file.
type made struct {
	file, dir string
	taken     bool // the name it should have had was taken
	rung      transcode.Rung
	segments  int
	left      string // what of the film is not in the folder
	warning   string // what is wrong with it all the same
}

func (m made) String() string {
	text := fmt.Sprintf("%s → %s (%d segments", m.file, m.dir, m.segments)
	switch m.rung {
	case transcode.Direct:
		text += ", nothing re-encoded"
	case transcode.AudioOnly:
		text += ", sound converted"
	case transcode.Convert, transcode.None:
		text += ", converted"
	}
	if m.taken {
		text += "; the name without number is taken"
	}
	text += ")"
	if m.left != "" {
		text += "; not in the folder: " + m.left + " (the box offers them when it has the film itself)"
	}
	if m.warning != "" {
		text += ": " + m.warning
	}
	return text
}
