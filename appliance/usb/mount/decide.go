package mount

import (
	"slices"
	"strings"

	"streambox.local/appliance/usb/note"
)

// partitionLimit is how many partitions of one disk are looked at. No stick that
// a person made has as many; one with hundreds wants to keep the box busy. The udev
// rule knows the number too: it starts nothing for what is far beyond.
const partitionLimit = 16

// Verdict is what is to become of a device.
type Verdict struct {
	State      note.State   // "": nothing, and nobody is told
	Reason     note.Reason  // with Ignored and Unreadable
	MountPoint string       // inUse: where its owner has it, "" nowhere or not for us
	Ways       []FileSystem // with Mounted: tried in this order
	Why        string       // for the log
}

// Decide is pure. See the package comment for the order.
func Decide(d Device, m Machine, s Setting) Verdict {
	if why := nothingToSay(d, m); why != "" {
		return Verdict{Why: why}
	}
	if s.isOff() {
		return Verdict{Why: "the setting sticks is off"}
	}
	if v, inUse := inUse(d, m); inUse {
		return v
	}
	switch {
	case d.Rank == partitionLimit+1:
		return Verdict{State: note.Ignored, Reason: note.TooMany, Why: "too many partitions on one disk"}
	case d.Rank > partitionLimit:
		return Verdict{Why: "too many partitions on one disk"}
	case !s.allows(d):
		return Verdict{State: note.Ignored, Reason: note.TurnedOff, Why: "the setting sticks does not allow it"}
	}
	if r, why := unreadable(d); r != "" {
		return Verdict{State: note.Unreadable, Reason: r, Why: why}
	}
	return Verdict{State: note.Mounted, Ways: ways(d.FileSystem), Why: "it is ours"}
}

// settled is true when no look at what is on the device, which wakes it up,
// could make a stick of it: disks of the system's and of its owner's sleep on.
func settled(d Device, m Machine, s Setting) bool {
	if s.isOff() || nothingToSay(d, m) != "" {
		return true
	}
	v, inUse := inUse(d, m)
	return inUse && v.MountPoint == ""
}

// isPublic is true when everybody in the room may know what a device is called:
// one that is offered to them, not a disk that its owner kept to himself.
func (v Verdict) isPublic() bool {
	return v.State != note.Ignored || v.MountPoint != "" || v.Reason == note.TooMany
}

// nothingToSay is why a device does not concern people at all; "" when it may.
func nothingToSay(d Device, m Machine) string {
	switch {
	case !d.USB:
		return "it does not hang on USB"
	case d.SizeBytes == 0:
		return "there is no medium in it"
	case slices.Contains(m.SystemDisks, d.Disk):
		return "the system stands on its disk"
	case d.Rank == 0 && d.Partitions > 0:
		return "its partitions count, not the disk"
	case isService(d):
		return "the partition serves a boot loader or an operating system"
	default:
		return ""
	}
}

// isService is true for partitions that no person put there for files: GUIDs of
// the UEFI specification and Microsoft's documentation, MBR types.
func isService(d Device) bool {
	switch strings.ToLower(d.PartType) {
	case "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "0xef", // EFI system: every stick that a Mac formatted has one
		"21686148-6449-6e6f-744e-656564454649", // BIOS boot
		"e3c9e316-0b5c-4db8-817d-f92df00215ae", // Microsoft reserved
		"de94bba4-06d1-4d40-a16a-bfd50179d6ac", // Windows recovery
		"0x5", "0xf", "0x85":                   // MBR: extended, holds the logical ones
		return true
	default:
		return d.FileSystem == "swap"
	}
}

// inUse finds whoever else has plans with a device.
func inUse(d Device, m Machine) (Verdict, bool) {
	v := Verdict{State: note.Ignored, Reason: note.InUse}
	for _, c := range m.Claims {
		if slices.Contains(c.Devices, d.Name) || names(c.Spec, d) {
			v.Why = "it is named in " + c.By
			return v, true
		}
	}
	if len(d.Holders) > 0 {
		v.Why = "another device is made of it"
		return v, true
	}
	for _, at := range m.Mounts {
		if at.Device != d.Name {
			continue
		}
		v.Why = "it is mounted elsewhere"
		if isRemovablePlace(at.Point) && !strings.HasPrefix(at.Point, "/mnt/") {
			v.MountPoint = at.Point // a desktop put it there for people to read (decision 7)
		}
		return v, true
	}
	return v, false
}

// isRemovablePlace is where people and desktops mount what comes and goes. A
// mount anywhere else makes its disk one of the system's.
func isRemovablePlace(point string) bool {
	return slices.ContainsFunc([]string{"/media/", "/run/media/", "/mnt/"}, func(parent string) bool {
		return strings.HasPrefix(point+"/", parent)
	})
}

// names is true when a line of fstab or crypttab means this device. Letter case
// is ignored and an unknown kind of name means nothing: what is compared too
// loosely is left alone, which does no harm.
func names(spec string, d Device) bool {
	tag, value, found := strings.Cut(spec, "=")
	if !found || value == "" || strings.HasPrefix(spec, "/") {
		return spec == "/dev/"+d.Name || slices.Contains(d.Links, spec)
	}
	values := map[string]string{"UUID": d.UUID, "LABEL": d.Label, "PARTUUID": d.PartUUID, "PARTLABEL": d.PartLabel}
	return strings.EqualFold(values[strings.ToUpper(tag)], value)
}

// unreadable is why nothing can be mounted; "" when it can be tried.
func unreadable(d Device) (note.Reason, string) {
	switch d.Probe {
	case Blank:
		return note.NoFileSystem, "nothing is known that is on it"
	case Ambivalent:
		return note.UnknownFileSystem, "it has signs of several file systems"
	case Broken:
		return note.Damaged, "it cannot be read"
	case NoAnswer:
		return note.Silent, "it does not answer"
	case Found:
	}
	switch d.FileSystem {
	case "apfs", "hfs", "hfsplus":
		return note.Apple, "Apple's file system"
	case "BitLocker":
		return note.BitLocker, "encrypted by Windows"
	}
	switch {
	case d.Usage == "crypto":
		return note.Encrypted, "encrypted"
	case d.FileSystem == "":
		return note.NoFileSystem, "nothing is known that is on it"
	case len(ways(d.FileSystem)) == 0:
		return note.UnknownFileSystem, "a file system that the box does not read"
	default:
		return "", ""
	}
}
