package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// absolute are the folders that the scripts touch.
var absolute = regexp.MustCompile(`([\s"])/(etc|run|var|media)\b`)

// The scripts run on a scratch folder, and write down what they do to the machine.
func TestTheScriptsLeaveALocalInstallationAlone(t *testing.T) {
	need(t, "sh", "dash")
	const local, mask = "of make install", "masked by the administrator"
	for sentence, test := range map[string]struct {
		other, script, action string
		stay                  bool
	}{
		"the package alone is stopped when it is removed":     {"", "prerm", "remove", false},
		"what runs beside it is not":                          {local, "prerm", "remove", true},
		"removed, nothing of its run is left":                 {"", "postrm", "remove", false},
		"removed beside another, that one's stays":            {local, "postrm", "remove", true},
		"purged, nothing is left":                             {"", "postrm", "purge", false},
		"purged beside another, that one's library stays":     {local, "postrm", "purge", true},
		"a masked one is none: it is purged like any":         {mask, "postrm", "purge", false},
		"a masked one may have been started before: it stops": {mask, "prerm", "remove", false},
	} {
		t.Run(sentence, func(t *testing.T) {
			root := t.TempDir()
			at := func(name string) string { return filepath.Join(root, name) }
			for _, dir := range []string{"run/systemd/system", "run/streambox", "var/lib/streambox/film", "etc/systemd/system", "media/streambox", "bin"} {
				if err := os.MkdirAll(at(dir), 0o750); err != nil {
					t.Fatal(err)
				}
			}
			write := func(name, text string) {
				if err := os.WriteFile(at(name), []byte(text), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			for _, program := range []string{"systemctl", "udevadm", "deb-systemd-helper", "deb-systemd-invoke", "userdel", "groupdel"} {
				write("bin/"+program, "#!/bin/sh\necho "+program+" \"$@\" >>"+at("did")+"\n")
			}
			write("bin/getent", "#!/bin/sh\necho streambox:x:999:999:StreamBox:/var/lib/streambox:/usr/sbin/nologin\n")
			unit := "etc/systemd/system/streambox.service"
			switch test.other {
			case local:
				write(unit, "[Service]\n")
			case mask:
				if err := os.Symlink(os.DevNull, at(unit)); err != nil {
					t.Fatal(err)
				}
			}
			text, err := os.ReadFile(test.script)
			if err != nil {
				t.Fatal(err)
			}
			write("script", absolute.ReplaceAllString(string(text), "${1}"+root+"/$2"))
			cmd := exec.CommandContext(t.Context(), "sh", at("script"), test.action)
			cmd.Env = []string{"PATH=" + at("bin") + ":/usr/bin:/bin"}
			said, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			if told := strings.Contains(string(said), "another StreamBox"); test.script == "postrm" && told != test.stay {
				t.Errorf("it says %q", said)
			}
			did, _ := os.ReadFile(at("did"))
			harm := slices.ContainsFunc([]string{"invoke stop", "userdel", "groupdel", "helper purge"}, func(what string) bool { return strings.Contains(string(did), what) })
			for _, dir := range []string{"run/streambox", "var/lib/streambox/film", "media/streambox"} {
				if _, err := os.Stat(at(dir)); err != nil {
					harm = true
				}
			}
			if harm == test.stay {
				t.Errorf("it did\n%s", did)
			}
		})
	}
}
