package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"streambox.local/appliance/report"
	"streambox.local/appliance/usb/note"
	"streambox.local/systemd"
	"streambox.local/web"
)

func (a *app) doctorCommand() *cobra.Command {
	var asJSON, state bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look at this machine: what is there, what is missing, how to mend it",
		Args:  args(cobra.NoArgs, "doctor takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			answer := doctorAnswer{Schema: 1, Version: a.build.Version}
			if state {
				checks, figures, err := a.checkState(cmd)
				if err != nil {
					return err
				}
				answer.Checks, answer.State = checks, &figures
			} else {
				s, err := a.commandSettings(cmd)
				if err != nil {
					return err
				}
				answer.Checks = a.doctor(s).Run(cmd.Context())
			}
			return a.say(answer, asJSON)
		},
	}
	settingFlags(cmd, "media", "data", "listen", "reserve")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON for scripts")
	cmd.Flags().BoolVar(&state, "check-state", false, "look at the state of a box that is not running instead: settings, state file, titles, every segment")
	return cmd
}

// doctorAnswer is what doctor --json prints.
type doctorAnswer struct {
	Schema  int            `json:"schema"`
	Version string         `json:"version"`
	Checks  []report.Check `json:"checks"`
	State   *stateFigures  `json:"state,omitempty"`
}

// say prints what was found; what is broken is a failure.
func (a *app) say(answer doctorAnswer, asJSON bool) error {
	if asJSON {
		if err := writeJSON(a.stdout, answer); err != nil {
			return err
		}
	} else {
		printChecks(a.stdout, answer.Checks)
	}
	if report.AnyBroken(answer.Checks) {
		return errSilent
	}
	return nil
}

func (a *app) doctor(s settings) report.Doctor {
	_, hasClient := web.Assets()
	info, running := a.runningBox(s)
	if running && s.from["listen"] == "default" {
		s.Listen = info.Listen // it listens where it could
	}
	var other *report.OtherBox
	if !running {
		other = otherBox(s)
	}
	return report.Doctor{
		Other:   other,
		Version: a.build.Version, DataDir: s.Data, Media: s.Media, SticksDir: sticksDir,
		Listen: s.Listen, HasClient: hasClient, Reserve: s.Reserve.of, LAN: lanAddresses, Units: installedUnits(),
		Sandbox: sandboxChecks,
		Sticks:  notedSticks,
		Box:     func(ctx context.Context) (report.Box, bool) { return askBox(ctx, info), running },
	}
}

// notedSticks are the sticks as the mount helper has left word of them.
func notedSticks() []report.Stick {
	notes, err := note.ReadAll(note.Dir)
	if err != nil {
		return nil // without the helper there are none
	}
	sticks := make([]report.Stick, 0, len(notes))
	for _, n := range notes {
		sticks = append(sticks, report.Stick{
			ID: n.Device, FileSystem: n.FileSystem, State: string(n.State), Reason: string(n.Reason), SizeBytes: n.SizeBytes, Titles: -1,
		})
	}
	return sticks
}

// installedUnits are what makes the box a service, by this program's own files.
func installedUnits() []report.Unit {
	var units []report.Unit
	for _, f := range systemd.Manifest() {
		u := report.Unit{Name: f.Name, Local: f.Target(systemd.Local), Package: f.Target(systemd.Packaged)}
		if f.Kind != systemd.Settings {
			u.Content = f.Content()
		}
		units = append(units, u)
	}
	return units
}

func printChecks(out io.Writer, checks []report.Check) {
	names, states := 0, 0
	for _, c := range checks {
		names, states = max(names, len(c.Name)), max(states, len(stateText(c.State)))
	}
	for _, c := range checks {
		_, _ = fmt.Fprintf(out, "%-*s  %-*s  %s\n", names, c.Name, states, stateText(c.State), printable(c.Detail))
		if c.Mend != "" {
			_, _ = fmt.Fprintf(out, "%*s  → %s\n", names+2+states, "", printable(c.Mend))
		}
	}
}

func stateText(s report.State) string {
	switch s {
	case report.Present:
		return "present"
	case report.Absent:
		return "not on this board"
	case report.Broken:
		return "broken"
	}
	return string(s)
}
