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
func NewPort(tb testing.TB, name string) *Port {
	tb.Helper()
	if !regexp.MustCompile(`^[0-9]+-[0-9]+(\.[0-9]+)*$`).MatchString(name) {
		tb.Fatalf("%q is no USB device; write its name in /sys/bus/usb/devices, like 1-1", name)
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

// Honest is true: it is the real thing.
func (p *Port) Honest() bool { return true }

// Prepare formats the disk, as a whole, and leaves it pulled.
func (p *Port) Prepare(tb testing.TB, c Content) {
	tb.Helper()
	p.Plug(tb)
	disk := p.disk(tb)
	p.release(tb, disk)
	device := "/dev/" + disk
	wipe(tb, device, c.FileSystem)
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
		runTool(tb, with.program, with.args...)
		p.fill(tb, device, c)
	}
	p.Pull(tb)
	runTool(tb, "systemctl", "unmask", "--runtime", "streambox-media@"+disk+".service")
}

// fill mounts the disk as its owner and copies the files to it.
func (p *Port) fill(tb testing.TB, device string, c Content) {
	tb.Helper()
	at := tb.TempDir()
	types := map[string][]string{"vfat": {"vfat"}, "exfat": {"exfat"}, "ntfs": {"ntfs3"}, "ext4": {"ext4"}}
	data := map[string]string{"vfat": "utf8", "exfat": "iocharset=utf8", "ntfs": "iocharset=utf8"}
	err := unix.Mount(device, at, types[c.FileSystem][0], 0, data[c.FileSystem])
	if errors.Is(err, unix.ENODEV) && c.FileSystem == "ntfs" {
		runTool(tb, "ntfs-3g", device, at)
		err = nil
	}
	if err != nil {
		tb.Fatalf("mount %s to fill it: %v", c.FileSystem, err)
	}
	fill(tb, at, c.Files)
	unix.Sync()
	if err = unix.Unmount(at, 0); err != nil {
		tb.Fatal(err)
	}
}

// release waits until the unit has looked at the disk, and takes away what it mounted.
func (p *Port) release(tb testing.TB, disk string) {
	tb.Helper()
	runTool(tb, "udevadm", "settle", "--timeout=30")
	unit := "streambox-media@" + disk + ".service"
	runTool(tb, "systemctl", "start", unit) // waits until systemd knows the device, and the unit has run: it does not start behind our back
	runTool(tb, "systemctl", "stop", unit)
	runTool(tb, "systemctl", "mask", "--runtime", unit) // a change of the disk starts it again, in the middle of our work
}

// Plug binds the device, if it is not, and returns when its disk is there.
func (p *Port) Plug(tb testing.TB) {
	tb.Helper()
	if _, err := os.Stat(p.path("driver")); err != nil {
		p.tell(tb, "bind")
	}
	p.disk(tb)
}

// Pull unbinds it.
func (p *Port) Pull(tb testing.TB) {
	tb.Helper()
	p.tell(tb, "unbind")
}

func (p *Port) tell(tb testing.TB, what string) {
	tb.Helper()
	if err := os.WriteFile("/sys/bus/usb/drivers/usb/"+what, []byte(p.name), 0); err != nil {
		tb.Fatalf("%s the USB device: %v", what, err)
	}
}

func (p *Port) path(name string) string { return filepath.Join("/sys/bus/usb/devices", p.name, name) }

// disk waits for the disk on the port. One with partitions is not ours to format.
func (p *Port) disk(tb testing.TB) string {
	tb.Helper()
	limit, look := time.NewTimer(patience), time.NewTicker(20*time.Millisecond)
	defer limit.Stop()
	defer look.Stop()
	for {
		found, err := filepath.Glob(p.path("*/host*/target*/*/block/*"))
		if err == nil && len(found) == 1 {
			if parts, _ := filepath.Glob(found[0] + "/*/partition"); len(parts) > 0 {
				tb.Fatalf("the disk on port %s has partitions: give one that may be formatted", p.name)
			}
			return filepath.Base(found[0])
		}
		select {
		case <-look.C:
		case <-limit.C:
			tb.Fatalf("no disk on port %s: %v", p.name, slices.Collect(slices.Values(found)))
		}
	}
}

// wipe clears the disk's beginning and end, where file systems are known by, and puts a
// signature there.
func wipe(tb testing.TB, device, fileSystem string) {
	tb.Helper()
	f, err := os.OpenFile(device, os.O_WRONLY|unix.O_EXCL, 0) // not while it is mounted
	if err != nil {
		tb.Fatal(err)
	}
	head := make([]byte, 4<<20)
	Signature(head, fileSystem)
	_, err = f.WriteAt(head, 0)
	end, seekErr := f.Seek(0, 2)
	if err = errors.Join(err, seekErr); err == nil && end > 8<<20 {
		_, err = f.WriteAt(make([]byte, 4<<20), end-4<<20)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		tb.Fatalf("wipe %s: %v", device, err)
	}
}
