//go:build service

package systemd_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"streambox.local/systemd/systemdtest"
)

func hangs(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	const dropIn = "/run/systemd/system/streambox.service.d/impatient.conf"
	m.Write(dropIn, "[Service]\nWatchdogSec=2s\nTimeoutAbortSec=1s\n")
	m.Run("systemctl", "daemon-reload")
	m.Run("systemctl", "restart", "streambox")
	pid := m.Property("streambox", "MainPID")
	m.Run("kill", "-STOP", pid)
	runsAgain(m, pid)
	if log := m.Run("journalctl", "--unit=streambox"); !strings.Contains(log, "Watchdog timeout") {
		t.Errorf("it was not the watchdog:\n%s", log)
	}
	m.Run("rm", "-r", filepath.Dir(dropIn))
	m.Run("systemctl", "daemon-reload")
	answers(t, m)
}

func dies(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	m.Run("systemctl", "restart", "streambox") // with its own patience again
	pid := m.Property("streambox", "MainPID")
	m.Run("kill", "-KILL", pid)
	runsAgain(m, pid)
	answers(t, m)
}

// runsAgain waits until another process has said READY.
func runsAgain(m *systemdtest.Machine, before string) {
	m.Eventually("the service runs again", patience, func() error {
		if pid := m.Property("streambox", "MainPID"); pid == before || pid == "0" {
			return fmt.Errorf("its process is %s", pid)
		}
		_, err := m.Try("systemctl", "is-active", "streambox")
		return err
	})
}

func stops(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	// A clean stop takes 5 s at most. systemd itself holds it to that: the unit's own patience is longer.
	const dropIn = "/run/systemd/system/streambox.service.d/promise.conf"
	m.Write(dropIn, "[Service]\nTimeoutStopSec=5s\n")
	m.Run("systemctl", "daemon-reload")
	if promised := m.Property("streambox", "TimeoutStopUSec"); promised != "5s" {
		t.Errorf("systemd waits %s for the stop", promised)
	}
	m.Run("mount", "--bind", "/opt/films", "/srv/films")
	m.Run("systemctl", "reload", "streambox") // reads the folder again
	invocation := m.Property("streambox", "InvocationID")
	m.Eventually("the long film is converted, by a worker", patience, func() error { // it was begun earlier, and is gone on with
		found, err := filepath.Glob(m.Path(library + "/library/*/*/seg00001.ts"))
		if err == nil && len(found) == 0 {
			err = errors.New("no segment has been made")
		}
		said, runs := m.Try("ps", "-C", "ffmpeg", "-o", "cgroup=")
		if runs == nil && !strings.Contains(said, "streambox-worker@") {
			runs = fmt.Errorf("ffmpeg runs in %q", said)
		}
		return errors.Join(err, runs)
	})
	m.Run("streambox", "service", "stop")
	if code, said := m.Status("streambox", "service", "stop"); code != 0 {
		t.Errorf("stop once more: exit status %d: %s", code, said)
	}
	// A unit that needed more than TimeoutStopSec is killed, and ends with another result.
	if result, status := m.Property("streambox", "Result"), m.Property("streambox", "ExecMainStatus"); result != "success" || status != "0" {
		t.Errorf("the service ended with %s, exit status %s:\n%s", result, status, m.Run("journalctl", "--unit=streambox", "--lines=30"))
	}
	log := m.Run("journalctl", "--output=cat", "INVOCATION_ID="+invocation, "+", "_SYSTEMD_INVOCATION_ID="+invocation)
	if !strings.Contains(log, "StreamBox has stopped") || strings.Contains(log, "does not stop") || strings.Contains(log, "Killing process") || strings.Contains(log, "remains running") {
		t.Errorf("the log of a clean stop:\n%s", log)
	}
	if state := m.Property("streambox-poweroff.path", "ActiveState"); state != "inactive" {
		t.Errorf("the door to switching off is %s while the service is stopped", state)
	}
	m.Run("umount", "/srv/films")
	m.Run("rm", "-r", filepath.Dir(dropIn))
	m.Run("systemctl", "daemon-reload")
	if code, _ := m.Status("streambox", "service", "status"); code != 3 {
		t.Errorf("status of a stopped service: exit status %d", code)
	}
}

