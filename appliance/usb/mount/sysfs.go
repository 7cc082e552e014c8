package mount

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"streambox.local/appliance/usb/mounts"
)

// Reader reads the facts of a machine from its file systems.
type Reader struct {
	Root     string        // "": the real machine; tests give a folder with sys, proc, etc and dev in it
	Patience time.Duration // how long a device has to answer; 0: 15 s
}

func (r Reader) path(parts ...string) string {
	return filepath.Join(append([]string{r.Root + "/"}, parts...)...)
}

// Device finds what sysfs knows of a block device; what is on it is the probe's.
func (r Reader) Device(name string) (Device, error) {
	dir, err := filepath.EvalSymlinks(r.path("sys/class/block", name))
	if err != nil {
		return Device{}, fmt.Errorf("find the device %s: %w", name, err)
	}
	d := Device{Name: name, Disk: name, USB: r.onUSB(dir), SizeBytes: 512 * number(filepath.Join(dir, "size"))}
	if at := number(filepath.Join(dir, "partition")); at > 0 {
		d.Disk = filepath.Base(filepath.Dir(dir))
		d.Rank = 1 + slices.Index(partitions(filepath.Dir(dir)), name)
	} else {
		d.Partitions = len(partitions(dir))
	}
	d.Holders = folderNames(filepath.Join(dir, "holders"))
	return d, nil
}

// onUSB walks from a device to the machine: is one of those between on the USB
// bus? (udev's ID_BUS is no answer: it says ata for disks in USB enclosures.)
func (r Reader) onUSB(dir string) bool {
	for top := r.path("sys"); len(dir) > len(top); dir = filepath.Dir(dir) {
		if target, err := os.Readlink(filepath.Join(dir, "subsystem")); err == nil && filepath.Base(target) == "usb" {
			return true
		}
	}
	return false
}

// partitions are the names of a disk's partitions, by their numbers.
func partitions(disk string) []string {
	type part struct {
		name string
		at   int64
	}
	var parts []part
	for _, name := range folderNames(disk) {
		if at := number(filepath.Join(disk, name, "partition")); at > 0 {
			parts = append(parts, part{name, at})
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.at, b.at) })
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = p.name
	}
	return names
}

// below are a device and all that it is made of: LVM, LUKS, RAID (slaves) and
// loop devices (the file system their file lies in).
func (r Reader) below(name string, list []mounts.Mount) []string {
	var out []string
	var visit func(name string)
	visit = func(name string) {
		if name == "" || slices.Contains(out, name) {
			return
		}
		out = append(out, name)
		dir := r.path("sys/class/block", name)
		for _, slave := range folderNames(filepath.Join(dir, "slaves")) {
			visit(slave)
		}
		if file := strings.TrimSpace(text(filepath.Join(dir, "loop/backing_file"))); file != "" {
			visit(r.deviceOf(mounts.Of(list, file)))
		}
	}
	visit(name)
	return out
}

// diskOf is the whole disk of a device; a partition's folder lies in its disk's.
func (r Reader) diskOf(name string) string {
	dir, err := filepath.EvalSymlinks(r.path("sys/class/block", name))
	if err == nil && number(filepath.Join(dir, "partition")) > 0 {
		return filepath.Base(filepath.Dir(dir))
	}
	return name
}

// deviceOf is the kernel name of what a mount shows; "" where there is no
// device. btrfs has no number of its own: its source says it.
func (r Reader) deviceOf(m mounts.Mount) string {
	if target, err := os.Readlink(r.path("sys/dev/block", m.Number)); err == nil {
		return filepath.Base(target)
	}
	if strings.HasPrefix(m.Source, "/dev/") {
		return r.resolve(m.Source)
	}
	return ""
}

// resolve is the kernel name of a path below /dev, links followed; "" for none.
func (r Reader) resolve(path string) string {
	target, err := filepath.EvalSymlinks(r.path(path))
	if err != nil {
		return ""
	}
	name := filepath.Base(target)
	if _, err = os.Lstat(r.path("sys/class/block", name)); err != nil {
		return ""
	}
	return name
}

func folderNames(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// text is a small file; "" when there is none.
func text(name string) string {
	data, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	return string(data)
}

// number is the number in a file; 0 for none.
func number(name string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(text(name)), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
