package mount

import (
	"strings"
	"testing"

	"streambox.local/appliance/usb/note"
)

// stick is one that is ours; cases change what they are about.
func stick(change func(*Device)) Device {
	d := Device{Name: "sda1", Disk: "sda", USB: true, SizeBytes: 64 << 30, Rank: 1, FileSystem: "vfat", Usage: "filesystem", Label: "FILMS", UUID: "1A2B-3C4D", PartUUID: "0f0f-01"}
	change(&d)
	return d
}

func TestDecide(t *testing.T) {
	nothing := func(*Device) {}
	is := func(fileSystem, usage string) func(*Device) {
		return func(d *Device) { d.FileSystem, d.Usage = fileSystem, usage }
	}
	claim := func(specs ...string) Machine { return Machine{Claims: claimsOf(specs, "/etc/fstab")} }
	const silence = note.State("")
	cases := []struct {
		name    string
		change  func(*Device)
		machine Machine
		setting string // "": auto
		state   note.State
		reason  note.Reason
	}{
		{"a FAT stick is ours", nothing, Machine{SystemDisks: []string{"mmcblk0"}}, "", note.Mounted, ""},
		{"exFAT", is("exfat", "filesystem"), Machine{}, "", note.Mounted, ""},
		{"NTFS", is("ntfs", "filesystem"), Machine{}, "", note.Mounted, ""},
		{"ext4", is("ext4", "filesystem"), Machine{}, "", note.Mounted, ""},
		{"a whole disk without partitions", func(d *Device) { d.Name, d.Rank = "sda", 0 }, Machine{}, "", note.Mounted, ""},
		{"an NVMe disk is none of ours", func(d *Device) { d.USB = false }, Machine{}, "", silence, ""},
		{"an empty card reader", func(d *Device) { d.SizeBytes = 0 }, Machine{}, "", silence, ""},
		{"a disk with partitions", func(d *Device) { d.Name, d.Rank, d.Partitions = "sda", 0, 2 }, Machine{}, "", silence, ""},
		{"another partition of the USB disk of /", func(d *Device) { d.Name, d.Rank = "sda3", 3 }, Machine{SystemDisks: []string{"sda"}}, "", silence, ""},
		{"the EFI partition of a stick from a Mac", func(d *Device) { d.PartType = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B" }, Machine{}, "", silence, ""},
		{"an extended partition", func(d *Device) { d.PartType = "0x5" }, Machine{}, "", silence, ""},
		{"swap", is("swap", "other"), Machine{}, "", silence, ""},

		{"in fstab by device", nothing, Machine{Claims: []Claim{{Spec: "/dev/sda1", By: "/etc/fstab"}}}, "", note.Ignored, note.InUse},
		{"in fstab by UUID", nothing, claim("UUID=1A2B-3C4D"), "", note.Ignored, note.InUse},
		{"in fstab by UUID in other letters", nothing, claim("UUID=1a2b-3c4d"), "", note.Ignored, note.InUse},
		{"in fstab by label", nothing, claim("LABEL=FILMS"), "", note.Ignored, note.InUse},
		{"in fstab by PARTUUID", nothing, claim("PARTUUID=0f0f-01"), "", note.Ignored, note.InUse},
		{"in fstab by a link that means it now", nothing, Machine{Claims: []Claim{{Spec: "/dev/disk/by-id/usb-X", Devices: []string{"sda1"}}}}, "", note.Ignored, note.InUse},
		{"another UUID in fstab", nothing, claim("UUID=5E6F-7A8B", "LABEL=OTHER", "PARTUUID=0f0f-02", "LABEL=", "tmpfs"), "", note.Mounted, ""},
		{"no UUID is no match for an empty one", func(d *Device) { d.UUID = "" }, claim("UUID="), "", note.Mounted, ""},
		{"in use beats the setting", nothing, claim("UUID=1A2B-3C4D"), "MUSIC", note.Ignored, note.InUse},
		{"off is silent about the owner's disks", nothing, claim("UUID=1A2B-3C4D"), "off", silence, ""},
		{"off is silent about what a desktop has mounted", nothing, Machine{Mounts: []Mounted{{"sda1", "/media/pi/FILMS"}}}, "off", silence, ""},
		{"part of a volume group", func(d *Device) { d.Holders = []string{"dm-0"} }, Machine{}, "", note.Ignored, note.InUse},
		{"mounted by udisks", nothing, Machine{Mounts: []Mounted{{"sda1", "/media/pi/FILMS"}}}, "", note.Ignored, note.InUse},
		{"its neighbour is mounted", nothing, Machine{Mounts: []Mounted{{"sda2", "/media/pi/FILMS"}}}, "", note.Mounted, ""},

		{"turned off", nothing, Machine{}, "off", silence, ""},
		{"listed by label", nothing, Machine{}, "MUSIC,FILMS", note.Mounted, ""},
		{"listed by UUID", nothing, Machine{}, "1a2b-3c4d", note.Mounted, ""},
		{"not listed", nothing, Machine{}, "MUSIC", note.Ignored, note.TurnedOff},
		{"a label is not half of another", nothing, Machine{}, "FILM", note.Ignored, note.TurnedOff},

		{"the 16th partition", func(d *Device) { d.Rank = partitionLimit }, Machine{}, "", note.Mounted, ""},
		{"the 17th partition", func(d *Device) { d.Rank = partitionLimit + 1 }, Machine{}, "", note.Ignored, note.TooMany},
		{"the 64th partition", func(d *Device) { d.Rank = 64 }, Machine{}, "", silence, ""},

		{"APFS", is("apfs", "filesystem"), Machine{}, "", note.Unreadable, note.Apple},
		{"HFS+", is("hfsplus", "filesystem"), Machine{}, "", note.Unreadable, note.Apple},
		{"BitLocker", is("BitLocker", "crypto"), Machine{}, "", note.Unreadable, note.BitLocker},
		{"LUKS", is("crypto_LUKS", "crypto"), Machine{}, "", note.Unreadable, note.Encrypted},
		{"btrfs", is("btrfs", "filesystem"), Machine{}, "", note.Unreadable, note.UnknownFileSystem},
		{"a member of a RAID", is("linux_raid_member", "raid"), Machine{}, "", note.Unreadable, note.UnknownFileSystem},
		{"blank", func(d *Device) { d.FileSystem, d.Usage, d.Probe = "", "", Blank }, Machine{}, "", note.Unreadable, note.NoFileSystem},
		{"ambivalent", func(d *Device) { d.FileSystem, d.Probe = "", Ambivalent }, Machine{}, "", note.Unreadable, note.UnknownFileSystem},
		{"reading gives errors", func(d *Device) { d.FileSystem, d.Probe = "", Broken }, Machine{}, "", note.Unreadable, note.Damaged},
		{"it does not answer", func(d *Device) { d.FileSystem, d.Probe = "", NoAnswer }, Machine{}, "", note.Unreadable, note.Silent},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			setting := AllSticks()
			if c.setting != "" {
				var err error
				if setting, err = ParseSetting(strings.Split(c.setting, ",")); err != nil {
					t.Fatal(err)
				}
			}
			v := Decide(stick(c.change), c.machine, setting)
			if v.State != c.state || v.Reason != c.reason || v.Why == "" || (len(v.Ways) > 0) != (c.state == note.Mounted) {
				t.Errorf("%+v, want %q %q", v, c.state, c.reason)
			}
		})
	}
}

