package boxtest

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"streambox.local/image/vm"
)

// The pins of the PL061 that the button and the LED are wired to, what the box
// calls them, and the port of its page.
const (
	ButtonLine  = 5
	LEDLine     = 6
	ButtonName  = "gpiochip0:5"
	LEDName     = "gpiochip0:6"
	ServicePort = 80
)

// Waits are long because the machine is emulated, on a host with other things to do. What
// lasted how long is told, not judged.
const (
	BootWait = 5 * time.Minute
	StepWait = 2 * time.Minute
)

// Guest is a machine that runs, and what the test has to do with it.
type Guest struct {
	*vm.Machine
	Dir string     // its logs
	end chan error // how QEMU has ended
	cut context.CancelFunc
}

// Start builds the machine and switches it on, in a step t of a test whose end is the machine's, too.
func Start(t, whole *testing.T, c vm.Config) *Guest {
	t.Helper()
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	machine, err := vm.New(c)
	Must(t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	g := &Guest{Machine: machine, Dir: c.Dir, end: make(chan error, 1), cut: cancel}
	go func() { g.end <- machine.Run(ctx) }()
	whole.Cleanup(g.Cut)
	Must(t, machine.Up(Within(t, StepWait)))
	if machine.GPIO != nil { // the button's pull-up, before the kernel looks
		Must(t, machine.GPIO.Set(Within(t, StepWait), ButtonLine, true))
	}
	Must(t, machine.PowerOn(Within(t, StepWait)))
	return g
}

// Cut is the plug that is pulled: what the guest has not flushed is lost, but for
// what the host had taken already.
func (g *Guest) Cut() {
	g.cut()
	<-g.Ended()
}

// UntilOff waits until the guest has switched itself off.
func (g *Guest) UntilOff(t *testing.T, limit time.Duration) {
	t.Helper()
	select {
	case err := <-g.end:
		Must(t, err)
	case <-Within(t, limit).Done():
		t.Fatal("the machine is still on")
	}
}

// Press holds the button down for so long: below 1 s the sticks are read again, 3 to 8 s switch off.
func (g *Guest) Press(t *testing.T, d time.Duration) {
	t.Helper()
	Must(t, g.GPIO.Set(Within(t, StepWait), ButtonLine, false))
	Hold(t, d)
	Must(t, g.GPIO.Set(Within(t, StepWait), ButtonLine, true))
}

// Within is a context for one wait. STREAMBOX_PATIENCE=3 waits three times as long,
// on a machine that has much else to do.
func Within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	if n, err := strconv.Atoi(os.Getenv("STREAMBOX_PATIENCE")); err == nil && n > 0 {
		d *= time.Duration(n)
	}
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// Sh runs a script in the guest, which must succeed.
func (g *Guest) Sh(t *testing.T, script string) string {
	t.Helper()
	out, err := g.Shell.Run(Within(t, 2*StepWait), script)
	Must(t, err)
	return out
}

// Booted waits until all that starts at boot has started.
func (g *Guest) Booted(t *testing.T) {
	t.Helper()
	_, err := g.Console.Expect(Within(t, BootWait), regexp.MustCompile(`Reached target (.\S+ - )?multi-user\.target|Reached target multi-user`))
	Must(t, err)
}

// Log is what the box's service has said since this boot.
func (g *Guest) Log(t *testing.T) string {
	t.Helper()
	return g.Sh(t, "journalctl -b -u streambox -o cat --no-pager")
}

// KeepEvidence writes what is needed to understand the first failure beside the console's log.
func (g *Guest) KeepEvidence(t *testing.T) {
	t.Helper()
	path := filepath.Join(g.Dir, "journal.log")
	if _, err := os.Stat(path); err == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), StepWait)
	defer cancel()
	out, err := g.Shell.Run(ctx, `journalctl -b --no-pager | tail -n 2000; systemctl --failed --no-pager
		lsblk -f; grep streambox /proc/mounts; tail -n 50 /run/streambox/sticks/*; networkctl --no-pager; ss -ltnup; systemctl status --no-pager streambox`)
	if err != nil && !errors.Is(err, vm.ErrStatus) {
		t.Logf("no journal: %v", err)
	}
	if err := os.WriteFile(path, []byte(out), 0o600); err != nil {
		t.Log(err)
	}
	t.Logf("logs of the machine: %s/{console,shell,qemu,journal}.log", g.Dir)
	var lines []string
	for line := range strings.Lines(out) {
		if strings.Contains(line, "streambox") {
			lines = append(lines, line)
		}
	}
	t.Logf("the last of the journal on streambox:\n%s", strings.Join(lines[max(0, len(lines)-40):], ""))
}

// Until asks again and again, bounded, for what comes by itself.
func Until(t *testing.T, limit time.Duration, what string, ask func() (done bool, now any)) {
	t.Helper()
	ctx := Within(t, limit)
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		done, now := ask()
		if done {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("not in %v: %s; now: %v", limit, what, now)
		}
	}
}

// Hold lets a hand's time pass.
func Hold(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}
