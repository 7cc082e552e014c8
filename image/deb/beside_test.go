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
var absolute = regexp.MustCompile(`([\s"=])/(etc|run|var|media)\b`)

// What else may be called streambox on a machine.
const local, mask = "of make install", "masked by the administrator"

// radio is what the network's helper leaves outside of our own folders.
const radio = "run/systemd/network/25-streambox-wifi.network"

// machine is a scratch folder on which the scripts work.
type machine string

func (m machine) at(name string) string { return filepath.Join(string(m), name) }

// scratch is a machine with what a run leaves, and another unit of that name or none.
func scratch(t *testing.T, other string) machine {
	t.Helper()
	m := machine(t.TempDir())
	for _, dir := range []string{"run/systemd/system", "run/systemd/network", "run/streambox", "var/lib/streambox/film", "etc/systemd/system", "etc/streambox", "media/streambox", "bin"} {
		if err := os.MkdirAll(m.at(dir), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	m.write(t, radio, "[Match]\n")
	for _, program := range []string{"systemctl", "udevadm", "deb-systemd-helper", "deb-systemd-invoke", "userdel", "groupdel"} {
		m.write(t, "bin/"+program, "#!/bin/sh\necho "+program+" \"$@\" >>"+m.at("did")+"\n")
	}
	m.write(t, "bin/getent", "#!/bin/sh\necho streambox:x:999:999:StreamBox:/var/lib/streambox:/usr/sbin/nologin\n")
	unit := "etc/systemd/system/streambox.service"
	switch other {
	case local:
		m.write(t, unit, "[Service]\n")
	case mask:
		if err := os.Symlink(os.DevNull, m.at(unit)); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func (m machine) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(m.at(name), []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

// script runs one as dpkg does, and gives what it said.
func (m machine) script(t *testing.T, name, action string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	m.write(t, "script", absolute.ReplaceAllString(string(text), "${1}"+string(m)+"/$2"))
	cmd := exec.CommandContext(t.Context(), "sh", m.at("script"), action)
	cmd.Env = []string{"PATH=" + m.at("bin") + ":/usr/bin:/bin"}
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return string(said)
}

// The scripts run on a scratch folder, and write down what they do to the machine.
func TestTheScriptsLeaveALocalInstallationAlone(t *testing.T) {
	need(t, "sh", "dash")
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
			m := scratch(t, test.other)
			said := m.script(t, test.script, test.action)
			if told := strings.Contains(said, "another StreamBox"); test.script == "postrm" && told != test.stay {
				t.Errorf("it says %q", said)
			}
			did, _ := os.ReadFile(m.at("did"))
			if _, err := os.Stat(m.at(radio)); test.script == "postrm" && (err == nil) != test.stay {
				t.Errorf("networkd's file for the radio is there: %v; wanted: %v", err == nil, test.stay)
			}
			harm := slices.ContainsFunc([]string{"invoke stop", "userdel", "groupdel", "helper purge"}, func(what string) bool { return strings.Contains(string(did), what) })
			for _, dir := range []string{"run/streambox", "var/lib/streambox/film", "media/streambox"} {
				if _, err := os.Stat(m.at(dir)); err != nil {
					harm = true
				}
			}
			if harm == test.stay {
				t.Errorf("it did\n%s", did)
			}
		})
	}
}

// Of both there is one settings file, and it is the package's for dpkg.
func TestTheSettingsOfALocalInstallationStay(t *testing.T) {
	need(t, "sh", "dash")
	const settings, kept = "etc/streambox/streambox.toml", "etc/streambox/streambox.toml.kept"
	for sentence, test := range map[string]struct {
		other string
		edit  string // between remove and purge
		want  string // "": gone
	}{
		"beside another they stay":                    {local, "", "name = \"mine\"\n"},
		"what is changed before the purge stays, too": {local, "name = \"new\"\n", "name = \"new\"\n"},
		"without another they go":                     {"", "", ""},
		"a masked one is none":                        {mask, "", ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			m := scratch(t, test.other)
			m.write(t, settings, "name = \"mine\"\n")
			m.script(t, "postrm", "remove")
			if test.edit != "" {
				m.write(t, settings, test.edit)
			}
			if err := os.Remove(m.at(settings)); err != nil { // dpkg
				t.Fatal(err)
			}
			m.script(t, "postrm", "purge")
			if got, _ := os.ReadFile(m.at(settings)); string(got) != test.want {
				t.Errorf("the settings are %q", got)
			}
			if _, err := os.Stat(m.at(kept)); err == nil {
				t.Error("the second name is left")
			}
		})
	}
	t.Run("gone meanwhile, it takes its settings along", func(t *testing.T) {
		m := scratch(t, local)
		m.write(t, settings, "name = \"mine\"\n")
		m.script(t, "postrm", "remove")
		for _, name := range []string{settings, "etc/systemd/system/streambox.service"} {
			if err := os.Remove(m.at(name)); err != nil {
				t.Fatal(err)
			}
		}
		m.script(t, "postrm", "purge")
		if _, err := os.Stat(m.at("etc/streambox")); err == nil {
			t.Error("the folder is left")
		}
	})
}
