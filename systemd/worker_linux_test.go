//go:build service

package systemd_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"streambox.local/systemd/systemdtest"
	"streambox.local/transcode/worker/workertest"
)

// What the stand-in attacks is where the service's own things are.
var attacked = workertest.Places{Stick: "/media/streambox/attacked", State: "/var/lib/attacked", Home: "/home/attacked", Elsewhere: "/run/attacked"}

const (
	standIn     = "/usr/local/bin/ffmpeg" // in front of the real one
	chipLibrary = "/usr/local/lib/v4l2sim.so"
)

// workerProbes run in the machine, by the test program as root; nil: the group
// is none of theirs.
func workerProbes(group string) (map[string]string, error) {
	switch group {
	case "attackPlain":
		return workertest.AttackChild(context.Background(), standIn, attacked)
	case "attackUnit":
		return workertest.AttackUnit(context.Background(), standIn, attacked)
	case "workerFilms":
		return workertest.FilmsInUnit(probeClip), nil
	case "workerChip":
		return workertest.ChipInUnit(probeClip), nil
	case "workerCost":
		return workertest.Cost(probeClip), nil
	}
	return nil, nil
}

// hostile lets the stand-in loose in the machine: as a child of root, in an
// instance as the service starts one, and in the unit alone, without the layers
// that the program adds to it, as on a kernel that has none of them.
func hostile(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	m.Run("mount", "--bind", "/opt/films", "/srv/films")
	for what, why := range workerProbe(t, m, "workerFilms") {
		t.Run(what+" works", func(t *testing.T) {
			if why != "" {
				t.Errorf("%s\n%s", why, m.Run("journalctl", "--unit=streambox-worker@*", "--lines=20"))
			}
		})
	}
	t.Logf("a probe takes %v", workerProbe(t, m, "workerCost"))
	m.Run("umount", "--lazy", "/srv/films") // the service may be looking at it

	m.Run("install", "-m", "755", "/opt/standin", standIn)
	outside, inside := workerProbe(t, m, "attackPlain"), workerProbe(t, m, "attackUnit")
	alone := attackAlone(t, m)
	m.Run("rm", "-r", standIn, attacked.Stick, attacked.State, attacked.Home, attacked.Elsewhere)
	if len(outside) < 20 {
		t.Fatalf("only %d attempts were made", len(outside))
	}
	for _, what := range slices.Sorted(maps.Keys(outside)) {
		t.Run(what, func(t *testing.T) {
			t.Logf("root: %q, in an instance: %q, by the unit alone: %q", outside[what], inside[what], alone[what])
			if outside[what] != "" {
				t.Error("root cannot do it either: this proves nothing")
			}
			if workertest.Needed(what) {
				if inside[what] != "" {
					t.Error("a program must be able to")
				}
				return
			}
			if why, tried := inside[what]; !tried || why == "" {
				t.Errorf("it succeeded in an instance (tried: %t)", tried)
			}
			if why, tried := alone[what]; !slices.Contains(ofTheProgram, what) && (!tried || why == "") {
				t.Errorf("the unit alone lets it (tried: %t)", tried)
			}
		})
	}
	m.Eventually("no instance is left behind, nor waits for a film", patience, func() error {
		if units := m.Run("systemctl", "list-units", "--all", "--plain", "--no-legend", "streambox-worker@*"); units != "" {
			return errors.New(units)
		}
		return nil
	})
}

// encodes converts a film in an instance by h264_v4l2m2m: the unmodified ffmpeg
// finds the encoder (a simulated one: this computer has none) and uses it behind
// all that the unit and the program put on.
func encodes(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	m.Run("mount", "--bind", "/opt/films", "/srv/films")
	m.Run("mkdir", "-p", "/usr/local/bin", "/usr/local/lib")
	m.Run("install", "-m", "755", "/opt/chip/bin/ffmpeg", standIn)
	m.Run("install", "-m", "755", "/opt/chip/lib/v4l2sim.so", chipLibrary)
	for what, why := range workerProbe(t, m, "workerChip") {
		if why != "" {
			t.Errorf("%s: %s\n%s", what, why, m.Run("journalctl", "--unit=streambox-worker@*", "--lines=20"))
		}
	}
	m.Run("rm", standIn, chipLibrary)
	m.Run("umount", "--lazy", "/srv/films")
}

