package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// serveHTTP answers until it is told to stop, then gives running answers a
// moment to end.
func serveHTTP(server *http.Server, listener net.Listener, log *slog.Logger) func(context.Context) error {
	return func(ctx context.Context) error {
		failed := make(chan error, 1)
		go func() { failed <- server.Serve(listener) }()
		select {
		case err := <-failed:
			return fmt.Errorf("answering requests: %w", err)
		case <-ctx.Done():
		}
		moment, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if err := server.Shutdown(moment); err != nil {
			log.Debug("Some answers were cut off", "error", err)
			_ = server.Close()
		}
		if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
			log.Debug("The web server ended with an error", "error", err)
		}
		return nil
	}
}
