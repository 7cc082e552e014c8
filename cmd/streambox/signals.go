package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"streambox.local/appliance/intake"
)

// rescanOnHangup reads the sticks again when the process gets SIGHUP.
func rescanOnHangup(films *intake.Intake, log *slog.Logger) func(context.Context) error {
	return func(ctx context.Context) error {
		hangup := make(chan os.Signal, 1)
		signal.Notify(hangup, syscall.SIGHUP)
		defer signal.Stop(hangup)
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-hangup:
				if err := films.Rescan(); err != nil {
					log.Info("No rescan now", "error", err)
				}
			}
		}
	}
}
