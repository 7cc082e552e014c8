// Package mount is the root side of sticks: what `streambox media mount sda1`
// does when the unit streambox-media@sda1.service runs it.
//
//	kernel ─ uevent ─▶ udev rule ─ SYSTEMD_WANTS ─▶ streambox-media@sda1.service ─▶ Helper.Mount
//	                                                                                 │ look: sysfs, blkid, fstab, mountinfo …  (effects)
//	                                                                                 │ Decide(device, machine, setting)         (pure)
//	   usb.Folders ◀─ mountinfo, /run/streambox/sticks/sda1.json ◀───────────────────┘ mount(2), note
//
// # What is ours
//
// A file system that somebody else wants to write must never be mounted here:
// while we hold it read-only, its owner's later read-write mount succeeds and is
// silently read-only (the kernel shares one superblock). So Decide refuses, in
// this order:
//
//   - what does not hang on USB; what has no medium; what is no file system but
//     holds others (a disk with partitions) or serves a boot loader;
//   - every partition of a disk that the system itself stands on: any disk with a
//     mount outside of /media, /run/media and /mnt (so /, /boot, /usr, /home,
//     /srv …), with swap in use, or named by root= or resume= of the kernel's
//     command line; seen through LVM, LUKS, md and loop devices;
//   - what fstab (noauto too: it waits for its owner), crypttab or a mount or
//     swap unit of the administrator names, as a device, by UUID, LABEL, PARTUUID
//     or PARTLABEL. Two sticks with one UUID are both meant then: better none
//     than the wrong one;
//   - what is mounted somewhere else, or held by another device (LVM, RAID);
//   - what the setting `sticks` does not allow.
//
// With `sticks = "off"` nobody is told anything. A device is probed only when
// that could change the answer; and a note has a label only when the room may
// know it: not that of a disk that its owner keeps to himself.
//
// Ours are mounted read-only, nosuid, nodev, noexec, so that a stick can be
// pulled at any moment and nothing on it can be run. ext4 with noload, since a
// plain read-only mount replays the journal, which writes; and with
// errors=continue, since the file system may ask for errors=panic and the
// kernel does as it is told by a stranger's stick.
//
// # Sticks that do harm
//
// A dying stick can make every system call on it hang, and no signal ends that.
// So probing is a child process that is left behind after probeLimit, and the
// mount is made in a goroutine that is waited for as long; the note says silent.
// The unit's own time limit ends what is left, and what is mounted too late is
// never put into the tree. At most partitionLimit partitions
// of one disk are mounted; the next one's note says tooMany, the rest say
// nothing. Labels are text, never names of folders or keys.
//
// No shell, no string of a stick in an argument list: programs get
// /dev/<kernel name>, which must match note.IsDevice and be a block device that
// sysfs knows, and the folder /media/streambox/<kernel name>.
package mount
