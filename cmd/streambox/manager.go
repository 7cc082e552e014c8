package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"

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
// phone that comes now would. Any answer of ours will do: that the box has a fault
// is one. It is written by hand because it is the first thing that a box does, and
// then every few seconds: an http.Client is a lot of program for one line.
func answers(ctx context.Context, at netip.AddrPort) error {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", loopback(at))
	if err != nil {
		return fmt.Errorf("connecting to the web server: %w", err)
	}
	defer connection.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err = connection.SetDeadline(deadline); err != nil {
			return fmt.Errorf("asking the web server: %w", err)
		}
	}
	if _, err = io.WriteString(connection, "HEAD /healthz HTTP/1.1\r\nHost: localhost\r\nUser-Agent: streambox-health\r\nConnection: close\r\n\r\n"); err != nil {
		return fmt.Errorf("asking the web server: %w", err)
	}
	answer, err := bufio.NewReader(connection).ReadString('\n')
	if err != nil {
		return fmt.Errorf("reading the web server's answer: %w", err)
	}
	if answer = strings.TrimSpace(answer); answer != "HTTP/1.1 200 OK" && answer != "HTTP/1.1 503 Service Unavailable" {
		return fmt.Errorf("the web server answers its own question with %q", answer)
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
