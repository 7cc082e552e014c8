package mdns

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"streambox.local/web/room/netnstest"
)

// avahi is an avahi-daemon with a D-Bus of its own.
type avahi struct {
	t      testing.TB
	n      *netnstest.Namespace
	env    []string
	daemon *process
}

const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=%s</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy>
</busconfig>`

// needAvahi skips the test where there is none, or fails it when STREAMBOX_STRICT is 1.
func needAvahi(tb testing.TB) {
	tb.Helper()
	needPackets(tb)
	for tool, deb := range map[string]string{"avahi-daemon": "avahi-daemon", "avahi-resolve": "avahi-utils", "dbus-daemon": "dbus", "unshare": "util-linux"} {
		if _, err := exec.LookPath(tool); err == nil {
			continue
		}
		if os.Getenv("STREAMBOX_STRICT") == "1" {
			tb.Fatalf("%s is missing", tool)
		}
		tb.Skipf("not run here: %s is missing (apt-get install %s)", tool, deb)
	}
}

// startAvahi gives a namespace an avahi-daemon that asks for a host name.
func startAvahi(tb testing.TB, n *netnstest.Namespace, hostName string) *avahi {
	tb.Helper()
	dir, err := os.MkdirTemp("", "avahi") //nolint:usetesting // short: a socket's path may have 107 bytes
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
		return path
	}
	socket := filepath.Join(dir, "bus")
	bus := write("bus.conf", fmt.Sprintf(busConfig, socket))
	conf := write("avahi.conf", "[server]\nhost-name="+hostName+"\nuse-ipv6=yes\nenable-dbus=yes\nratelimit-interval-usec=0\n"+
		"[publish]\npublish-hinfo=no\npublish-workstation=no\n[rlimits]\n")
	a := &avahi{t: tb, n: n, env: []string{"DBUS_SYSTEM_BUS_ADDRESS=unix:path=" + socket}}
	start(tb, n, nil, "dbus-daemon", "--config-file="+bus, "--nofork", "--nopidfile")
	eventually(tb, "the bus is there", func() error { _, err := os.Stat(socket); return err })
	// Its own /run: the path of its PID file is fixed, and another may run on this machine.
	a.daemon = start(tb, n, a.env, "unshare", "--mount", "--propagation", "private", "sh", "-c",
		"mount -t tmpfs none /run && exec avahi-daemon --no-drop-root --no-chroot --no-rlimits --file "+conf)
	a.daemon.says("Server startup complete")
	return a
}

// run is one of avahi-utils, which do not end by themselves where nobody answers.
func (a *avahi) run(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(a.t.Context(), 6*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), a.env...)
	var out []byte
	var err error
	a.n.Do(func() { out, err = cmd.CombinedOutput() })
	if err != nil {
		return string(out), fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// resolve is nil when the name stands for the address.
func (a *avahi) resolve(name, address string) error {
	how := "-4"
	if strings.Contains(address, ":") {
		how = "-6"
	}
	out, err := a.run("avahi-resolve", how, "-n", name)
	if err != nil {
		return err
	}
	if fields := strings.Fields(out); len(fields) != 2 || fields[1] != address {
		return errors.New(out)
	}
	return nil
}

// browse returns what avahi-browse finds, a line per service and link, resolved.
func (a *avahi) browse(kind string) (string, error) {
	return a.run("avahi-browse", "--parsable", "--resolve", "--terminate", "--no-db-lookup", kind)
}
