package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"

	"streambox.local/appliance/notify"
	"streambox.local/appliance/report"
)

// serviceManager is systemd, where it started us: it learns when phones can
// connect, how the box is, and that it lives.
func (a *app) serviceManager(state *box, supervisor func(context.Context) error, log *slog.Logger) *notify.Notifier {
	send, watchdog, err := notify.Systemd(a.getenv)
	if err != nil {
		log.Warn("There will be no signs of life for systemd", "error", err)
	}
	return notify.New(notify.Config{
		Send: send, Watchdog: watchdog, Words: state.Words, Changed: state.changed(), Log: log,
		Healthy: func(ctx context.Context) error {
			if err := supervisor(ctx); err != nil {
				return fmt.Errorf("the supervisor does not turn: %w", err)
			}
			state.facts() // takes the locks that all pages need
			return answers(ctx, state.listening)
		},
	})
}

// answers asks the web server something over a connection of its own, as a
// phone that comes now would. Any answer will do: that the box has a fault is one.
func answers(ctx context.Context, at netip.AddrPort) error {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+loopback(at)+"/healthz", nil)
	if err != nil {
		return fmt.Errorf("asking the web server: %w", err)
	}
	request.Header.Set("User-Agent", "streambox/health")
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("asking the web server: %w", err)
	}
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<10))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return fmt.Errorf("reading the web server's answer: %w", err)
	}
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusServiceUnavailable {
		return fmt.Errorf("the web server answers its own question with %s", response.Status)
	}
	return nil
}

// loopback is where this machine itself reaches a listener.
func loopback(at netip.AddrPort) string {
	host := at.Addr().Unmap()
	if !host.IsValid() || host.IsUnspecified() {
		host = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return net.JoinHostPort(host.String(), strconv.Itoa(int(at.Port())))
}

func watchdogPart(n *notify.Notifier) func() report.Check {
	return func() report.Check {
		c := report.Check{Name: "watchdog", State: report.Present, Detail: "systemd hears signs of life"}
		switch managed, watched, well := n.Health(); {
		case !managed:
			c.State, c.Detail = report.Absent, "not needed: systemd did not start this box"
		case !watched:
			c.State, c.Detail = report.Absent, "systemd started this box and asks for no signs of life"
		case !well:
			c.State, c.Detail = report.Broken, "the box does not answer itself"
			c.Mend = "systemd restarts it by itself; see the log"
		}
		return c
	}
}
