//go:build vm

package vmtest

import (
	"path/filepath"
	"testing"

	"streambox.local/image/boxtest"
)

// payload is a disk with what changes from run to run: the program and the
// contract suites, built for the guest. It is mounted at /mnt.
func payload(t *testing.T, films string) string {
	t.Helper()
	content := t.TempDir()
	boxtest.CrossBuild(t, filepath.Join(content, "streambox"), "build", "-trimpath", "./cmd/streambox")
	boxtest.CrossBuild(t, filepath.Join(content, "panel.test"), "test", "-c", "-tags", "chip", "./appliance/panel")
	boxtest.CrossBuild(t, filepath.Join(content, "usb.test"), "test", "-c", "-tags", "stick", "./appliance/usb")
	boxtest.CrossBuildFor(t, "arm", filepath.Join(content, armSuite), "test", "-c", "./transcode/worker")
	boxtest.Tool(t, "cp", filepath.Join(films, boxtest.OtherFilm), content) // for the exFAT stick
	image := cache(t, "payload.ext4")
	boxtest.Blank(t, image, 256)
	boxtest.Tool(t, "mke2fs", "-q", "-F", "-t", "ext4", "-L", "payload", "-d", content, image)
	return image
}

// install puts the box on the machine as its owner would (`streambox service
// install --appliance`), with the pins that this machine has.
func (s *scenario) install(t *testing.T) {
	t.Helper()
	s.Sh(t, `install -m 755 /mnt/streambox /usr/local/bin/streambox
		set -e
		streambox service install --appliance
		grep -q '^panel = "auto"' /etc/streambox/streambox.toml
		printf 'panel-button = "`+boxtest.ButtonName+`"\npanel-led = "`+boxtest.LEDName+`"\n' >> /etc/streambox/streambox.toml`)
}

// fillExFAT puts a film on the empty exFAT stick by the guest's own driver, as a
// camera would, before the box is installed and would take the stick for itself.
func (s *scenario) fillExFAT(t *testing.T) {
	t.Helper()
	s.Sh(t, `set -e
		for n in $(seq 100); do [ -b /dev/disk/by-label/Camera ] && break; sleep 0.2; done
		mkdir -p /run/fill
		mount -t exfat /dev/disk/by-label/Camera /run/fill
		mkdir -p /run/fill/DCIM
		cp "/mnt/`+boxtest.OtherFilm+`" "/run/fill/DCIM/"
		umount /run/fill`)
}
