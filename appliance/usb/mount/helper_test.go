package mount

import (
	"context"
	"path/filepath"
	"testing"

	"streambox.local/appliance/usb/note"
)

// fakeKernel mounts nothing, and says what it was asked to.
type fakeKernel struct{ mounted []string }

func (k *fakeKernel) Mount(_ context.Context, _, folder string, _ FileSystem, _ Owner) error {
	k.mounted = append(k.mounted, filepath.Base(folder))
	return nil
}

func (k *fakeKernel) Unmount(string) error { return nil }

// The devices of this tree are empty files: whoever is probed gets a note that
// it is blank, or makes blkid fail.
func TestOwnersDisksAreNotLookedInto(t *testing.T) {
	for _, c := range []struct {
		name, device, setting string
		change                func(tree)
		reason                note.Reason // "": no note
	}{
		{"turned off", "sdb2", "off", func(tree) {}, ""},
		{"a disk of the system", "sda3", "auto", func(tree) {}, ""},
		{"in fstab", "sdb10", "auto", func(m tree) { m.file("etc/fstab", "/dev/sdb10 /mnt/x ext4 noauto 0 0\n") }, note.InUse},
		{"mounted where it is nobody's business", "sdc1", "auto", func(m tree) {
			m.file("proc/self/mountinfo", "27 1 254:0 / / rw - ext4 /dev/vda rw\n28 27 8:33 / /mnt/x rw - ext4 /dev/sdc1 rw\n")
		}, note.InUse},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, m := newTree(t)
			c.change(m)
			setting, err := ParseSetting([]string{c.setting})
			if err != nil {
				t.Fatal(err)
			}
			d, machine, err := Helper{Reader: r, Dir: Dir}.facts(c.device)
			if err != nil || !settled(d, machine, setting) {
				t.Errorf("it is probed: %+v %v", d, err)
			}
			kernel, notes := &fakeKernel{}, t.TempDir()
			h := Helper{Reader: r, Setting: setting, Kernel: kernel, Dir: t.TempDir(), Notes: notes}
			if err = h.Mount(t.Context(), c.device); err != nil || len(kernel.mounted) > 0 {
				t.Errorf("%v %v", kernel.mounted, err)
			}
			all, err := note.ReadAll(notes)
			switch {
			case err != nil, c.reason == "" && len(all) > 0, c.reason != "" && len(all) != 1:
				t.Errorf("%+v %v", all, err)
			case c.reason != "" && (all[0].Reason != c.reason || all[0].Label != "" || all[0].UUID != ""):
				t.Errorf("%+v", all[0])
			}
		})
	}
}

func TestWhoseNameTheRoomMayKnow(t *testing.T) {
	for _, c := range []struct {
		name    string
		machine Machine
		setting string
		public  bool
	}{
		{"a stick of ours", Machine{}, "auto", true},
		{"a disk in fstab", Machine{Claims: claimsOf([]string{"UUID=1A2B-3C4D"}, "/etc/fstab")}, "auto", false},
		{"one that its owner mounted for himself", Machine{Mounts: []Mounted{{"sda1", "/mnt/x"}}}, "auto", false},
		{"one that a desktop mounted for people", Machine{Mounts: []Mounted{{"sda1", "/media/pi/FILMS"}}}, "auto", true},
		{"one that the settings do not name", Machine{}, "MUSIC", false},
	} {
		setting, err := ParseSetting([]string{c.setting})
		if err != nil {
			t.Fatal(err)
		}
		if v := Decide(stick(func(*Device) {}), c.machine, setting); v.isPublic() != c.public {
			t.Errorf("%s: %+v", c.name, v)
		}
	}
}