// weakened: what doctor says of the unit is measured inside it.
func weakened(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	const dropIn = "/run/systemd/system/streambox-worker@.service.d/weak.conf"
	says := func() string {
		_, out := m.Status("streambox", "doctor")
		for line := range strings.Lines(out) {
			if strings.Contains(line, "sandbox unit") {
				return line
			}
		}
		return out
	}
	if line := says(); !strings.Contains(line, "by systemd's rules: a user of its own, no sockets, no file to write") {
		t.Errorf("of the unit as it is doctor says %s", line)
	} else {
		t.Logf("doctor says %s", line)
	}
	for rule, missed := range map[string]string{
		"RestrictAddressFamilies=": "no sockets", "DynamicUser=no\nUser=root": "a user of its own",
		"CapabilityBoundingSet=CAP_CHOWN": "no rights of root", "LimitAS=infinity": "no more addresses than one program needs",
	} {
		m.Write(dropIn, "[Service]\n"+rule+"\n")
		m.Run("systemctl", "daemon-reload")
		if line := says(); !strings.Contains(line, missed+" (") || strings.Contains(line, "by systemd's rules:") {
			t.Errorf("without %q doctor says %s", rule, line)
		}
	}
	m.Run("rm", "-r", filepath.Dir(dropIn))
	m.Run("systemctl", "daemon-reload")
}

// ofTheProgram is what the unit leaves to the filter of the program: a process
// more (it has 512 tasks), and what concerns itself alone.
var ofTheProgram = []string{"another process", "outliving the box", "a file that grows"}

func workerProbe(t *testing.T, m *systemdtest.Machine, group string) map[string]string {
	t.Helper()
	out := m.Run("/usr/bin/env", "STREAMBOX_PROBES="+group, "/opt/probes")
	outcomes := map[string]string{}
	if err := json.Unmarshal([]byte(out), &outcomes); err != nil {
		t.Fatalf("%s: %v: %s", group, err, out)
	}
	return outcomes
}

// attackAlone puts the stand-in in the place of the program in an instance.
func attackAlone(t *testing.T, m *systemdtest.Machine) map[string]string {
	t.Helper()
	const dropIn, result, instance = "/run/systemd/system/streambox-worker@.service.d/alone.conf", "/run/alone.json", "streambox-worker@alone.service"
	arguments := []string{
		"tcp=127.0.0.1:80", "udp=127.0.0.1:80", "unix=/run/systemd/private", "state=" + attacked.State + "/settings", "home=" + attacked.Home,
		"neighbour=" + attacked.Stick + "/neighbour.mkv", "elsewhere=" + attacked.Elsewhere, "name=" + attacked.Elsewhere + "/name", "bomb=600",
	}
	m.Write(dropIn, "[Service]\nType=oneshot\nRuntimeMaxSec=infinity\nStandardInput=null\nStandardOutput=truncate:"+result+"\nExecStart=\nExecStart="+standIn+" "+strings.Join(arguments, " ")+"\n")
	m.Run("systemctl", "daemon-reload")
	said, err := m.Try("systemctl", "start", instance)
	m.Run("rm", "-r", filepath.Dir(dropIn))
	m.Run("systemctl", "daemon-reload")
	outcomes := map[string]string{}
	out, readErr := os.ReadFile(m.Path(result))
	if err = errors.Join(err, readErr); err == nil {
		err = json.Unmarshal(out, &outcomes)
	}
	if err != nil {
		t.Fatalf("in the unit alone: %v: %s%s", err, said, m.Run("journalctl", "--lines=20", "--unit="+instance))
	}
	return outcomes
}

// buildStandIn makes the program that attacks.
func buildStandIn(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "standin")
	if err := workertest.Build(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	return path
}

// buildChip makes an ffmpeg with the simulated encoder for the machine's /usr/local.
func buildChip(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := workertest.BuildChip(t.Context(), dir, "/usr/local"); err != nil {
		t.Fatal(err)
	}
	return dir
}
