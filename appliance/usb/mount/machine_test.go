package mount

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tree is a machine made of files, as sysfs, proc, etc and dev show one.
type tree struct {
	t    *testing.T
	root string
}

func (m tree) file(name, content string) {
	m.t.Helper()
	full := filepath.Join(m.root, name)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

func (m tree) link(name, target string) {
	m.t.Helper()
	full := filepath.Join(m.root, name)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		m.t.Fatal(err)
	}
	rel, err := filepath.Rel(filepath.Dir(full), filepath.Join(m.root, target))
	if err != nil {
		m.t.Fatal(err)
	}
	if err = os.Symlink(rel, full); err != nil {
		m.t.Fatal(err)
	}
}

// block adds a block device; disk is "" for a whole one.
func (m tree) block(bus, disk, name, number, partition string) {
	m.t.Helper()
	dir := "sys/devices/platform/" + bus + "/block/" + name
	if disk != "" {
		dir = "sys/devices/platform/" + bus + "/block/" + disk + "/" + name
		m.file(dir+"/partition", partition+"\n")
	}
	m.file(dir+"/size", "204800\n")
	m.link("sys/class/block/"+name, dir)
	m.link("sys/dev/block/"+number, dir)
	m.file("dev/"+name, "")
}

// A Pi with its system on a USB disk (sda: boot, LVM), a stick (sdb), an SD card
// in a USB reader (sdc) whose first partition the kernel was told to boot, and
// a virtual disk that is no USB.
func newTree(t *testing.T) (Reader, tree) {
	t.Helper()
	m := tree{t, t.TempDir()}
	m.file("sys/devices/platform/usb1/1-1/bDeviceClass", "00")
	for _, port := range []string{"1-1", "1-2", "1-3"} {
		m.link("sys/devices/platform/usb1/"+port+"/subsystem", "sys/bus/usb")
	}
	m.file("sys/bus/usb/uevent", "")
	m.file("sys/bus/virtio/uevent", "")
	m.link("sys/devices/platform/virtio0/subsystem", "sys/bus/virtio")
	m.block("usb1/1-1", "", "sda", "8:0", "")
	m.block("usb1/1-1", "sda", "sda1", "8:1", "1")
	m.block("usb1/1-1", "sda", "sda2", "8:2", "2")
	m.block("usb1/1-1", "sda", "sda3", "8:3", "3")
	m.block("usb1/1-2", "", "sdb", "8:16", "")
	m.block("usb1/1-2", "sdb", "sdb10", "8:26", "10")
	m.block("usb1/1-2", "sdb", "sdb2", "8:18", "2")
	m.block("usb1/1-3", "", "sdc", "8:32", "")
	m.block("usb1/1-3", "sdc", "sdc1", "8:33", "1")
	m.block("virtio0", "", "vda", "254:0", "")
	m.block("virtual", "", "dm-0", "253:0", "")
	m.block("virtual", "", "loop0", "7:0", "")
	m.file("sys/devices/platform/virtual/block/dm-0/slaves/sda2", "")
	m.file("sys/devices/platform/usb1/1-1/block/sda/sda2/holders/dm-0", "")
	m.link("dev/mapper/pi-root", "dev/dm-0")
	m.link("dev/disk/by-uuid/AAAA-0001", "dev/sdb2")
	m.link("dev/disk/by-partuuid/cafe-01", "dev/sdc1")
	m.file("proc/self/mountinfo", "27 1 253:0 / / rw - ext4 /dev/mapper/pi-root rw\n28 27 8:1 / /boot/firmware rw - vfat /dev/sda1 rw\n"+
		"30 27 0:30 / /proc rw - proc proc rw\n31 27 8:18 / /media/streambox/sdb2 ro - vfat /dev/sdb2 ro\n")
	m.file("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n")
	m.file("proc/cmdline", "console=tty1 quiet")
	return Reader{Root: m.root}, m
}