// comesAfterWebServers starts both as a boot does. The other one is slow, and
// ordered as Debian's nginx is.
func comesAfterWebServers(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	const nginx, boot = "/run/systemd/system/nginx.service", "/run/systemd/system/boot.target"
	m.Write(nginx, "[Unit]\nAfter=network-online.target\nWants=network-online.target\n[Service]\nType=notify\nExecStartPre=sleep 2\n"+
		"ExecStart=/usr/local/bin/streambox serve --listen :80 --data /run/nginx --mdns off --panel off\n")
	m.Write(boot, "[Unit]\nWants=nginx.service streambox.service\nAfter=nginx.service streambox.service\n")
	m.Run("systemctl", "daemon-reload")
	m.Run("systemctl", "start", "boot.target")
	if state := m.Property("nginx.service", "ActiveState"); state != "active" {
		t.Errorf("the owner's web server is %s:\n%s", state, m.Run("journalctl", "--unit=nginx", "--output=cat"))
	}
	m.Eventually("the box says that it has another port, and who has its own", patience, func() error {
		if text := m.Property("streambox", "StatusText"); !strings.Contains(text, ":3003") || !strings.Contains(text, "port 80 is taken by nginx.service") {
			return fmt.Errorf("it says %q", text)
		}
		return nil
	})
	m.Run("systemctl", "stop", "streambox.service", "nginx.service")
	m.Run("rm", "-r", nginx, boot, "/run/nginx")
	m.Run("systemctl", "daemon-reload")
}

// looksForUpdates asks as the program does. A machine that starts from no card of ours answers, and does nothing.
func looksForUpdates(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	m.Run("streambox", "service", "start")
	for _, what := range []string{"update", "tryboot"} {
		m.Run("setpriv", "--reuid=streambox", "--regid=streambox", "--clear-groups", "touch", "/run/streambox/request/"+what)
		m.Eventually("the request for "+what+" is answered", patience, func() error {
			var stat unix.Stat_t
			if err := unix.Lstat(m.Path("/run/streambox/request/"+what), &stat); err == nil {
				return errors.New("it is still there")
			}
			if state := m.Property("streambox-update.service", "ActiveState"); state != "inactive" {
				return fmt.Errorf("the unit is %s", state)
			}
			return nil
		})
	}
	log := m.Run("journalctl", "--output=cat", "--unit=streambox-update")
	if result := m.Property("streambox-update.service", "Result"); result != "success" || strings.Count(log, "not on this board") != 2 {
		t.Errorf("it ended with %s:\n%s", result, log)
	}
	if m.Run("systemctl", "start", "streambox-trial.service"); m.Property("streambox-trial.service", "ConditionResult") != "no" {
		t.Error("a new system is on trial where there is none")
	}
	m.Run("streambox", "service", "stop")
}

// switchesOff asks as the program does, from its own user. The machine ends.
func switchesOff(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	m.Run("streambox", "service", "start")
	// A Pi has logind, which asks for the right capability, and on a small image no polkit that would let root pass without.
	m.Run("systemctl", "mask", "--runtime", "polkit.service")
	m.Run("systemctl", "start", "dbus.service", "systemd-logind.service")
	thrownAway := func(what string) {
		m.Eventually(what+" is thrown away", patience, func() error {
			var stat unix.Stat_t
			if err := unix.Lstat(m.Path("/run/streambox/request/poweroff"), &stat); err == nil {
				return errors.New("it is still there")
			}
			return nil
		})
		answers(t, m)
	}
	m.Run("ln", "-s", "/etc/passwd", "/run/streambox/request/poweroff")
	thrownAway("a request that is a link")
	asService := []string{"--reuid=streambox", "--regid=streambox", "--clear-groups", "touch"}
	m.Run("systemctl", "stop", "streambox")
	m.Run("setpriv", append(asService, "--date=2 minutes ago", "/run/streambox/request/poweroff")...)
	m.Run("systemctl", "start", "streambox")
	thrownAway("a request of two minutes ago")
	m.Run("setpriv", append(asService, "/run/streambox/request/poweroff")...)
	select {
	case <-m.Ended():
	case <-time.After(patience):
		t.Error("the machine is still on")
	}
}
