package usbtest

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"streambox.local/appliance/usb"
	"streambox.local/appliance/usb/mount"
	"streambox.local/appliance/usb/note"
)

// Port is a real USB disk that is plugged and pulled through sysfs, on a machine
// where StreamBox's udev rule, unit and program do the rest. See the package
// comment. Its disk is formatted.
type Port struct {
	name        string
	fileSystems []string
}

// NewPort takes a USB device by its name in /sys/bus/usb/devices.
func NewPort(t testing.TB, name string) *Port {
	t.Helper()
	if !regexp.MustCompile(`^[0-9]+-[0-9]+(\.[0-9]+)*$`).MatchString(name) {
		t.Fatalf("%q is no USB device; write its name in /sys/bus/usb/devices, like 1-1", name)
	}
	p := &Port{name: name, fileSystems: []string{"vfat", "exfat", "ntfs", "ext4"}}
	if list := os.Getenv("STREAMBOX_STICK_FILESYSTEMS"); list != "" {
		p.fileSystems = strings.Split(list, ",")
	}
	return p
}

// Folders looks where the service does.
func (p *Port) Folders() *usb.Folders { return &usb.Folders{Below: mount.Dir, Notes: note.Dir} }

// FileSystems are all that are mounted, or those that were chosen.
func (p *Port) FileSystems() []string { return p.fileSystems }

// Honest: it is the real thing.
func (p *Port) Honest() bool { return true }

// Prepare formats the disk, as a whole, and leaves it pulled.
func (p *Port) Prepare(t testing.TB, c Content) {
	t.Helper()
	p.Plug(t)
	disk := p.disk(t)
	p.release(t, disk)
	device := "/dev/" + disk
	wipe(t, device, c.FileSystem)
	type tool struct {
		program string
		args    []string
	}
	make := map[string]tool{
		"vfat":  {"mkfs.vfat", []string{"-I", "-F", "32", "-n", c.Label, device}},
		"exfat": {"mkfs.exfat", []string{"-L", c.Label, device}},
		"ntfs":  {"mkfs.ntfs", []string{"-Q", "-F", "-L", c.Label, device}},
		"ext4":  {"mkfs.ext4", []string{"-q", "-F", "-L", c.Label, device}},
	}
	if with, known := make[c.FileSystem]; known {
		runTool(t, with.program, with.args...)
		p.fill(t, device, c)
	}
	p.Pull(t)
}

// fill mounts the disk as its owner and copies the files to it.
func (p *Port) fill(t testing.TB, device string, c Content) {
	t.Helper()
	at := t.TempDir()
	types := map[string][]string{"vfat": {"vfat"}, "exfat": {"exfat"}, "ntfs": {"ntfs3"}, "ext4": {"ext4"}}
	data := map[string]string{"vfat": "utf8", "exfat": "iocharset=utf8", "ntfs": "iocharset=utf8"}
	err := unix.Mount(device, at, types[c.FileSystem][0], 0, data[c.FileSystem])
	if errors.Is(err, unix.ENODEV) && c.FileSystem == "ntfs" {
		runTool(t, "ntfs-3g", device, at)
		err = nil
	}
	if err != nil {
		t.Fatalf("mount %s to fill it: %v", c.FileSystem, err)
	}
	fill(t, at, c.Files)
	unix.Sync()
	if err = unix.Unmount(at, 0); err != nil {
		t.Fatal(err)
	}
}

// release waits until the unit has looked at the disk, and takes away what it mounted.
func (p *Port) release(t testing.TB, disk string) {
	t.Helper()
	runTool(t, "udevadm", "settle", "--timeout=30")
	runTool(t, "systemctl", "stop", "streambox-media@"+disk+".service")
}

// Plug binds the device, if it is not, and returns when its disk is there.
func (p *Port) Plug(t testing.TB) {
	t.Helper()
	if _, err := os.Stat(p.path("driver")); err != nil {
		p.tell(t, "bind")
	}
	p.disk(t)
}

// Pull unbinds it.
func (p *Port) Pull(t testing.TB) {
	t.Helper()
	p.tell(t, "unbind")
}

func (p *Port) tell(t testing.TB, what string) {
	t.Helper()
	if err := os.WriteFile("/sys/bus/usb/drivers/usb/"+what, []byte(p.name), 0); err != nil {
		t.Fatalf("%s the USB device: %v", what, err)
	}
}

func (p *Port) path(name string) string { return filepath.Join("/sys/bus/usb/devices", p.name, name) }

// disk waits for the disk on the port. One with partitions is not ours to format.
func (p *Port) disk(t testing.TB) string {
	t.Helper()
	limit, look := time.NewTimer(patience), time.NewTicker(20*time.Millisecond)
	defer limit.Stop()
	defer look.Stop()
	for {
		found, err := filepath.Glob(p.path("*/host*/target*/*/block/*"))
		if err == nil && len(found) == 1 {
			if parts, _ := filepath.Glob(found[0] + "/*/partition"); len(parts) > 0 {
				t.Fatalf("the disk on port %s has partitions: give one that may be formatted", p.name)
			}
			return filepath.Base(found[0])
		}
		select {
		case <-look.C:
		case <-limit.C:
			t.Fatalf("no disk on port %s: %v", p.name, slices.Collect(slices.Values(found)))
		}
	}
}

// wipe clears the disk's beginning and end, where file systems are known by, and puts a
// signature there.
func wipe(t testing.TB, device, fileSystem string) {
	t.Helper()
	f, err := os.OpenFile(device, os.O_WRONLY|unix.O_EXCL, 0) // not while it is mounted
	if err != nil {
		t.Fatal(err)
	}
	head := make([]byte, 4<<20)
	Signature(head, fileSystem)
	_, err = f.WriteAt(head, 0)
	end, seekErr := f.Seek(0, 2)
	if err = errors.Join(err, seekErr); err == nil && end > 8<<20 {
		_, err = f.WriteAt(make([]byte, 4<<20), end-4<<20)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		t.Fatalf("wipe %s: %v", device, err)
	}
}
