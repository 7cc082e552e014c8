//go:build service

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"streambox.local/systemd/systemdtest"
)

// How long anything may take before it counts as never.
const patience = 60 * time.Second

// Stands for the life of the package on a maker's Debian. The steps build on
// each other.
func TestThePackagesLife(t *testing.T) {
	older, newer := packages(t)
	m := systemdtest.BootCopy(t, map[string]string{"/opt/older.deb": older, "/opt/newer.deb": newer, "/opt/udev.deb": stub(t, "udev")})
	m.Run("rm", "-rf", "/var/lib/streambox", "/etc/streambox", "/run/streambox", "/media/streambox") // of runs by hand on this computer
	m.Run("rm", "-f", "/var/lib/man-db/auto-update")                                                 // the index of manual pages takes half of the time
	// This computer's own list may lack what every machine with systemd has.
	if status, err := m.Try("dpkg-query", "--show", "--showformat=${db:Status-Status}", "udev"); err != nil || status != "installed" {
		m.Run("dpkg", "--install", "/opt/udev.deb")
	}
	m.Run("rm", "-f", "/usr/sbin/policy-rc.d") // containers forbid services; this is a machine
	before := files(t, m)
	step := func(name string, f func(*testing.T, *systemdtest.Machine)) {
		if !t.Run(name, func(t *testing.T) { f(t, m.For(t)) }) {
			t.FailNow()
		}
	}
	step("installed, it runs, and leaves the machine alone", installed)
	step("an upgrade keeps settings and library", upgraded)
	step("an upgrade keeps what the administrator has disabled", disabled)
	step("removed, library, settings and user stay", removed)
	step("installed once more, all is there", installedAgain)
	step("purged, no trace is left", func(t *testing.T, m *systemdtest.Machine) {
		t.Helper()
		m.Run("dpkg", "--purge", "streambox")
		for _, line := range differences(before, files(t, m)) {
			t.Error(line)
		}
		if out := m.Run("sh", "-c", "cat /etc/passwd /etc/shadow /etc/group /etc/gshadow"); strings.Contains(out, "streambox") {
			t.Errorf("an account is left:\n%s", out)
		}
		if out := m.Run("systemctl", "list-units", "--all", "--plain", "--no-legend", "streambox*"); strings.Contains(out, "loaded") {
			t.Errorf("systemd still knows %s", out)
		}
	})
}

func installed(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	out := m.Run("dpkg", "--install", "/opt/older.deb")
	for _, bad := range []string{"arning", "rror", "ailed"} {
		if strings.Contains(out, bad) {
			t.Errorf("dpkg says\n%s", out)
		}
	}
	runs(t, m, "0.0.1")
	if said := m.Run("systemctl", "is-enabled", "streambox"); said != "enabled\n" {
		t.Errorf("after the next start of the machine the service is %s", said)
	}
	if said := m.Run("dpkg", "--verify", "streambox"); said != "" {
		t.Errorf("files differ from those of the package:\n%s", said)
	}
	if code, said := m.Status("streambox", "service", "status"); code != 0 || !strings.Contains(said, "running") {
		t.Errorf("status: %d: %s", code, said)
	}
	for _, what := range []string{"install", "uninstall"} {
		if code, said := m.Status("streambox", "service", what); code != 1 || !strings.Contains(said, "the package streambox") {
			t.Errorf("%s: exit status %d: %s", what, code, said)
		}
	}
	if log := m.Run("journalctl", "--unit=streambox", "--output=cat"); strings.Contains(log, "level=ERROR") || strings.Contains(log, "A setting is wrong") {
		t.Errorf("the log:\n%s", log)
	}
	var checks struct {
		Checks []struct{ Name, State, Detail string }
	}
	_, doctor := m.Status("streambox", "doctor", "--json")
	if err := json.Unmarshal([]byte(doctor), &checks); err != nil {
		t.Fatalf("%v: %s", err, doctor)
	}
	want := map[string]string{"service": "installed by a package", "button": "switched off", "led": "switched off"}
	for _, c := range checks.Checks {
		if text, asked := want[c.Name]; asked && !strings.Contains(c.Detail, text) {
			t.Errorf("doctor says of %s: %s", c.Name, c.Detail)
		}
		delete(want, c.Name)
	}
	if len(want) > 0 {
		t.Errorf("doctor says nothing of %v:\n%s", want, doctor)
	}
	if said := m.Run("bash", "-c", ". /usr/share/bash-completion/completions/streambox; complete -p streambox"); !strings.Contains(said, "__start_streambox") {
		t.Errorf("bash completes by %s", said)
	}
}

