package systemdtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Machine is a booted machine. It ends with the test.
type Machine struct {
	t      *testing.T
	leader int           // its PID 1, as this computer numbers it
	first  *os.Process   // the same
	ended  chan struct{} // closed when it is off
}

const bootTimeout = 60 * time.Second

// Boot starts a machine that sees the given files of this computer (path inside
// → path here), read-only.
func Boot(t *testing.T, files map[string]string) *Machine {
	t.Helper()
	// ffmpeg's libraries are found through the alternatives.
	return boot(t, files, "systemd-nspawn", "--directory=/", "--volatile=yes", "--bind-ro=/etc/alternatives")
}

// BootCopy is Boot of a machine on which packages can be installed: it has all
// of this computer's files, the package manager's list too, and may write to them: what it writes is in memory.
func BootCopy(t *testing.T, files map[string]string) *Machine {
	t.Helper()
	// nspawn does not make an overlay of the root folder itself. Its parts are in a mount namespace that ends with the machine.
	const script = `mount -t tmpfs tmpfs "$1" && mkdir "$1/upper" "$1/work" "$1/root" &&
		mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" overlay "$1/root" || exit
		root=$1/root; shift; exec systemd-nspawn --directory="$root" "$@"`
	return boot(t, files, "unshare", "--mount", "--propagation=private", "sh", "-c", script, "sh", t.TempDir())
}

// boot starts systemd-nspawn by a command to which its arguments are added.
func boot(t *testing.T, files map[string]string, command ...string) *Machine {
	t.Helper()
	need(t)
	name := "streambox-test-" + strconv.Itoa(os.Getpid())
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	identity := filepath.Join(t.TempDir(), "machine-id")
	if err := os.WriteFile(identity, []byte(hex.EncodeToString(id)+"\n"), 0o444); err != nil { //nolint:gosec // everybody reads it on any machine
		t.Fatal(err)
	}
	args := []string{
		"--boot", "--register=no", "--private-network", "--machine=" + name, "--console=read-only",
		"--capability=CAP_SYS_MODULE,CAP_SYS_RAWIO,CAP_BPF,CAP_PERFMON,CAP_SYSLOG", "--system-call-filter=bpf @module @debug @raw-io",
		// An identity means that this is not the first boot: no questions, and nothing is enabled that is installed here.
		"--bind-ro=" + identity + ":/etc/machine-id",
		"--tmpfs=/usr/local:mode=755",
	}
	attributes := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if _, err := os.Stat("/run/systemd/system"); err != nil {
		args = append(args, "--keep-unit") // nobody here gives it a scope of its own
		attributes.UseCgroupFD, attributes.CgroupFD = true, ownGroup(t, name)
	}
	for inside, here := range files {
		args = append(args, "--bind-ro="+here+":"+inside)
	}
	args = append(args, "--", "systemd.unit=basic.target", "systemd.mask=modprobe@.service", "systemd.mask=systemd-modules-load.service")

	console := new(lockedBuffer)
	nspawn := exec.CommandContext(context.WithoutCancel(t.Context()), command[0], slices.Concat(command[1:], args)...)
	nspawn.Env = append(os.Environ(), "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1")
	nspawn.Stdout, nspawn.Stderr = console, console
	nspawn.SysProcAttr = attributes
	if err := nspawn.Start(); err != nil {
		t.Fatalf("starting systemd-nspawn: %v", err)
	}
	m := &Machine{t: t, ended: make(chan struct{})}
	go func() {
		_ = nspawn.Wait()
		close(m.ended)
	}()
	t.Cleanup(func() {
		_ = nspawn.Process.Signal(syscall.SIGKILL) // of a machine that is in memory nothing is lost
		<-m.ended
		if m.first != nil {
			_ = m.first.Kill() // it should die with nspawn, and does not always
			_ = m.first.Release()
		}
		_ = os.Remove("/run/systemd/nspawn/propagate/" + name)
		if t.Failed() {
			t.Logf("the machine's console:\n%s", regexp.MustCompile(`\x1b\[[0-9;?]*[a-zA-Z]`).ReplaceAllString(console.String(), ""))
		}
	})
	m.Eventually("the machine boots", bootTimeout, func() error {
		if m.leader == 0 {
			if pid := child(nspawn.Process.Pid); isInit(pid) { // for a moment it is a helper that makes the container
				m.leader = pid
				m.first, _ = os.FindProcess(pid) // a handle that no other process gets
			}
		}
		if m.leader == 0 {
			return errors.New("systemd-nspawn has started no PID 1")
		}
		_, err := m.Try("systemctl", "is-active", "basic.target")
		return err
	})
	return m
}

