package main

import (
	"cmp"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manualCommand prints the manual pages that the package installs. They are
// made of the commands and the table of settings, so they cannot be of another release.
func (a *app) manualCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:    "manual",
		Short:  "Print the manual page of this program, or of its settings, for man",
		Hidden: true,
		Args:   args(cobra.NoArgs, "manual prints the page of the commands; manual settings that of the settings"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.commandsPage(cmd.Root()).writeTo(a.stdout)
		},
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "settings",
		Short: "Print the manual page of the settings file",
		Args:  args(cobra.NoArgs, "manual settings takes no arguments"),
		RunE:  func(*cobra.Command, []string) error { return a.settingsPage().writeTo(a.stdout) },
	})
	return cmd
}

// commandsPage is streambox(1).
func (a *app) commandsPage(root *cobra.Command) *manualPage {
	p := newManualPage(root.Name(), 1, root.Short, a.build, "User Commands")
	p.section("SYNOPSIS")
	p.bold(root.Name() + " COMMAND [FLAGS] [ARGUMENTS]")
	p.section("DESCRIPTION")
	p.paragraph("StreamBox turns a USB stick of videos into a cinema for every phone in the room: plug in a stick, open http://streambox.local on any phone, play. " +
		"It needs no internet, no accounts and no app. Films that phones can play are served as they are; the rest is converted in the background, and can be watched meanwhile.")
	p.paragraph("As a service of this machine (systemd) it is set by /etc/streambox/streambox.toml, and needs none of the commands below.")
	p.section("COMMANDS")
	p.commands(root)
	p.section("EXIT STATUS")
	p.term("0", "Done. Of serve: it was told to stop.")
	p.term("1", "It did not work; of several files: at least one.")
	p.term("2", "Wrong usage.")
	p.term("3, 4", "service status alone: stopped or failed; not installed.")
	p.term("130", "Interrupted by Ctrl-C.")
	p.section("ENVIRONMENT")
	p.term("STREAMBOX_…", "Each setting of the file: its name in capitals, with _ for -. STREAMBOX_NAME=cinema is --name cinema. A flag wins over the environment, and that over the file.")
	p.term("STREAMBOX_CONFIG", "The settings file.")
	p.term("NO_COLOR", "If not empty, no colours.")
	p.section("SIGNALS")
	p.term("SIGHUP", "Of serve: reads the folders and sticks again.")
	p.term("SIGTERM, SIGINT", "Of serve: tells the phones, and ends within five seconds.")
	p.section("FILES")
	p.term(settingsFile, "Settings; see streambox.toml(5).")
	p.term("/var/lib/streambox", "Prepared films and the places in films.")
	p.term(sticksDir, "Where the service mounts sticks, read-only.")
	p.section("SEE ALSO")
	p.paragraph("streambox.toml(5), journalctl(1), ffmpeg(1)")
	return p
}

// commands describes the commands below one, each with those below it.
func (p *manualPage) commands(parent *cobra.Command) {
	for _, cmd := range parent.Commands() {
		if !cmd.IsAvailableCommand() || cmd.Name() == "help" {
			continue
		}
		p.subsection(cmd.UseLine())
		p.paragraph(cmp.Or(cmd.Long, cmd.Short+"."))
		// Help is everywhere; that of completion is long, and its own.
		cmd.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
			if f.Hidden || f.Name == "help" {
				return
			}
			value, usage := pflag.UnquoteUsage(f)
			name := "--" + f.Name
			if f.Shorthand != "" {
				name = "-" + f.Shorthand + ", " + name
			}
			if value != "" {
				name += " " + value
			}
			p.term(name, usage)
		})
		if cmd.Name() != "completion" {
			p.commands(cmd)
		}
	}
}

// settingsPage is streambox.toml(5).
func (a *app) settingsPage() *manualPage {
	p := newManualPage("streambox.toml", 5, "settings of StreamBox", a.build, "File Formats")
	p.section("SYNOPSIS")
	p.paragraph(settingsFile)
	p.section("DESCRIPTION")
	p.paragraph("One setting in a line: its name, an equals sign, and a text in quotes, or a list of texts in brackets where several are allowed (TOML). What follows a # is a comment. " +
		"A line that is wrong is named in the log, and the rest applies; a wrong line of sticks or panel counts as \"off\". After a change: sudo streambox service restart.")
	p.paragraph("The same settings are flags of streambox(1), where they make sense, and variables of the environment.")
	p.section("SETTINGS")
	for _, row := range table() {
		value, usage := pflag.UnquoteUsage(&pflag.Flag{Usage: row.help})
		example := `"` + value + `"`
		if row.list != "" {
			example = "[" + example + ", …]"
		}
		p.term(row.key+" = "+example, usage)
	}
	p.section("EXAMPLE")
	p.verbatim("name = \"cinema\"\nsticks = [\"FILMS\", \"1A2B-3C4D\"]\npanel = \"auto\"\n")
	p.section("SEE ALSO")
	p.paragraph("streambox(1)")
	return p
}

func (p *manualPage) writeTo(w io.Writer) error {
	_, err := io.WriteString(w, p.text.String())
	return err //nolint:wrapcheck // of the terminal
}