func TestWhatADesktopHasMountedIsReadWhereItIs(t *testing.T) {
	for point, want := range map[string]string{"/media/pi/FILMS": "/media/pi/FILMS", "/run/media/pi/FILMS": "/run/media/pi/FILMS", "/mnt/backup": ""} {
		v := Decide(stick(func(*Device) {}), Machine{Mounts: []Mounted{{"sda1", point}}}, AllSticks())
		if v.Reason != note.InUse || v.MountPoint != want {
			t.Errorf("%s: %+v", point, v)
		}
	}
}

// A stick may not make the kernel write, panic, run or trust anything.
func TestOptions(t *testing.T) {
	o := Owner{UID: 990, GID: 991}
	for fileSystem, want := range map[string][]string{
		"vfat":  {"uid=990,gid=991,dmask=0222,fmask=0333,tz=UTC,utf8"},
		"exfat": {"uid=990,gid=991,dmask=0222,fmask=0333,iocharset=utf8"},
		"ntfs":  {"uid=990,gid=991,dmask=0222,fmask=0333,iocharset=utf8", "ro,nosuid,nodev,noexec,uid=990,gid=991,dmask=0222,fmask=0333"},
		"ext4":  {"noload,errors=continue"},
	} {
		var got []string
		for _, w := range ways(fileSystem) {
			got = append(got, w.Data(o))
		}
		if strings.Join(got, " | ") != strings.Join(want, " | ") {
			t.Errorf("%s: %q", fileSystem, got)
		}
	}
}

func TestSettings(t *testing.T) {
	for _, c := range []struct {
		text string
		want string // "": an error
	}{
		{"auto", "auto"},
		{"OFF", "off"},
		{"FILMS", "FILMS"},
		{"FILMS, 1A2B-3C4D", "FILMS,1A2B-3C4D"},
		{"auto,FILMS", ""},
		{"FILMS,off", ""},
		{"", ""},
		{"FILMS,", ""},
	} {
		s, err := ParseSetting(strings.Split(c.text, ","))
		if (err != nil) != (c.want == "") || err == nil && s.String() != c.want {
			t.Errorf("%q: %q %v", c.text, s, err)
		}
	}
}
