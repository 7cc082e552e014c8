//go:build vm

package vmtest

import (
	"path/filepath"
	"testing"
)

// payload is a disk with what changes from run to run: the program and the
// contract suites, built for the guest. It is mounted at /mnt.
func payload(t *testing.T, films string) string {
	t.Helper()
	content := t.TempDir()
	crossBuild(t, filepath.Join(content, "streambox"), "build", "-trimpath", "./cmd/streambox")
	crossBuild(t, filepath.Join(content, "panel.test"), "test", "-c", "-tags", "chip", "./appliance/panel")
	crossBuild(t, filepath.Join(content, "usb.test"), "test", "-c", "-tags", "stick", "./appliance/usb")
	tool(t, "cp", filepath.Join(films, otherFilm), content) // for the exFAT stick
	image := cache(t, "payload.ext4")
	blank(t, image, 256)
	tool(t, "mke2fs", "-q", "-F", "-t", "ext4", "-L", "payload", "-d", content, image)
	return image
}

// install puts the box on the machine as its owner would (`streambox service
// install --appliance`), with the pins that this machine has.
func (g *guest) install(t *testing.T) {
	t.Helper()
	g.sh(t, `install -m 755 /mnt/streambox /usr/local/bin/streambox
		set -e
		streambox service install --appliance
		grep -q '^panel = "auto"' /etc/streambox/streambox.toml
		printf 'panel-button = "`+buttonName+`"\npanel-led = "`+ledName+`"\n' >> /etc/streambox/streambox.toml`)
}

// fillExFAT puts a film on the empty exFAT stick by the guest's own driver, as a
// camera would, before the box is installed and would take the stick for itself.
func (g *guest) fillExFAT(t *testing.T) {
	t.Helper()
	g.sh(t, `set -e
		for n in $(seq 100); do [ -b /dev/disk/by-label/Camera ] && break; sleep 0.2; done
		mkdir -p /run/fill
		mount -t exfat /dev/disk/by-label/Camera /run/fill
		mkdir -p /run/fill/DCIM
		cp "/mnt/`+otherFilm+`" "/run/fill/DCIM/"
		umount /run/fill`)
}
