//go:build service

package systemd_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"streambox.local/appliance/usb/usbtest"
	"streambox.local/systemd"
	"streambox.local/systemd/systemdtest"
)

// Stands for the confinement of the stick's unit: what it calls must work in
// there, and what it mounts must be seen by the whole machine. A container has no
// USB, so the unit's own decision is that the device is none of ours; the
// calls that it would make are made in its place.
func TestTheSticksUnitMountsForEverybody(t *testing.T) {
	program := build(t)
	for _, tt := range []struct {
		sentence, mount string
		image           func(t *testing.T, path string)
	}{
		{
			"by the kernel", "mount -i -t ext4 -o ro,nosuid,nodev,noexec,noload,errors=continue /dev/%I /media/streambox/%I",
			func(t *testing.T, path string) {
				t.Helper()
				usbtest.Image(t, path, usbtest.Content{FileSystem: "ext4", Label: "FILMS", Files: map[string][]byte{"film.mp4": []byte("a film")}}, 16)
			},
		},
		{"by a program (NTFS where the kernel has none)", "ntfs-3g /dev/%I /media/streambox/%I -o ro,nosuid,nodev,noexec,uid=0,gid=0,dmask=0222,fmask=0333", ntfsImage},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			image := filepath.Join(t.TempDir(), "image")
			tt.image(t, image)
			loop := usbtest.AttachLoop(t, image)
			m := systemdtest.Boot(t, map[string]string{"/opt/streambox": program})
			mountsInUnit(t, m, loop.Name, tt.mount)
		})
	}
}

// ntfsImage is a stick of somebody with Windows.
func ntfsImage(t *testing.T, path string) {
	t.Helper()
	need(t, "mkntfs", "ntfs-3g")
	film := filepath.Join(t.TempDir(), "film.mp4")
	if err := os.WriteFile(film, []byte("a film"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, make([]byte, 8<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"mkntfs", "--quiet", "--fast", "--force", path}, {"ntfscp", "--quiet", path, film, "film.mp4"}} {
		if out, err := exec.CommandContext(t.Context(), args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%q: %v: %s", args, err, out)
		}
	}
}

func mountsInUnit(t *testing.T, m *systemdtest.Machine, device, mount string) {
	t.Helper()
	m.Run("install", "-D", "-m", "755", "/opt/streambox", "/usr/local/bin/streambox")
	number := strings.Fields(strings.ReplaceAll(readFile(t, "/sys/class/block/"+device+"/dev"), ":", " "))
	m.Run("mknod", "/dev/"+device, "b", number[0], number[1])
	if _, err := m.Try("test", "-e", "/dev/fuse"); err != nil {
		m.Run("mknod", "/dev/fuse", "c", "10", "229")
	}
	const start = "ExecStart=streambox media mount %I\n"
	unit := sticksUnit(t)
	if !strings.Contains(unit, start) {
		t.Fatal("the unit is another one than this test knows")
	}
	unit = strings.Replace(unit, start, start+
		"ExecStart=blkid -p -o udev /dev/%I\n"+
		"ExecStart=mkdir -p /media/streambox/%I\n"+
		"ExecStart="+mount+"\n", 1)
	unit = strings.Replace(unit, "DeviceAllow=block-sd r\n", "DeviceAllow=block-sd r\nDeviceAllow=block-loop r\n", 1)
	m.Write("/run/systemd/system/streambox-media@.service", unit)
	m.Run("systemctl", "daemon-reload")
	service := "streambox-media@" + device + ".service"
	if out, err := m.Try("systemctl", "start", service); err != nil {
		t.Fatalf("%v %s\n%s", err, out, journal(m, service))
	}
	if text := m.Run("cat", "/media/streambox/"+device+"/film.mp4"); text != "a film" {
		t.Errorf("the machine reads %q", text)
	}
	if out, err := m.Try("touch", "/media/streambox/"+device+"/new"); err == nil {
		t.Errorf("the stick can be written: %s", out)
	}
	if said := journal(m, service); !strings.Contains(said, "Device is none of ours") || !strings.Contains(said, "USB") {
		t.Errorf("the unit's own decision: %s", said)
	}
	m.Run("systemctl", "stop", service)
	if out, err := m.Try("stat", "/media/streambox/"+device); err == nil {
		t.Errorf("the stick's folder is still there: %s\n%s", out, journal(m, service))
	}
	if out, err := m.Try("pgrep", "ntfs-3g"); err == nil {
		t.Errorf("its program still runs: %s", out)
	}
}

// sticksUnit is the unit for a machine without udev, where no device has a unit.
func sticksUnit(t *testing.T) string {
	t.Helper()
	const bound = "\nBindsTo=dev-%i.device\nAfter=dev-%i.device\n"
	for _, f := range systemd.Manifest() {
		if f.Name == "streambox-media@.service" && strings.Contains(string(f.Content()), bound) {
			return strings.Replace(string(f.Content()), bound, "\n", 1)
		}
	}
	t.Fatal("the unit is another one than this test knows")
	return ""
}

// A stick that is put back while the unit of its last life still stops. What a
// device wants (SYSTEMD_WANTS) is a job that replaces none: the stick would be lost. What the
// rule runs besides waits for the stop, and starts.
func TestAStickThatIsPutBackWhileItsUnitStops(t *testing.T) {
	rule := ""
	for _, f := range systemd.Manifest() {
		if found := regexp.MustCompile(`(?m)^ACTION=="add", RUN\+="([^"]* start [^"]*)"`).FindSubmatch(f.Content()); found != nil {
			rule = string(found[1])
		}
	}
	if rule == "" {
		t.Fatal("no rule starts the unit")
	}
	m := systemdtest.Boot(t, nil)
	unit := strings.Replace(sticksUnit(t), "ExecStart=streambox media mount %I\n", "ExecStart=true\n", 1)
	unit = strings.Replace(unit, "ExecStopPost=streambox media unmount %I\n", "ExecStopPost=sleep 2\n", 1)
	m.Write("/run/systemd/system/streambox-media@.service", unit)
	m.Run("systemctl", "daemon-reload")
	const service = "streambox-media@sdz1.service"
	is := func(state string) {
		m.Eventually("the unit is "+state, patience, func() error {
			if now := m.Property(service, "ActiveState"); now != state {
				return fmt.Errorf("it is %s", now)
			}
			return nil
		})
	}
	pullAndPut := func(program string, args ...string) error {
		m.Run("systemctl", "start", service)
		m.Run("systemctl", "--no-block", "stop", service)
		is("deactivating")
		_, err := m.Try(program, args...)
		return err
	}
	if err := pullAndPut("systemctl", "--no-block", "--job-mode=fail", "start", service); err == nil {
		t.Error("systemd takes a device's wish while the unit stops: then the rule is not needed")
	}
	is("inactive")
	args := strings.Fields(strings.ReplaceAll(rule, "%k", "sdz1"))
	if err := pullAndPut(args[0], args[1:]...); err != nil {
		t.Error(err)
	}
	is("active")
}

func journal(m *systemdtest.Machine, unit string) string {
	out, err := m.Try("journalctl", "--no-pager", "-u", unit)
	if err != nil {
		return err.Error()
	}
	return out
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
