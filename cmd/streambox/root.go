package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// The exit statuses, see doc.go.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// app is the process as the commands see it.
type app struct {
	build          build
	stdout, stderr *terminal
	env            []string // KEY=value
	machine        string   // "": this one; tests give a folder that looks like one to package mount
}

// usageError is a wrong command line.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// errSilent is a failure of which everything has been said already.
var errSilent = errors.New("failed")

// statusError is an exit status with a meaning of its own; everything has been said already.
type statusError int

func (e statusError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// run runs the command line and returns the exit status.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.root() //nolint:contextcheck // cobra hands ctx to the commands
	root.SetArgs(args)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	ran, err := root.ExecuteContextC(ctx)
	usage, isUsage := errors.AsType[*usageError](err)
	status, hasStatus := errors.AsType[statusError](err)
	switch {
	case err == nil:
		return exitOK
	case hasStatus:
		return int(status)
	case isUsage:
		a.stderr.linef("streambox: %s", printable(usage.Error()))
		a.stderr.linef("Help: %s --help", ran.CommandPath())
		return exitUsage
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		a.stderr.linef("Interrupted; nothing half-done was left.")
		return exitInterrupted
	case !errors.Is(err, errSilent):
		a.stderr.linef("streambox: %s", printable(err.Error()))
	}
	return exitFailed
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "streambox",
		Short:         "A stick of videos becomes a cinema for every phone in the room",
		Version:       a.build.Version, // --version, as everybody types it
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs, // so that RunE says which command there is none of
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			text := fmt.Sprintf("there is no command %q", args[0])
			if like := cmd.SuggestionsFor(args[0]); len(like) > 0 {
				text += "; did you mean " + strings.Join(like, " or ") + "?"
			}
			return usagef("%s", text)
		},
	}
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return &usageError{fmt.Errorf("%w (a file whose name begins with - comes after --)", err)}
	})
	root.AddCommand(a.serveCommand(), a.convertCommand(), a.probeCommand(), a.doctorCommand(), a.reportCommand(),
		a.joinCardCommand(), a.serviceCommand(), a.helperCommand(), a.mediaCommand(), a.manualCommand(), a.versionCommand())
	return root
}

// args makes cobra's checks of arguments usage errors.
func args(check cobra.PositionalArgs, sentence string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, given []string) error {
		if err := check(cmd, given); err != nil {
			return usagef("%s", sentence)
		}
		return nil
	}
}
