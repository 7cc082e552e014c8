package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"streambox.local/transcode"
)

// probed is one file in the answer of probe --json (schema 1).
type probed struct {
	File   string            `json:"file"`
	Rung   transcode.Rung    `json:"rung,omitempty"` // for devices of all kinds
	Reason *transcode.Reason `json:"reason,omitempty"`
	// Modern is how it plays on devices that play its picture in HEVC, VP9 or AV1;
	// nil: there as on all others.
	Modern *transcode.Plan  `json:"modern,omitempty"`
	Media  *transcode.Media `json:"media,omitempty"`
	Error  string           `json:"error,omitempty"` // it could not be looked at
}

func (a *app) probeCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "probe FILE…",
		Short: "Say what a film is, how much work it needs, and why",
		Args:  args(cobra.MinimumNArgs(1), "probe needs the name of at least one film"),
		RunE: func(cmd *cobra.Command, files []string) error {
			s, err := a.commandSettings(cmd)
			if err != nil {
				return err
			}
			tools, _, err := a.openTools(s)
			if err != nil {
				return err
			}
			return a.probe(cmd.Context(), tools, files, asJSON)
		},
	}
	settingFlags(cmd, "log-level", "log-format")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON for scripts")
	return cmd
}

func (a *app) probe(ctx context.Context, tools mediaTools, files []string, asJSON bool) error {
	answers := make([]probed, 0, len(files))
	failed := false
	for i, file := range files {
		p := probeFile(ctx, tools, file)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		failed = failed || p.Error != ""
		answers = append(answers, p)
		if !asJSON {
			if i > 0 {
				a.stdout.linef("")
			}
			describe(a.stdout, p)
		}
	}
	if asJSON {
		if err := writeJSON(a.stdout, struct {
			Schema int      `json:"schema"`
			Files  []probed `json:"files"`
		}{1, answers}); err != nil {
			return err
		}
	}
	if failed {
		return errSilent
	}
	return nil
}

// probeFile looks at one file. That it cannot be played is an answer; that it
// could not be looked at is an error. An empty file is the former, as on the page.
func probeFile(ctx context.Context, tools mediaTools, file string) probed {
	p := probed{File: file}
	if err := checkInput(file); err != nil && !errors.Is(err, errEmpty) {
		p.Error = err.Error()
		return p
	}
	media, err := tools.Probe(ctx, film(file))
	if refusal, ok := errors.AsType[*transcode.Refusal](err); ok {
		p.Rung, p.Reason = transcode.None, &refusal.Reason
		return p
	}
	if err != nil {
		p.Error = sentence(err)
		return p
	}
	machine, err := tools.Machine(ctx) // asked once
	if err != nil {
		p.Error = "ffmpeg does not say what it can do: " + sentence(err)
		return p
	}
	plan := transcode.Decide(media, machine)
	p.Rung, p.Reason, p.Media = plan.Rung, &plan.Reason, &media
	if modern, ok := transcode.Modern(media, machine); ok {
		p.Modern = &modern
	}
	return p
}

func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	return nil
}

// describe prints the table a person reads.
func describe(out io.Writer, p probed) {
	line := func(name, text string) { _, _ = fmt.Fprintf(out, "  %-11s  %s\n", name, printable(text)) }
	_, _ = fmt.Fprintln(out, printable(p.File))
	if p.Error != "" {
		line("error", p.Error)
		return
	}
	if m := p.Media; m != nil {
		line("container", containerText(*m))
		if m.Video != nil {
			line("video", videoText(*m.Video))
		}
		for i, s := range m.Audio {
			line(numbered("sound", i, len(m.Audio)), audioText(s))
		}
		for i, s := range m.Subtitles {
			line(numbered("subtitles", i, len(m.Subtitles)), subtitleText(s))
		}
	}
	if p.Modern != nil {
		line("rung", string(p.Modern.Rung)+" where the device plays such a picture: "+rungText(p.Modern.Rung))
		line("", string(p.Rung)+" for others: "+rungText(p.Rung)+when(p.Rung == transcode.Convert, " when one of them opens it"))
	} else {
		line("rung", string(p.Rung)+": "+rungText(p.Rung))
	}
	if p.Reason != nil && p.Reason.Text != "" && p.Reason.Text != rungText(p.Rung) {
		line("why", p.Reason.Text)
	}
}

func rungText(r transcode.Rung) string {
	switch r {
	case transcode.Direct:
		return "plays as it is"
	case transcode.AudioOnly:
		return "only the sound is converted"
	case transcode.Convert:
		return "is converted"
	case transcode.None:
		return "cannot be played"
	}
	return "unknown"
}

func numbered(name string, i, of int) string {
	if of < 2 {
		return name
	}
	return fmt.Sprintf("%s %d", name, i+1)
}

// list joins what there is to say.
func list(parts ...string) string {
	var said []string
	for _, p := range parts {
		if p != "" {
			said = append(said, p)
		}
	}
	return strings.Join(said, ", ")
}
