package main

import (
	"context"
	"os"

	"github.com/kardianos/service"
	"github.com/spf13/cobra"

	"streambox.local/systemd"
)

// serviceCommand is how a person makes the program a service and looks after it.
func (a *app) serviceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "service",
		Short: "Install StreamBox as a service of this machine, start it, stop it",
		Long: `Install StreamBox as a service of this machine (systemd), start it, stop it.

Each of these may be repeated: what is done already stays done.
Exit status: 0 done; 1 it did not work; status says 0 running, 3 stopped or failed, 4 not installed.`,
		Args: args(cobra.NoArgs, "say what to do: install, uninstall, start, stop, restart or status"),
		RunE: func(*cobra.Command, []string) error {
			return usagef("say what to do: install, uninstall, start, stop, restart or status")
		},
	}
	var appliance bool
	install := a.serviceStep("install", "Install the service, to start with the machine", func(ctx context.Context, h *serviceHost) error {
		return h.install(ctx, appliance)
	})
	install.Flags().BoolVar(&appliance, "appliance", false,
		"this machine is only a StreamBox: sticks are mounted and the pins are used without asking")
	cmd.AddCommand(
		install,
		a.serviceStep("uninstall", "Stop and remove the service; prepared films and changed settings stay", func(ctx context.Context, h *serviceHost) error {
			return h.uninstall(ctx)
		}),
		a.serviceStep("start", "Start the service and wait until it answers", func(ctx context.Context, h *serviceHost) error {
			return h.start(ctx)
		}),
		a.serviceStep("stop", "Stop the service", func(ctx context.Context, h *serviceHost) error { return h.stop(ctx) }),
		a.serviceStep("restart", "Stop the service if it runs, and start it", func(ctx context.Context, h *serviceHost) error {
			return h.restart(ctx)
		}),
		a.serviceStep("status", "Say how the service is", func(ctx context.Context, h *serviceHost) error { return h.status(ctx) }),
	)
	return cmd
}

func (a *app) serviceStep(name, short string, do func(context.Context, *serviceHost) error) *cobra.Command {
	return &cobra.Command{
		Use:   name,
		Short: short,
		Args:  args(cobra.NoArgs, "service "+name+" takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := a.serviceHost()
			if err != nil {
				return err
			}
			if name != "status" {
				if err := h.mayChange(); err != nil {
					return err
				}
			}
			return do(cmd.Context(), h)
		},
	}
}

// serviceHost is this machine.
func (a *app) serviceHost() (*serviceHost, error) {
	unit, err := service.New(nothing{}, &service.Config{
		Name:   "streambox",
		Option: service.KeyValue{"SystemdScript": string(mainUnit().Content())},
	})
	if err != nil {
		return nil, err //nolint:wrapcheck // says itself which system is not supported
	}
	executable, err := os.Executable()
	if err != nil {
		return nil, err //nolint:wrapcheck // says itself what was asked
	}
	return &serviceHost{
		root: "/", unit: unit, control: unit, run: runProgram, owner: packageOf, account: accountOf,
		euid: os.Geteuid(), executable: executable, search: unitPath(), say: a.stdout.linef,
	}, nil
}

func mainUnit() systemd.File {
	for _, f := range systemd.Manifest() {
		if f.Name == systemd.MainUnit {
			return f
		}
	}
	panic("the manifest has no main unit") // a test of systemd sees to it
}

// nothing is what kardianos/service would run: our program is its own service
// (serve), so that the unit, a terminal and the tests start the same thing.
type nothing struct{}

func (nothing) Start(service.Service) error { return nil }
func (nothing) Stop(service.Service) error  { return nil }
