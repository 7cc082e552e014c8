//go:build service

package systemd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"streambox.local/appliance/usb/usbtest"
	"streambox.local/systemd"
	"streambox.local/systemd/systemdtest"
)

// Stands for the confinement of the stick's unit: what it calls must work in
// there, and what it mounts must be seen by the whole machine. A container has no
// USB, so the unit's own decision is that the device is none of ours; the system
// calls that it would make are made in its place.
func TestTheSticksUnitMountsForEverybody(t *testing.T) {
	program := build(t)
	image := filepath.Join(t.TempDir(), "image")
	usbtest.Image(t, image, usbtest.Content{FileSystem: "ext4", Label: "FILMS", Files: map[string][]byte{"film.mp4": []byte("a film")}}, 16)
	loop := usbtest.AttachLoop(t, image)
	m := systemdtest.Boot(t, map[string]string{"/opt/streambox": program})
	m.Run("install", "-D", "-m", "755", "/opt/streambox", "/usr/local/bin/streambox")
	if _, err := os.Stat("/sys/class/block/" + loop.Name); err != nil {
		t.Fatal(err)
	}
	number := strings.Fields(strings.ReplaceAll(readFile(t, "/sys/class/block/"+loop.Name+"/dev"), ":", " "))
	m.Run("mknod", "/dev/"+loop.Name, "b", number[0], number[1])

	unit := ""
	for _, f := range systemd.Manifest() {
		if f.Name == "streambox-media@.service" {
			unit = string(f.Content())
		}
	}
	const start = "ExecStart=streambox media mount %I\n"
	if !strings.Contains(unit, start) || !strings.Contains(unit, "\nBindsTo=dev-%i.device\nAfter=dev-%i.device\n") {
		t.Fatal("the unit is another one than this test knows")
	}
	unit = strings.Replace(unit, "\nBindsTo=dev-%i.device\nAfter=dev-%i.device\n", "\n", 1) // no udev in a container
	unit = strings.Replace(unit, start, start+
		"ExecStart=blkid -p -o udev /dev/%I\n"+
		"ExecStart=mkdir -p /media/streambox/%I\n"+
		"ExecStart=mount -i -t ext4 -o ro,nosuid,nodev,noexec,noload,errors=continue /dev/%I /media/streambox/%I\n", 1)
	unit = strings.Replace(unit, "DeviceAllow=block-sd r\n", "DeviceAllow=block-sd r\nDeviceAllow=block-loop r\n", 1)
	if err := os.WriteFile(m.Path("/run/systemd/system/streambox-media@.service"), []byte(unit), 0o644); err != nil {
		t.Fatal(err)
	}
	m.Run("systemctl", "daemon-reload")
	service := "streambox-media@" + loop.Name + ".service"
	if out, err := m.Try("systemctl", "start", service); err != nil {
		t.Fatalf("%v %s\n%s", err, out, journal(m, service))
	}
	if text := m.Run("cat", "/media/streambox/"+loop.Name+"/film.mp4"); text != "a film" {
		t.Errorf("the machine reads %q", text)
	}
	if said := journal(m, service); !strings.Contains(said, "Device is none of ours") || !strings.Contains(said, "USB") {
		t.Errorf("the unit's own decision: %s", said)
	}
	m.Run("systemctl", "stop", service)
	if out, err := m.Try("stat", "/media/streambox/"+loop.Name); err == nil {
		t.Errorf("the stick's folder is still there: %s\n%s", out, journal(m, service))
	}
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
