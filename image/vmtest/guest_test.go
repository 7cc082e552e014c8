//go:build vm

package vmtest

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"streambox.local/image/vm"
)

// The pins of the PL061 that the button and the LED are wired to, and what the box calls them.
const (
	buttonLine, ledLine = 5, 6
	buttonName, ledName = "gpiochip0:5", "gpiochip0:6"
	servicePort         = 80
)

// Waits are long because the machine is emulated, on a host with other things to do. What
// lasted how long is told, not judged.
const (
	bootWait = 5 * time.Minute
	stepWait = 2 * time.Minute
)

// guest is a machine that runs, and what the test has to do with it.
type guest struct {
	*vm.Machine
	dir   string // its logs
	began time.Time
	ended chan error
}

// start builds the machine and switches it on. It ends with the test.
func start(t *testing.T, payload string) *guest {
	t.Helper()
	files, dir := machineFiles(t), fresh(t, "last")
	machine, err := vm.New(vm.Config{
		Board: vm.Virt(), Kernel: filepath.Join(files, "vmlinuz"), Initrd: filepath.Join(files, "initrd.img"),
		Append: "root=/dev/vda rw panic=-1 audit=0",
		Disks: []vm.Disk{
			{Path: filepath.Join(files, "root.ext4"), Format: "raw", Snapshot: true},
			{Path: payload, Format: "raw", ReadOnly: true, Serial: "payload"},
		},
		Forward: []int{servicePort}, Shell: true, Cable: true, ReachHost: true,
		Dir: dir, Log: slog.New(slog.DiscardHandler),
	})
	must(t, err)
	g := &guest{Machine: machine, dir: dir, began: time.Now(), ended: make(chan error, 1)}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	go func() { g.ended <- machine.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-machine.Ended()
	})
	must(t, machine.Up(within(t, stepWait)))
	// The button's pull-up, before the kernel looks.
	must(t, machine.GPIO.Set(within(t, stepWait), buttonLine, true))
	must(t, machine.PowerOn(within(t, stepWait)))
	return g
}

// within is a context for one wait.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// sh runs a script in the guest, which must succeed.
func (g *guest) sh(t *testing.T, script string) string {
	t.Helper()
	out, err := g.Shell.Run(within(t, 2*stepWait), script)
	must(t, err)
	return out
}

// booted waits until all that starts at boot has started.
func (g *guest) booted(t *testing.T) {
	t.Helper()
	_, err := g.Console.Expect(within(t, bootWait), regexp.MustCompile(`Reached target (.\S+ - )?multi-user\.target|Reached target multi-user`))
	must(t, err)
}

// log is what the box's service has said since this boot.
func (g *guest) log(t *testing.T) string {
	t.Helper()
	return g.sh(t, "journalctl -b -u streambox -o cat --no-pager")
}

// keepEvidence writes what is needed to understand the first failure beside the console's log.
func (g *guest) keepEvidence(t *testing.T) {
	t.Helper()
	path := filepath.Join(g.dir, "journal.log")
	if _, err := os.Stat(path); err == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), stepWait)
	defer cancel()
	out, err := g.Shell.Run(ctx, `journalctl -b --no-pager | tail -n 2000; systemctl --failed --no-pager
		lsblk -f; grep streambox /proc/mounts; tail -n 50 /run/streambox/sticks/*; networkctl --no-pager; ss -ltnup; systemctl status --no-pager streambox`)
	if err != nil && !errors.Is(err, vm.ErrStatus) {
		t.Logf("no journal: %v", err)
	}
	if err := os.WriteFile(path, []byte(out), 0o600); err != nil {
		t.Log(err)
	}
	t.Logf("logs of the machine: %s/{console,shell,qemu,journal}.log", g.dir)
	var lines []string
	for line := range strings.Lines(out) {
		if strings.Contains(line, "streambox") {
			lines = append(lines, line)
		}
	}
	t.Logf("the last of the journal on streambox:\n%s", strings.Join(lines[max(0, len(lines)-40):], ""))
}

// until asks again and again, bounded, for what comes by itself.
func until(t *testing.T, limit time.Duration, what string, ask func() (done bool, now any)) {
	t.Helper()
	ctx := within(t, limit)
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
