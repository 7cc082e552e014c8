package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/spf13/cobra"

	"streambox.local/appliance/network/setup"
)

// networkHelperCommand is what streambox-network.service runs as root.
func (a *app) networkHelperCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "network",
		Short: "Make the radio a client or an access point if the service asks for it",
		Args:  args(cobra.NoArgs, "helper network takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, _, err := a.settings(cmd)
			if err != nil {
				return err
			}
			log := slog.New(slog.NewTextHandler(a.stderr, nil))
			h := setup.Helper{
				Root: "/", Owners: serviceUsers(), Allowed: s.Network.Mode == "auto", Log: log,
				Run: func(ctx context.Context, program string, args ...string) error {
					_, runErr := runProgram(ctx, program, args...)
					return runErr
				},
			}
			if err = h.Answer(cmd.Context()); errors.Is(err, setup.ErrNone) {
				log.Info("Nobody asked for another network")
				return nil
			}
			return err
		},
	}
	settingFlags(cmd)
	return cmd
}
