//go:build service

package systemd_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"streambox.local/systemd"
	"streambox.local/systemd/systemdtest"
	"streambox.local/transcode/clips"
)

// How long anything may take before it counts as never: far more than it needs.
const patience = 60 * time.Second

// Stands for a Raspberry Pi with Debian's systemd, from `make install` to
// `make uninstall`. The steps build on each other: one machine, one life.
func TestUnderSystemd(t *testing.T) {
	program := build(t)
	films := makeClips(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	m := systemdtest.Boot(t, map[string]string{"/opt/streambox": program, "/opt/probes": self, "/opt/films": films, "/opt/standin": buildStandIn(t), "/opt/chip": buildChip(t)})
	before := snapshot(t, m)

	step := func(name string, f func(*testing.T, *systemdtest.Machine)) {
		if !t.Run(name, func(t *testing.T) { f(t, m.For(t)) }) {
			t.FailNow() // the steps after it would only say the same again
		}
	}
	step("install", installs)
	step("install again", installsAgain)
	step("start: READY, and it answers at port 80", starts)
	step("inside the unit", confined)
	step("a film in the worker, by the video encoder", encodes)
	step("a rule that a drop-in takes away is missed", weakened)
	step("a hostile film in the worker", hostile)
	step("a stick that is mounted later is seen, and is gone when it goes", seesSticks)
	step("a service that hangs is killed by the watchdog and runs again", hangs)
	step("a service that is killed runs again", dies)
	step("stop in the middle of a conversion is clean", stops)
	step("the owner's web server keeps port 80 when the machine starts", comesAfterWebServers)
	step("a request about updates is answered", looksForUpdates)
	step("uninstall leaves no trace but the library", func(t *testing.T, m *systemdtest.Machine) {
		t.Helper()
		uninstalls(t, m, before)
	})
	step("installed once more, the library is the service's again", installsOnceMore)
	step("a package's unit is left alone", respectsPackages)
	step("a request to switch off is answered", switchesOff)
}

// build makes the program as make does.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "streambox")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", program, "streambox.local/cmd/streambox")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v: %s", err, out)
	}
	return program
}

