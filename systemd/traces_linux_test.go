//go:build service

package systemd_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"streambox.local/systemd/systemdtest"
)

// What an installation may leave: the library, which is root's then.
const library = "/var/lib/streambox"

// snapshot is what the files of the machine are: name → rights, owner and sum
// of the bytes, but for those that a running system writes by itself.
func snapshot(t *testing.T, m *systemdtest.Machine) map[string]string {
	t.Helper()
	running := []string{
		"/etc/alternatives", "/run/log", "/run/host", "/run/utmp", "/run/credentials", "/run/lock",
		"/var/lib/systemd", "/var/log/journal", "/var/log/wtmp", "/usr/local/share/man",
	}
	files := map[string]string{}
	for _, top := range []string{"/etc", "/usr/local", "/media", "/run", "/var/lib", "/var/log"} {
		err := filepath.WalkDir(m.Path(top), func(path string, entry fs.DirEntry, err error) error {
			name := strings.TrimPrefix(path, m.Path("/"))
			switch {
			case errors.Is(err, fs.ErrNotExist): // gone meanwhile, or never there
				return nil
			case err != nil:
				return err
			case slices.Contains(running, name), systemdsOwn(name):
				if entry.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			files[name], err = describe(path)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// systemdsOwn is what systemd writes below its folder in /run by itself; the files for
// networkd there are others'.
func systemdsOwn(name string) bool {
	return filepath.Dir(name) == "/run/systemd" && name != "/run/systemd/network"
}

func describe(path string) (string, error) {
	var stat unix.Stat_t
	if err := unix.Lstat(path, &stat); err != nil {
		return "", fmt.Errorf("looking at %s: %w", path, err)
	}
	text := fmt.Sprintf("%o owner %d:%d", stat.Mode, stat.Uid, stat.Gid)
	if stat.Mode&unix.S_IFMT == unix.S_IFREG {
		content, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("reading: %w", err)
		}
		text += fmt.Sprintf(" %x", sha256.Sum256(content))
	}
	return text, nil
}

// accounts are files that are edited; their lines are compared. A group that
// other programs may use by now stays.
func accounts(name string) bool {
	switch strings.TrimSuffix(name, "-") {
	case "/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/.pwd.lock", "/etc/subuid", "/etc/subgid":
		return true
	}
	return false
}

func uninstalls(t *testing.T, m *systemdtest.Machine, before map[string]string) {
	t.Helper()
	m.Run("sh", "-c", "rm /usr/local/bin/streambox; cp /opt/streambox /tmp/streambox; rm -rf /etc/streambox-probe /run/streambox-probe /srv/films /home/ada "+memoryNode+" "+strangeNode+" /run/probes.json")
	// As the network's helper leaves it when the box was an access point.
	m.Run("sh", "-c", "mkdir -p /run/systemd/network && echo '[Match]\nName=wlan0' >/run/systemd/network/25-streambox-wifi.network")
	// The settings were changed: they stay, and it is said. Then they go, as what their owner removes.
	said := m.Run("/tmp/streambox", "service", "uninstall")
	for _, what := range []string{library, "/etc/streambox/streambox.toml"} {
		if !strings.Contains(said, what) {
			t.Errorf("uninstall does not say that %s stays:\n%s", what, said)
		}
	}
	m.Run("rm", "-r", "/etc/streambox")
	if code, again := m.Status("/tmp/streambox", "service", "uninstall"); code != 0 {
		t.Errorf("uninstall once more: exit status %d: %s", code, again)
	}
	after := snapshot(t, m)
	for _, name := range slices.Sorted(maps.Keys(after)) {
		switch {
		case accounts(name), name == library, before[name] == after[name]:
		case strings.HasPrefix(name, library+"/"):
			if !strings.Contains(after[name], " owner 0:0") {
				t.Errorf("%s belongs to nobody: %s", name, after[name])
			}
		case strings.Contains(name, "streambox"), strings.HasPrefix(name, "/etc/") && before[name] != "":
			t.Errorf("%s is left: %s, before %q", name, after[name], before[name])
		}
	}
	for name := range before {
		if _, there := after[name]; !there {
			t.Errorf("%s has gone", name)
		}
	}
	if lines := m.Run("sh", "-c", "cat /etc/passwd /etc/shadow /etc/group /etc/gshadow"); strings.Contains(lines, "streambox") {
		t.Errorf("an account is left:\n%s", lines)
	}
	for line := range strings.Lines(m.Run("systemctl", "list-units", "--all", "--full", "--plain", "--no-legend", "streambox*")) {
		if !strings.Contains(line, " not-found ") { // asked for a moment ago, and not yet forgotten
			t.Errorf("systemd still knows %s", line)
		}
	}
}

func installsOnceMore(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	m.Run("install", "-m", "755", "/opt/streambox", "/usr/local/bin/streambox")
	m.Run("streambox", "service", "install", "--appliance")
	m.Run("streambox", "service", "start")
	answers(t, m)
	if owner := m.Run("stat", "--format=%U", library, library+"/library"); owner != "streambox\nstreambox\n" {
		t.Errorf("the library belongs to %s", owner)
	}
	if settings := m.Run("grep", "-E", "^(sticks|panel) ", "/etc/streambox/streambox.toml"); settings != "sticks = \"auto\"\npanel = \"auto\"\n" {
		t.Errorf("an appliance's settings say\n%s", settings)
	}
	m.Run("streambox", "service", "install") // while it runs: restarted, and settings as they are
	answers(t, m)
}
