//go:build vm

package vmtest

import (
	"strings"
	"testing"

	"streambox.local/image/boxtest"
	"streambox.local/image/vm"
)

// stranger is a disk that somebody on this machine has plans with.
type stranger struct {
	id string
	// prepared makes it, as its owner, on the blank disk $disk; it is pulled and plugged again then.
	prepared string
	reason   string // why the page says that it is left alone
	// written has the owner write to it, as if there were no box.
	written string
	after   string // the machine is as before
}

// strangers are told on the page, and not touched: their owner finds them as they were, and writes to them.
var strangers = []stranger{
	{
		id: "noauto", reason: "stick_in_use",
		prepared: `mkfs.ext4 -q -F -L BACKUP "$disk"
			echo "UUID=$(blkid -p -s UUID -o value "$disk") /srv/backup ext4 noauto,user 0 0" >>/etc/fstab`,
		written: `mkdir -p /srv/backup
			mount /srv/backup
			echo mine >/srv/backup/written
			ours
			umount /srv/backup`,
		after: `sed -i '\|/srv/backup|d' /etc/fstab; rmdir /srv/backup`,
	},
	{
		id: "luks", reason: "stick_encrypted",
		prepared: `printf secret >/run/key
			cryptsetup luksFormat --batch-mode --type luks2 --cipher aes-xts-plain64 --key-size 256 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 "$disk" /run/key
			cryptsetup open --key-file /run/key "$disk" safe
			mkfs.ext4 -q -F /dev/mapper/safe
			cryptsetup close safe`,
		written: `cryptsetup open --key-file /run/key "$disk" safe
			mkdir -p /run/safe
			mount /dev/mapper/safe /run/safe
			echo mine >/run/safe/written
			ours
			umount /run/safe
			cryptsetup close safe`,
		after: `rm /run/key`,
	},
	{
		id: "lvm", reason: "stick_unknown_file_system stick_in_use", // as soon as its volume is there
		prepared: `pvcreate --yes "$disk"
			vgcreate cellar "$disk"
			lvcreate --yes --extents 100%FREE --name films cellar
			mkfs.ext4 -q -F /dev/cellar/films
			udevadm settle --timeout=60
			vgchange --activate n cellar`,
		written: `vgchange --activate y cellar
			mkdir -p /run/cellar
			mount /dev/cellar/films /run/cellar
			echo mine >/run/cellar/written
			ours
			umount /run/cellar
			vgchange --activate n cellar`,
	},
}

// diskOf finds the disk of a stick by its serial number, and sets $disk and $name. ours ends the script when the box
// has mounted anything.
func diskOf(id string) string {
	return `set -e
		ours() { if grep ' /media/streambox/' /proc/self/mountinfo; then exit 1; fi; }
		for n in $(seq 300); do disk=$(readlink -f /dev/disk/by-id/usb-*_` + id + `-0:0) && [ -b "$disk" ] && break; sleep 0.2; done
		name=${disk##*/}
		udevadm settle --timeout=60
		`
}

// noted waits until the unit of $disk has said what it makes of it.
const noted = `for n in $(seq 300); do [ -s "/run/streambox/sticks/$name.json" ] && break; sleep 0.2; done
	cat "/run/streambox/sticks/$name.json"
	ours
	`

// leftAlone plugs a disk that belongs to somebody, lets the box look at it, and has its owner use it.
func (s *scenario) leftAlone(t *testing.T, d stranger) {
	t.Helper()
	image := s.image(d.id)
	boxtest.Blank(t, image, 64)
	plug := func() { boxtest.Must(t, s.Plug(boxtest.Within(t, boxtest.StepWait), vm.Stick{ID: d.id, Image: image})) }
	pull := func() { boxtest.Must(t, s.Pull(boxtest.Within(t, boxtest.StepWait), d.id)); s.UntilGone(t) }
	plug()
	s.Sh(t, diskOf(d.id)+noted+d.prepared+"\nsync")
	pull()
	before := boxtest.Digest(t, image)
	plug()
	s.Sh(t, diskOf(d.id)+noted)
	s.told(t, strings.Fields(d.reason)...)
	if boxtest.Digest(t, image) != before {
		t.Error("something was written to it")
	}
	s.Sh(t, diskOf(d.id)+d.written)
	pull()
	if d.after != "" {
		s.Sh(t, d.after)
	}
}

