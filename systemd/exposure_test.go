package systemd_test

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Where a process of ours meets what strangers send or plug in, it is confined
// this well (systemd's own measure, 0 best, 10 worst).
func TestExposure(t *testing.T) {
	if testing.Short() {
		t.Skip("not run here: starts systemd-analyze, which -short leaves out")
	}
	need(t, "systemd-analyze", "systemd")
	for unit, most := range map[string]float64{
		"streambox.service":          2.1,
		"streambox-poweroff.service": 1.5,
		"streambox-network.service":  1.9,
		"streambox-wifi@.service":    2.9, // it owns the radio
		"streambox-ssh.service":      1.5,
		"streambox-update.service":   1.6,
		"streambox-trial.service":    2.2,
		"streambox-worker@.service":  0.8, // it reads strangers' films
		"streambox-media@.service":   3.9, // it mounts, for everybody
	} {
		out, err := exec.CommandContext(t.Context(), "systemd-analyze", "security", "--offline=true", "--no-pager", unit).CombinedOutput()
		found := regexp.MustCompile(`exposure level for \S+: ([0-9.]+)`).FindSubmatch(out)
		if err != nil || found == nil {
			t.Fatalf("%s: %v: %s", unit, err, out)
		}
		exposure, err := strconv.ParseFloat(string(found[1]), 64)
		if err != nil || exposure > most {
			t.Errorf("%s has exposure %s (%v), want at most %.1f; what is open:\n%s", unit, found[1], err, most, openDoors(out))
		}
	}
}

func openDoors(table []byte) string {
	var open []string
	for line := range strings.Lines(string(table)) {
		if strings.HasPrefix(line, "✗") {
			open = append(open, line)
		}
	}
	return strings.Join(open, "")
}

// need skips the test, or fails it when STREAMBOX_STRICT is 1.
func need(t *testing.T, program, debianPackage string) {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	if os.Getenv("STREAMBOX_STRICT") == "1" {
		t.Fatalf("%s is missing", program)
	}
	t.Skipf("not run here: %s is missing (apt-get install %s)", program, debianPackage)
}