const settings = "# mine\nname = \"cinema\"\n"

func upgraded(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	m.Write("/etc/streambox/streambox.toml", settings)
	m.Run("setpriv", "--reuid=streambox", "--regid=streambox", "--clear-groups", "sh", "-c", "mkdir -p /var/lib/streambox/library/film && echo kept >/var/lib/streambox/library/film/part")
	pid := m.Property("streambox", "MainPID")
	m.Run("dpkg", "--install", "/opt/newer.deb")
	runs(t, m, "0.0.2")
	if m.Property("streambox", "MainPID") == pid {
		t.Error("the older program still runs")
	}
	keeps(t, m)
	if got := m.Run("ls", "/etc/streambox"); got != "streambox.toml\n" {
		t.Errorf("beside the settings lies\n%s", got)
	}
}

func disabled(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	m.Run("systemctl", "disable", "--now", "streambox")
	m.Run("dpkg", "--install", "/opt/newer.deb")
	if code, said := m.Status("systemctl", "is-enabled", "streambox"); code == 0 {
		t.Errorf("the service is %s again", said)
	}
	if state := m.Property("streambox", "ActiveState"); state != "inactive" {
		t.Errorf("the service is %s again", state)
	}
	m.Run("systemctl", "enable", "--now", "streambox")
}

func removed(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	m.Run("mkdir", "-p", "/media/streambox/sdz1")
	m.Run("rmdir", "/media/streambox/sdz1")
	m.Run("dpkg", "--remove", "streambox")
	keeps(t, m)
	if code, _ := m.Status("pgrep", "-u", "streambox"); code == 0 {
		t.Error("something of it still runs")
	}
	for _, gone := range []string{"/usr/bin/streambox", "/usr/lib/systemd/system/streambox.service", "/run/streambox", "/media/streambox"} {
		if _, err := os.Lstat(m.Path(gone)); err == nil {
			t.Errorf("%s is still there", gone)
		}
	}
}

func installedAgain(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	m.Run("dpkg", "--install", "/opt/newer.deb")
	runs(t, m, "0.0.2")
	keeps(t, m)
}

// keeps: what is the owner's is as it was.
func keeps(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	if got := m.Run("cat", "/etc/streambox/streambox.toml"); got != settings {
		t.Errorf("the settings are now\n%s", got)
	}
	if got := m.Run("stat", "--format=%U", "/var/lib/streambox/library/film/part"); got != "streambox\n" {
		t.Errorf("the library belongs to %s", got)
	}
}

// runs asks as a phone would.
func runs(t *testing.T, m *systemdtest.Machine, version string) {
	t.Helper()
	const ask = `exec 3<>/dev/tcp/127.0.0.1/80; printf 'GET /api/v1/box HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3; cat <&3`
	m.Eventually("the box of version "+version+" answers", patience, func() error {
		out, err := m.Try("bash", "-c", ask)
		if err == nil && !strings.Contains(out, `"version":"`+version+`"`) {
			err = fmt.Errorf("it says %s", out)
		}
		return err
	})
	if user := strings.TrimSpace(m.Run("ps", "-o", "user=", "-p", m.Property("streambox", "MainPID"))); user != "streambox" {
		t.Errorf("it runs as %s", user)
	}
}