func need(t *testing.T) {
	t.Helper()
	missing := ""
	switch {
	case os.Getuid() != 0:
		missing = "root, to boot a systemd in a container,"
	default:
		for program, pkg := range map[string]string{"systemd-nspawn": "systemd-container", "nsenter": "util-linux"} {
			if _, err := exec.LookPath(program); err != nil {
				missing = fmt.Sprintf("%s (apt-get install %s)", program, pkg)
			}
		}
	}
	if missing == "" {
		return
	}
	if os.Getenv("STREAMBOX_STRICT") == "1" {
		t.Fatalf("%s is missing", missing)
	}
	t.Skipf("not run here: %s is missing", missing)
}

// child is the first child of a process, 0 while it has none.
func child(pid int) int {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid)) // the pattern is right
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if err != nil {
			continue
		}
		if first := strings.Fields(string(text)); len(first) > 0 {
			n, _ := strconv.Atoi(first[0])
			return n
		}
	}
	return 0
}

// isInit says whether a process is the first one of a PID namespace below ours.
func isInit(pid int) bool {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // gone: it is not
	return regexp.MustCompile(`(?m)^NSpid:\t\d+.*\t1$`).Match(status)
}

// Try runs a program in the machine, as its root, and returns what it printed.
func (m *Machine) Try(program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(m.t.Context()), 90*time.Second)
	defer cancel()
	enter := []string{
		"--target", strconv.Itoa(m.leader), "--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup", "--root", "--",
		"/usr/bin/env", "-i", "--chdir=/", "PATH=/usr/local/bin:/usr/sbin:/usr/bin", "LANG=C.UTF-8", program,
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, "nsenter", append(enter, args...)...)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("%s %s: %w: %s", program, strings.Join(args, " "), err, strings.TrimSpace(out.String()))
	}
	return out.String(), err
}

// Run is Try of what must work.
func (m *Machine) Run(program string, args ...string) string {
	m.t.Helper()
	out, err := m.Try(program, args...)
	if err != nil {
		m.t.Fatal(err)
	}
	return out
}

// Status is the exit status of a program, and what it printed.
func (m *Machine) Status(program string, args ...string) (int, string) {
	m.t.Helper()
	out, err := m.Try(program, args...)
	exit, isExit := errors.AsType[*exec.ExitError](err)
	switch {
	case err == nil:
		return 0, out
	case isExit:
		return exit.ExitCode(), out
	}
	m.t.Fatal(err)
	return 0, ""
}

// For is the same machine for a step of the test.
func (m *Machine) For(t *testing.T) *Machine {
	t.Helper()
	step := *m
	step.t = t
	return &step
}

// Path is where this computer sees a file of the machine.
func (m *Machine) Path(inside string) string {
	return filepath.Join("/proc", strconv.Itoa(m.leader), "root", inside)
}

// Write makes a file of the machine, with its folders.
func (m *Machine) Write(inside, content string) {
	m.t.Helper()
	if err := os.MkdirAll(filepath.Dir(m.Path(inside)), 0o755); err != nil { //nolint:gosec // folders of /etc are everybody's to read
		m.t.Fatal(err)
	}
	if err := os.WriteFile(m.Path(inside), []byte(content), 0o644); err != nil { //nolint:gosec // a machine's settings are read by everybody
		m.t.Fatal(err)
	}
}

// Property is what systemd says of a unit.
func (m *Machine) Property(unit, property string) string {
	m.t.Helper()
	return strings.TrimSpace(m.Run("systemctl", "show", "--value", "--property="+property, unit))
}

// Ended is closed when the machine has been switched off.
func (m *Machine) Ended() <-chan struct{} { return m.ended }

// Eventually waits until check is satisfied, and ends the test when that takes
// longer than any machine should need.
func (m *Machine) Eventually(what string, within time.Duration, check func() error) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), within)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			m.t.Fatalf("%s: not within %s: %v", what, within, err)
		case <-m.ended:
			m.t.Fatalf("%s: the machine is off: %v", what, err)
		case <-tick.C:
		}
	}
}