// makeClips makes a short film and a long one, which must be converted.
func makeClips(t *testing.T) string {
	t.Helper()
	need(t, "ffmpeg", "ffmpeg")
	dir := t.TempDir()
	if _, err := clips.Make(t.Context(), dir, "hevc-10bit", "mpeg4-mp3"); err != nil {
		t.Fatal(err)
	}
	short, long := filepath.Join(dir, "MPEG-4 MP3.avi"), filepath.Join(dir, longFilm)
	// Not HEVC: that is converted when somebody asks for it, this is always.
	out, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-stream_loop", "-1", "-i", short, "-t", "1800", "-c", "copy", long).CombinedOutput()
	if err != nil {
		t.Fatalf("make a long film: %v: %s", err, out)
	}
	if err := errors.Join(os.Remove(short), os.Rename(filepath.Join(dir, "HEVC 10 bit.mkv"), filepath.Join(dir, filepath.Base(probeClip)))); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

const longFilm = "Half an hour.mkv"

func installs(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	m.Run("install", "-D", "-m", "755", "/opt/streambox", "/usr/local/bin/streambox")
	if code, said := m.Status("streambox", "service", "status"); code != 4 || !strings.Contains(said, "not installed") {
		t.Errorf("status before: exit status %d: %s", code, said)
	}
	if code, said := m.Status("streambox", "service", "start"); code != 1 || !strings.Contains(said, "sudo streambox service install") {
		t.Errorf("start before: exit status %d: %s", code, said)
	}
	m.Run("streambox", "service", "install")
	for _, f := range systemd.Manifest() {
		got, err := os.ReadFile(m.Path(f.Target(systemd.Local)))
		if err != nil || string(got) != string(f.Content()) {
			t.Errorf("%s is not there byte by byte: %v", f.Target(systemd.Local), err)
		}
	}
	if out := m.Run("id", "--groups", "--name", "streambox"); !strings.Contains(out, "gpio") || strings.Contains(out, "video") {
		t.Errorf("the service's user is in %s", out)
	}
	if out := m.Run("stat", "--format=%a %U:%G", "/run/streambox", "/run/streambox/sticks", "/run/streambox/request", "/media/streambox"); out != "755 root:root\n755 root:root\n770 root:streambox\n755 root:root\n" {
		t.Errorf("the folders have\n%s", out)
	}
	if said := m.Run("systemctl", "is-enabled", "streambox"); said != "enabled\n" {
		t.Errorf("after the next start of the machine the service is %s", said)
	}
	for _, f := range systemd.Manifest() {
		if f.Kind != systemd.Unit {
			continue
		}
		name := strings.Replace(f.Name, "@.", "@sda1.", 1)
		said, err := m.Try("systemd-analyze", "verify", "--man=no", name)
		if missing := "Command wpa_supplicant is not executable"; strings.Contains(fmt.Sprint(said, err), missing) && strings.HasPrefix(name, "streambox-wifi@") {
			continue // the one program that the card brings and a machine need not have
		}
		if err != nil || strings.Contains(said, "streambox") {
			t.Errorf("systemd says of %s: %s: %v", name, said, err)
		}
	}
	if code, said := m.Status("streambox", "service", "status"); code != 3 {
		t.Errorf("status of a service that is not started: exit status %d: %s", code, said)
	}
}

func installsAgain(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	m.Write("/etc/streambox/streambox.toml", "name = \"cinema\"\r\nmedia = [\"/srv/films\"]\r\np2p = \"off\"\r\n")
	m.Write("/etc/systemd/system/streambox.service", "[Service]\nExecStart=an older release\n")
	m.Run("streambox", "service", "install")
	if unit, err := os.ReadFile(m.Path("/etc/systemd/system/streambox.service")); err != nil || !strings.Contains(string(unit), "ExecStart=streambox serve\n") {
		t.Errorf("the unit of an older release is still there: %v\n%s", err, unit)
	}
	if settings, err := os.ReadFile(m.Path("/etc/streambox/streambox.toml")); err != nil || !strings.HasPrefix(string(settings), `name = "cinema"`) {
		t.Errorf("somebody's settings were overwritten: %v\n%s", err, settings)
	}
}

func starts(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	m.Run("mkdir", "-p", "/srv/films")
	m.Run("streambox", "service", "start")
	if code, said := m.Status("streambox", "service", "start"); code != 0 || !strings.Contains(said, "running") {
		t.Errorf("start once more: exit status %d: %s", code, said)
	}
	answers(t, m) // at once: READY means that it does
	m.Eventually("STATUS= says where the box is", patience, func() error {
		if text := m.Property("streambox", "StatusText"); !strings.Contains(text, "http://") {
			return fmt.Errorf("it says %q", text)
		}
		return nil
	})
	if code, said := m.Status("streambox", "service", "status"); code != 0 || !strings.Contains(said, "running") || !strings.Contains(said, "http://") {
		t.Errorf("status: exit status %d: %s", code, said)
	}
	if log := m.Run("journalctl", "--unit=streambox", "--output=cat"); strings.Contains(log, "level=ERROR") || strings.Contains(log, "A setting is wrong") {
		t.Errorf("the log of a good start:\n%s", log)
	}
	if user := m.Run("ps", "-o", "user=", "-p", m.Property("streambox", "MainPID")); strings.TrimSpace(user) != "streambox" {
		t.Errorf("the service runs as %s", user)
	}
}

// answers asks as a phone does.
func answers(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	out, err := m.Try("/usr/bin/env", "STREAMBOX_PROBES=phone", "/opt/probes")
	if said := map[string]string{}; err != nil || json.Unmarshal([]byte(out), &said) != nil || said["asking the box"] != "" {
		t.Errorf("the box does not answer at port 80: %v: %s", err, out)
	}
}

// confined runs the probes twice: as root of the machine, where everything must
// be possible, and as the main process of the very unit.
func confined(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	m.Write(diary, "dear diary")
	m.Run("mount", "--bind", "/opt/films", "/srv/films")
	m.Run("mknod", "-m", "666", memoryNode, "c", "1", "1")
	m.Run("mknod", "-m", "666", strangeNode, "c", "10", "229") // fuse
	// This container's /sys is read-only; a Pi's is not.
	m.Run("mount", "-o", "remount,rw", "/sys/devices")
	m.Run("mount", "-o", "remount,bind,rw", "/sys/devices")
	m.Run("chgrp", "gpio", ledFile)
	m.Run("chmod", "664", ledFile)

	possible := map[string]string{}
	out := m.Run("systemd-run", "--quiet", "--wait", "--pipe", "--setenv=STREAMBOX_PROBES="+forbidden, "/opt/probes")
	if err := json.Unmarshal([]byte(out), &possible); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	inside := map[string]map[string]string{}
	for _, group := range []string{forbidden, allowed} {
		inside[group] = probeInUnit(t, m, group)
	}
	if inside[allowed]["reading a stick"] == "" && len(inside[forbidden]) < 15 {
		t.Errorf("only %d probes came back", len(inside[forbidden]))
	}
	for _, what := range slices.Sorted(maps.Keys(inside[forbidden])) {
		t.Run(what+" fails", func(t *testing.T) {
			t.Logf("the unit: %q; root of the machine: %q", inside[forbidden][what], possible[what])
			if why := inside[forbidden][what]; why == "" {
				t.Error("the unit may")
			}
			if why, lacks := possible[what], notInThisKernel()[what]; why != "" && (lacks == nil || !strings.HasSuffix(why, lacks.Error())) {
				t.Errorf("root of the machine may not either, so the refusal proves nothing of the unit: %s", why)
			}
		})
	}
	for _, what := range slices.Sorted(maps.Keys(inside[allowed])) {
		t.Run(what+" works", func(t *testing.T) {
			if why := inside[allowed][what]; why != "" {
				t.Error(why)
			}
		})
	}
	m.Run("umount", "/srv/films")
	m.Run("streambox", "service", "restart")
}

// notInThisKernel is what root of the machine may be answered instead of success:
// nobody has refused it, the kernel was built without what it asks for. The unit
// must be refused all the same.
func notInThisKernel() map[string]error {
	return map[string]error{"loading a module": unix.ENOSYS, "opening /dev/mem": unix.ENXIO}
}

// probeInUnit puts the probes in the place of the program, by a drop-in as
// anybody would, so that all else is the unit's own.
func probeInUnit(t *testing.T, m *systemdtest.Machine, group string) map[string]string {
	t.Helper()
	const dropIn, result = "/run/systemd/system/streambox.service.d/probes.conf", "/run/probes.json"
	m.Run("systemctl", "stop", "streambox")
	m.Write(dropIn, "[Service]\nType=oneshot\nRestart=no\nWatchdogSec=0\nStandardOutput=truncate:"+result+"\nEnvironment=STREAMBOX_PROBES="+group+"\nExecStart=\nExecStart=/opt/probes\n")
	m.Run("systemctl", "daemon-reload")
	m.Run("systemctl", "start", "streambox")
	m.Run("rm", "-r", filepath.Dir(dropIn))
	m.Run("systemctl", "daemon-reload")
	outcomes := map[string]string{}
	out, err := os.ReadFile(m.Path(result))
	if err == nil {
		err = json.Unmarshal(out, &outcomes)
	}
	if err != nil || len(outcomes) == 0 {
		t.Fatalf("the probes %s: %v: %s", group, err, out)
	}
	return outcomes
}

func seesSticks(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	const place = "/media/streambox/sdz1"
	pid := m.Property("streambox", "MainPID")
	seen := func() bool {
		return strings.Contains(m.Run("cat", "/proc/"+pid+"/mountinfo"), " "+place+" ")
	}
	m.Run("mkdir", place)
	m.Run("mount", "-t", "tmpfs", "-o", "ro", "stick", place)
	if !seen() {
		t.Error("a file system that was mounted after the start is not seen by the service")
	}
	m.Run("umount", "--lazy", place)
	m.Run("rmdir", place)
	if seen() {
		t.Error("a file system that was unmounted is held by the service")
	}
}

func respectsPackages(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	m.Run("streambox", "service", "uninstall")
	m.Run("mkdir", "/tmp/upper", "/tmp/work")
	m.Run("mount", "-t", "overlay", "-o", "lowerdir=/usr/lib/systemd/system,upperdir=/tmp/upper,workdir=/tmp/work", "overlay", "/usr/lib/systemd/system")
	m.Run("cp", "/usr/lib/systemd/system/basic.target", "/usr/lib/systemd/system/streambox.service")
	for _, what := range []string{"install", "uninstall"} {
		if code, said := m.Status("streambox", "service", what); code != 1 || !strings.Contains(said, "streambox") {
			t.Errorf("%s beside a package's unit: exit status %d: %s", what, code, said)
		}
	}
	if _, err := os.Stat(m.Path("/etc/systemd/system/streambox.service")); err == nil {
		t.Error("a second unit was written")
	}
	m.Run("umount", "--lazy", "/usr/lib/systemd/system") // systemd may be reading it
	m.Run("streambox", "service", "install")
}