// packages makes two, an older one and a newer one, from this tree.
func packages(t *testing.T) (older, newer string) {
	t.Helper()
	need(t, "dpkg-deb", "dpkg")
	programs := t.TempDir()
	made := func(version string) string {
		program := filepath.Join(programs, "streambox-"+version)
		cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w -X main.version="+version, "-o", program, "streambox.local/cmd/streambox")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("building the program: %v: %s", err, out)
		}
		o := options{sources: ".", native: program, linked: []string{program}, modules: filepath.Join("..", "..", "web", "client", "node_modules")}
		p, s, err := read(t.Context(), o)
		if err == nil {
			p.program, err = os.ReadFile(program)
		}
		name := filepath.Join(programs, version+".deb")
		if err == nil {
			err = makeOne(t.Context(), p, s, version, runtime.GOARCH, name, time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC))
		}
		if err != nil {
			t.Fatal(err)
		}
		return name
	}
	return made("0.0.1"), made("0.0.2")
}

// Nothing to say against it for Debian's own judge.
func TestLintian(t *testing.T) {
	need(t, "lintian", "lintian")
	_, newer := packages(t)
	name := filepath.Join(t.TempDir(), "streambox_0.0.2_"+runtime.GOARCH+".deb")
	if err := os.Rename(newer, name); err != nil {
		t.Fatal(err)
	}
	// Debian's archive asks for a bug that announces the package; this one is not in it.
	out, err := exec.CommandContext(t.Context(), "lintian", "--allow-root", "--fail-on", "error,warning", "--display-info",
		"--suppress-tags", "initial-upload-closes-no-bugs", name).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// stub is an empty package of a name.
func stub(t *testing.T, name string) string {
	t.Helper()
	root, out := t.TempDir(), filepath.Join(t.TempDir(), name+".deb")
	control := "Package: " + name + "\nVersion: 999\nArchitecture: all\nMaintainer: a test <test@example.org>\nDescription: nothing\n"
	at := time.Unix(1, 0)
	if err := stage(root, []entry{{"/DEBIAN/control", 0o644, []byte(control)}}, at); err != nil {
		t.Fatal(err)
	}
	if err := pack(context.WithoutCancel(t.Context()), root, out, at); err != nil {
		t.Fatal(err)
	}
	return out
}

// files are all of the machine, but for what a running one and dpkg write:
// name → rights and owner.
func files(t *testing.T, m *systemdtest.Machine) map[string]string {
	t.Helper()
	others := []string{
		"/proc", "/sys", "/dev", "/tmp", "/opt", "/run/systemd", "/run/log", "/run/host", "/run/utmp", "/run/credentials", "/run/lock", "/var/tmp",
		"/var/lib/systemd/catalog", "/var/log/journal", "/var/log/wtmp", "/var/cache/man", "/var/cache/ldconfig", "/var/lib/dpkg/status-old", "/root/.cache", "/usr/local",
	}
	found := map[string]string{}
	for _, top := range []string{"/etc", "/usr", "/var", "/run", "/media", "/home"} {
		err := filepath.WalkDir(m.Path(top), func(path string, entry fs.DirEntry, err error) error {
			name := strings.TrimPrefix(path, m.Path("/"))
			switch {
			case os.IsNotExist(err):
				return nil
			case err != nil:
				return err
			case slices.Contains(others, name) && entry.IsDir():
				return fs.SkipDir
			case slices.Contains(others, name):
				return nil
			}
			info, err := entry.Info()
			if err == nil {
				found[name] = info.Mode().String()
			}
			return nil // it has gone meanwhile
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func differences(before, after map[string]string) []string {
	var out []string
	for name, mode := range after {
		if before[name] != mode && !account(name) {
			out = append(out, fmt.Sprintf("%s is left: %s, before %q", name, mode, before[name]))
		}
	}
	for name := range before {
		if _, there := after[name]; !there {
			out = append(out, name+" has gone")
		}
	}
	slices.Sort(out)
	return out
}

// account files are written anew by useradd; their lines are looked at instead.
func account(name string) bool {
	return slices.Contains([]string{"passwd", "shadow", "group", "gshadow", "subuid", "subgid"}, strings.TrimSuffix(filepath.Base(name), "-")) || name == "/etc/.pwd.lock"
}
