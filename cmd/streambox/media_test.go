package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMediaTakesDevicesOnly(t *testing.T) {
	for _, name := range []string{"../sda1", "/dev/sda1", "sda1;reboot", "$(reboot)", "sda 1", "SDA1", "%i", "sda-1", strings.Repeat("a", 40)} {
		for _, action := range []string{"mount", "unmount", "claim"} {
			a, stdout, stderr := testApp()
			if status := a.run(t.Context(), []string{"media", action, "--", name}); status != exitUsage || stdout.Len() > 0 {
				t.Errorf("media %s %q: status %d, %s%s", action, name, status, stdout, stderr)
			}
		}
	}
	for _, args := range [][]string{{"media"}, {"media", "mount"}, {"media", "mount", "sda1", "sdb1"}} {
		a, _, stderr := testApp()
		if status := a.run(t.Context(), args); status != exitUsage {
			t.Errorf("%v: status %d, %s", args, status, stderr)
		}
	}
}

// What is no USB disk is never claimed: a desktop's udisks keeps seeing it.
func TestMediaClaimsNothingButOurs(t *testing.T) {
	const block = "/sys/class/block"
	devices, err := os.ReadDir(block)
	if err != nil {
		t.Skipf("not run here: %s is missing", block)
	}
	for _, d := range devices {
		target, linkErr := filepath.EvalSymlinks(filepath.Join(block, d.Name()))
		if linkErr != nil || strings.Contains(target, "/usb") || strings.ContainsAny(d.Name(), "-!") {
			continue
		}
		a, stdout, stderr := testApp("STREAMBOX_STICKS=auto", "ID_FS_TYPE=vfat", "ID_FS_USAGE=filesystem")
		if status := a.run(t.Context(), []string{"media", "claim", d.Name()}); status != exitOK || stdout.Len() > 0 {
			t.Errorf("%s: status %d, %q %q", d.Name(), status, stdout, stderr)
		}
	}
}

// A stick, in a machine made of files, is claimed, unless its owner has plans with it.
func TestMediaClaimsWhatIsOurs(t *testing.T) {
	for _, c := range []struct{ name, setting, fstab, claim string }{
		{"all sticks", "auto", "", "UDISKS_IGNORE=1\n"},
		{"this stick", "FILMS", "", "UDISKS_IGNORE=1\n"},
		{"another stick", "MUSIC", "", ""},
		{"none", "off", "", ""},
		{"no word of the settings", "", "", ""},
		{"a wrong one", "auto,FILMS", "", ""},
		{"its owner's by a link that udev has not made yet", "auto", "/dev/disk/by-id/usb-Ada-part1 /mnt/x vfat noauto 0 0\n", ""},
	} {
		a, stdout, stderr := testApp("STREAMBOX_STICKS="+c.setting, "ID_FS_TYPE=vfat", "ID_FS_USAGE=filesystem", "ID_FS_LABEL=FILMS",
			"DEVLINKS=/dev/disk/by-id/usb-Ada-part1")
		a.machine = t.TempDir()
		const port, disk = "sys/devices/usb1/1-1", "sys/devices/usb1/1-1/block/sda"
		for name, content := range map[string]string{
			"sys/bus/usb/uevent": "", disk + "/size": "8192\n", disk + "/sda1/size": "4096\n", disk + "/sda1/partition": "1\n",
			"sys/class/block/none": "", "proc/self/mountinfo": "27 1 254:0 / / rw - ext4 /dev/vda rw\n", "etc/fstab": c.fstab,
		} {
			path := filepath.Join(a.machine, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for link, target := range map[string]string{port + "/subsystem": "../../../bus/usb", "sys/class/block/sda1": "../../devices/usb1/1-1/block/sda/sda1"} {
			if err := os.Symlink(target, filepath.Join(a.machine, link)); err != nil {
				t.Fatal(err)
			}
		}
		if status := a.run(t.Context(), []string{"media", "claim", "sda1"}); status != exitOK || stdout.String() != c.claim {
			t.Errorf("%s: status %d, %q %q", c.name, status, stdout, stderr)
		}
	}
}

func TestSticksInTheSettings(t *testing.T) {
	for _, c := range []struct{ text, want, warning string }{
		{"", "off", ""},
		{`sticks = "auto"`, "auto", ""},
		{`sticks = "off"`, "off", ""},
		{`sticks = ["FILMS", "1A2B-3C4D"]`, "FILMS,1A2B-3C4D", ""},
		{`sticks = "FILMS"`, "FILMS", ""},
		{`sticks = ["auto", "FILMS"]`, "off", "stands alone"},
		{`sticks = true`, "off", "takes a text"},
		{`sticks = false`, "off", "sticks counts as off"},
		{`sticks = off`, "off", "sticks counts as off"},
		{`sticks = "off`, "off", "sticks counts as off"},
		{`sticks = auto`, "off", "sticks counts as off"},
		{`sticks = ["FILMS", ""]`, "off", "sticks counts as off"},
		{`sticks = ["FILMS" "MUSIC"]`, "off", "sticks counts as off"},
		{"sticks = \"auto\"\x00", "off", "not UTF-8"},
	} {
		a, _, _ := testApp()
		s, warnings, err := load(sources{file: []byte(c.text), fileName: "x.toml", defaults: a.defaults(false)})
		if err != nil || s.Sticks.String() != c.want || !strings.Contains(strings.Join(warnings, " "), c.warning) || (len(warnings) > 0) != (c.warning != "") {
			t.Errorf("%q: %s %v %v", c.text, s.Sticks, warnings, err)
		}
	}
}

func TestARefusedValueOverAGoodOneMeansOff(t *testing.T) {
	a, _, _ := testApp()
	s, warnings, err := load(sources{
		file: []byte("sticks = \"auto\"\npanel = \"auto\"\n"), fileName: "x.toml", defaults: a.defaults(false),
		env: []string{"STREAMBOX_STICKS=auto,FILMS", "STREAMBOX_PANEL=on"},
	})
	if err != nil || s.Sticks.String() != "off" || s.Panel != "off" || len(warnings) != 2 {
		t.Errorf("%s %s %v %v", s.Sticks, s.Panel, warnings, err)
	}
}