func TestDevicesOfSysfs(t *testing.T) {
	r, _ := newTree(t)
	for _, c := range []struct {
		name, disk       string
		usb              bool
		rank, partitions int
		holders          string
	}{
		{"sda1", "sda", true, 1, 0, ""},
		{"sda2", "sda", true, 2, 0, "dm-0"},
		{"sdb10", "sdb", true, 2, 0, ""}, // by number, not by name
		{"sdb2", "sdb", true, 1, 0, ""},
		{"sdb", "sdb", true, 0, 2, ""},
		{"vda", "vda", false, 0, 0, ""},
		{"dm-0", "dm-0", false, 0, 0, ""},
	} {
		d, err := r.Device(c.name)
		if err != nil || d.Disk != c.disk || d.USB != c.usb || d.Rank != c.rank || d.Partitions != c.partitions ||
			strings.Join(d.Holders, " ") != c.holders || d.SizeBytes != 100<<20 {
			t.Errorf("%s: %+v %v", c.name, d, err)
		}
	}
	if _, err := r.Device("sdz1"); err == nil {
		t.Error("a device that is not there was found")
	}
}

func TestTheDisksOfTheSystem(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(tree)
		disks  string
	}{
		{"/ on LVM on a USB disk, /boot beside it; our own mounts are no system", func(tree) {}, "dm-0 sda"},
		{"swap", func(m tree) {
			m.file("proc/swaps", "Filename\tType\n/dev/sdb2 partition 1 0 -2\n/swapfile file 1 0 -2\n")
		}, "dm-0 sda sdb"},
		{"root= of the kernel, the rest an overlay", func(m tree) { m.file("proc/cmdline", "quiet root=PARTUUID=cafe-01 rw") }, "dm-0 sda sdc"},
		{"a live system: / is a file on the stick", func(m tree) {
			m.file("sys/devices/platform/virtual/block/loop0/loop/backing_file", "/media/live/root.squashfs\n")
			m.file("proc/self/mountinfo", "27 1 7:0 / / ro - squashfs /dev/loop0 ro\n28 27 8:33 / /media/live ro - vfat /dev/sdc1 ro\n")
		}, "loop0 sdc"},
		{"btrfs has no device number", func(m tree) { m.file("proc/self/mountinfo", "27 1 0:44 /@ / rw - btrfs /dev/sdb2 rw\n") }, "sdb"},
		{"a disk at /srv is the system's", func(m tree) { m.file("proc/self/mountinfo", "27 1 8:33 / /srv/films rw - ext4 /dev/sdc1 rw\n") }, "sdc"},
		{"one at /mnt is its owner's, not the system's", func(m tree) { m.file("proc/self/mountinfo", "27 1 8:33 / /mnt/films rw - ext4 /dev/sdc1 rw\n") }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, m := newTree(t)
			c.change(m)
			got, err := r.Machine("/media/streambox")
			slices.Sort(got.SystemDisks)
			if err != nil || strings.Join(got.SystemDisks, " ") != c.disks {
				t.Errorf("%v %v, want %s", got.SystemDisks, err, c.disks)
			}
		})
	}
	r, m := newTree(t)
	if err := os.Remove(filepath.Join(m.root, "proc/self/mountinfo")); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Machine("/media/streambox"); err == nil {
		t.Error("a machine of which nothing is known was taken for an empty one")
	}
}