// told waits until the page says of the only stick, by one of these reasons, why nothing is read of it.
func (s *scenario) told(t *testing.T, reasons ...string) {
	t.Helper()
	boxtest.Until(t, boxtest.StepWait, "the page says "+strings.Join(reasons, " or "), func() (bool, any) {
		b := s.Phone.Box(t)
		for _, reason := range reasons {
			if len(b.Sticks) == 1 && strings.Contains(string(b.Sticks[0].Reason), `"`+reason+`"`) {
				return true, b
			}
		}
		return false, b
	})
}

// desktops: a real udisks. What it has mounted before the box was told to take sticks stays writable, also when the
// unit runs again; what is the box's, udisks is told to leave alone.
func (s *scenario) desktops(t *testing.T) {
	t.Helper()
	image := s.image("desktop")
	boxtest.Blank(t, image, 64)
	plug := func() {
		boxtest.Must(t, s.Plug(boxtest.Within(t, boxtest.StepWait), vm.Stick{ID: "desktop", Image: image}))
	}
	s.Sh(t, `set -e
		grep -q '^sticks = "auto"' /etc/streambox/streambox.toml
		sed -i 's/^sticks = "auto"/sticks = "off"/' /etc/streambox/streambox.toml`)
	plug()
	s.Sh(t, diskOf("desktop")+`mkfs.ext4 -q -F -L DESKTOP "$disk"
		udevadm settle --timeout=60
		udisksctl mount --no-user-interaction --block-device "$disk"
		at=$(findmnt --noheadings --output TARGET --source "$disk")
		echo mine >"$at/written"
		sed -i 's/^sticks = "off"/sticks = "auto"/' /etc/streambox/streambox.toml
		systemctl restart "streambox-media@$name.service"
		`+noted+`grep -q '"inUse"' "/run/streambox/sticks/$name.json"
		echo more >>"$at/written"
		findmnt --noheadings --options rw --source "$disk"
		udisksctl info --block-device "$disk" | grep -E 'HintIgnore: +false'
		udisksctl unmount --no-user-interaction --block-device "$disk"`)
	boxtest.Must(t, s.Pull(boxtest.Within(t, boxtest.StepWait), "desktop"))
	s.UntilGone(t)
	plug()
	boxtest.Until(t, boxtest.StepWait, "the box has it", func() (bool, any) {
		b := s.Phone.Box(t)
		return len(b.Sticks) == 1 && b.Sticks[0].Label == "DESKTOP" && b.Sticks[0].State == "empty", b
	})
	s.MountedReadOnly(t)
	s.Sh(t, diskOf("desktop")+`udisksctl info --block-device "$disk" | grep -E 'HintIgnore: +true'
		systemctl stop udisks2`)
	boxtest.Must(t, s.Pull(boxtest.Within(t, boxtest.StepWait), "desktop"))
	s.UntilGone(t)
}

// clones: two sticks with one UUID are both served, and one goes on when the other is pulled.
func (s *scenario) clones(t *testing.T) {
	t.Helper()
	boxtest.Tool(t, "cp", "--sparse=always", s.image("fat"), s.image("clone"))
	for _, id := range []string{"fat", "clone"} {
		boxtest.Must(t, s.Plug(boxtest.Within(t, boxtest.StepWait), vm.Stick{ID: id, Image: s.image(id)}))
	}
	both := func(of int) func() (bool, any) {
		return func() (bool, any) {
			b := s.Phone.Box(t)
			for _, one := range b.Sticks {
				if one.Label != "KINO" || one.State != "ready" || one.Titles != s.Titles {
					return false, b.Sticks
				}
			}
			return len(b.Sticks) == of, b.Sticks
		}
	}
	boxtest.Until(t, 2*boxtest.StepWait, "both are ready", both(2))
	s.MountedReadOnly(t)
	if uuids := strings.Fields(s.Sh(t, `for d in /dev/sd?1; do blkid -p -s UUID -o value "$d"; done`)); len(uuids) != 2 || uuids[0] != uuids[1] {
		t.Errorf("they are no clones: %q", uuids)
	}
	titles := s.Phone.UntilPlayable(t, "H264 AAC", "H264 MP3", "segments")
	boxtest.Must(t, s.Pull(boxtest.Within(t, boxtest.StepWait), "fat"))
	boxtest.Until(t, boxtest.StepWait, "one is left", both(1))
	names := s.Phone.Segments(t, titles["segments"])
	s.Sh(t, "echo 3 >/proc/sys/vm/drop_caches")
	if status, body, err := s.Phone.Get(boxtest.Within(t, boxtest.StepWait), names[1]); err != nil || status != 200 {
		t.Errorf("a segment of the one that is left: status %d, %v: %.200s", status, err, body)
	}
	boxtest.Must(t, s.Pull(boxtest.Within(t, boxtest.StepWait), "clone"))
	s.UntilGone(t)
}