func TestWhatTheOwnerHasPlansWith(t *testing.T) {
	for _, c := range []struct{ name, file, content, device string }{
		{"fstab by device, noauto", "etc/fstab", "/dev/sdb2 /mnt/x vfat noauto,user 0 0\n", "sdb2"},
		{"fstab by UUID", "etc/fstab", "# a disk\nUUID=AAAA-0001\t/mnt/x auto nofail 0 0", "sdb2"},
		{"fstab by UUID in quotes", "etc/fstab", "UUID=\"AAAA-0001\" /mnt/x auto\n", "sdb2"},
		{"fstab by a link", "etc/fstab", "/dev/disk/by-partuuid/cafe-01 /mnt/x auto\n", "sdc1"},
		{"fstab by LVM, and so what it is made of", "etc/fstab", "/dev/mapper/pi-root / ext4 defaults\n", "sda2"},
		{"crypttab", "etc/crypttab", "films UUID=AAAA-0001 none luks,noauto\n", "sdb2"},
		{"crypttab's key on a stick", "etc/crypttab", "root /dev/vda key.bin:UUID=AAAA-0001 luks\n", "sdb2"},
		{"a mount unit", "etc/systemd/system/mnt-x.mount", "[Mount]\nWhat=/dev/disk/by-uuid/AAAA-0001\nWhere=/mnt/x\n", "sdb2"},
		{"a mount unit until the next start", "run/systemd/system/mnt-x.mount", "[Mount]\nWhat=/dev/sdb2\nWhere=/mnt/x\n", "sdb2"},
		{"a mount unit that came with a program", "usr/local/lib/systemd/system/mnt-x.mount", "[Mount]\nWhat=UUID=AAAA-0001\nWhere=/mnt/x\n", "sdb2"},
		{"a swap unit", "etc/systemd/system/dev-sdc1.swap", "[Swap]\nWhat = /dev/sdc1\n", "sdc1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, m := newTree(t)
			m.file(c.file, c.content)
			got, err := r.Machine("/media/streambox")
			if err != nil || !slices.ContainsFunc(got.Claims, func(claim Claim) bool { return slices.Contains(claim.Devices, c.device) }) {
				t.Errorf("%+v %v", got.Claims, err)
			}
		})
	}
}

// While udev asks, the links of a new device are not there: udev says which will be.
func TestUdevAsksBeforeItsLinksAreThere(t *testing.T) {
	const byID, byPath = "/dev/disk/by-id/usb-Ada_Films=2-0:0-part2", "/dev/disk/by-path/platform-usb-0:1:1.0-part2"
	found := ParseProperties([]string{
		"ID_FS_TYPE=ext4", "ID_FS_USAGE=filesystem", "ID_FS_UUID=BBBB-0002", "ID_FS_LABEL=NEW", "ID_PART_ENTRY_UUID=cafe-02",
		"DEVLINKS=/dev/disk/by-uuid/BBBB-0002 " + byPath + " " + byID,
	})
	for spec, ours := range map[string]bool{
		byID: false, byPath: false, "/dev/disk/by-uuid/BBBB-0002": false, "UUID=BBBB-0002": false, "LABEL=NEW": false, "PARTUUID=cafe-02": false,
		"/dev/disk/by-id/usb-Ada": true, "UUID=CCCC-0003": true,
	} {
		r, m := newTree(t)
		m.file("etc/fstab", spec+" /mnt/x ext4 noauto 0 0\n")
		got, err := Helper{Reader: r, Setting: AllSticks(), Kernel: &fakeKernel{}}.IsOurs("sdb10", found)
		if err != nil || got != ours {
			t.Errorf("%s in fstab: ours %v, %v", spec, got, err)
		}
	}
}

func TestWhatCannotBeReadIsNotTouched(t *testing.T) {
	r, m := newTree(t)
	if err := os.MkdirAll(filepath.Join(m.root, "etc/fstab"), 0o755); err != nil {
		t.Fatal(err) // a folder: reading it fails
	}
	if _, err := r.Machine("/media/streambox"); err == nil {
		t.Error("an fstab that cannot be read counts as empty")
	}
}

func TestProperties(t *testing.T) {
	var d Device
	ParseProperties([]string{
		"ID_FS_TYPE=vfat", "ID_FS_USAGE=filesystem", "ID_FS_LABEL=MY_STICK", `ID_FS_LABEL_ENC=MY\x20STICK\x1b[31m`, "ID_FS_UUID=AAAA-0001",
		"ID_PART_ENTRY_TYPE=0xc", "ID_PART_ENTRY_UUID=cafe-01", `ID_PART_ENTRY_NAME=a\x20b`, "PATH=/x", "ID_FS_TYPE", "",
	}).Apply(&d)
	if d.Label != "MY STICK\x1b[31m" || d.UUID != "AAAA-0001" || d.FileSystem != "vfat" || d.PartUUID != "cafe-01" || d.PartLabel != "a b" || d.Probe != Found {
		t.Errorf("%+v", d)
	}
}
