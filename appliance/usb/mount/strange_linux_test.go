package mount_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"streambox.local/appliance/usb/note"
	"streambox.local/appliance/usb/usbtest"
)

// Whoever has plans with a disk finds it as it was, and can write it.
func TestStrangersDisksAreLeftAlone(t *testing.T) {
	if !usbtest.InOwnMounts(t) {
		return
	}
	fstab := func(b bench, content string) {
		b.t.Helper()
		name := filepath.Join(b.dir, "fstab")
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			b.t.Fatal(err)
		}
		if err := unix.Mount(name, "/etc/fstab", "", unix.MS_BIND, ""); err != nil {
			b.t.Fatal(err)
		}
		b.t.Cleanup(func() { _ = unix.Unmount("/etc/fstab", 0) })
	}
	t.Run("in fstab with noauto, by device", func(t *testing.T) {
		b := newBench(t)
		l := usbtest.AttachLoop(t, b.image("image", "ext4"))
		fstab(b, "/dev/"+l.Name+" /mnt/backup ext4 noauto,user 0 0\n")
		b.mount(l.Name)
		b.refused(l.Name, note.Ignored, note.InUse)
		b.writable(l.Name)
	})
	t.Run("in fstab with noauto, by UUID", func(t *testing.T) {
		b := newBench(t)
		l := b.plug(b.image("image", "ext4"))
		uuid := b.note(l.Name).UUID
		if err := b.helper.Unmount(l.Name); err != nil {
			t.Fatal(err)
		}
		fstab(b, "UUID="+uuid+" /mnt/backup ext4 noauto 0 0\n")
		b.mount(l.Name)
		b.refused(l.Name, note.Ignored, note.InUse)
		b.writable(l.Name)
	})
	t.Run("its owner's fstab comes while we have it", func(t *testing.T) {
		b := newBench(t)
		l := b.plug(b.image("image", "ext4"))
		fstab(b, "/dev/"+l.Name+" /mnt/backup ext4 noauto 0 0\n")
		b.mount(l.Name)
		b.refused(l.Name, note.Ignored, note.InUse)
		b.writable(l.Name)
	})
	t.Run("mounted by udisks", func(t *testing.T) {
		b := newBench(t)
		if err := unix.Mount("tmpfs", "/media", "tmpfs", 0, ""); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = unix.Unmount("/media", unix.MNT_DETACH) }()
		l := usbtest.AttachLoop(t, b.image("image", "ext4"))
		const at = "/media/pi/FILMS"
		if err := os.MkdirAll(at, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := unix.Mount("/dev/"+l.Name, at, "ext4", unix.MS_NOSUID|unix.MS_NODEV, ""); err != nil {
			t.Fatal(err)
		}
		b.mount(l.Name)
		b.refused(l.Name, note.Ignored, note.InUse)
		if n := b.note(l.Name); n.MountPoint != at {
			t.Errorf("%+v", n)
		}
		if err := os.WriteFile(at+"/written", nil, 0o644); err != nil {
			t.Errorf("the owner's disk is read-only: %v", err)
		}
	})
	t.Run("the disk that / is on", func(t *testing.T) {
		b := newBench(t)
		l := usbtest.AttachLoop(t, b.image("image", "ext4"))
		const at = "/srv" // as good as /: outside of what comes and goes
		if err := unix.Mount("/dev/"+l.Name, at, "ext4", 0, ""); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = unix.Unmount(at, unix.MNT_DETACH) }()
		b.mount(l.Name)
		if all, err := note.ReadAll(b.helper.Notes); err != nil || len(all) != 0 {
			t.Errorf("the room is told of the system's disk: %+v %v", all, err)
		}
		if err := os.WriteFile(at+"/written", nil, 0o644); err != nil {
			t.Errorf("the system's disk is read-only: %v", err)
		}
	})
	t.Run("no USB", func(t *testing.T) {
		b := newBench(t)
		b.helper.USB = false
		l := usbtest.AttachLoop(t, b.image("image", "ext4"))
		b.mount(l.Name)
		if all, err := note.ReadAll(b.helper.Notes); err != nil || len(all) != 0 {
			t.Errorf("%+v %v", all, err)
		}
		b.writable(l.Name)
	})
}

func TestTwoSticksWithOneUUID(t *testing.T) {
	if !usbtest.InOwnMounts(t) {
		return
	}
	b := newBench(t)
	image, clone := b.image("image", "ext4"), filepath.Join(b.dir, "clone")
	copyFile(t, image, clone)
	one, two := b.plug(image), b.plug(clone)
	if b.note(one.Name).UUID != b.note(two.Name).UUID {
		t.Error("they are no clones: this test proves nothing")
	}
	for _, l := range []*usbtest.Loop{one, two} {
		if text, err := os.ReadFile(filepath.Join(b.helper.Dir, l.Name, "film.mp4")); err != nil || string(text) != "a film" {
			t.Errorf("%s: %q %v", l.Name, text, err)
		}
	}
	if err := b.helper.Unmount(one.Name); err != nil {
		t.Error(err)
	}
	if _, err := os.ReadFile(filepath.Join(b.helper.Dir, two.Name, "film.mp4")); err != nil {
		t.Errorf("the clone went with it: %v", err)
	}
}

func TestSticksThatCannotBeMounted(t *testing.T) {
	if !usbtest.InOwnMounts(t) {
		return
	}
	b := newBench(t)
	for fileSystem, reason := range map[string]note.Reason{
		"": note.NoFileSystem, "apfs": note.Apple, "hfsplus": note.Apple, "BitLocker": note.BitLocker, "crypto_LUKS": note.Encrypted,
	} {
		l := b.plug(b.image("image-"+fileSystem, fileSystem))
		b.refused(l.Name, note.Unreadable, reason)
	}
	damaged := b.image("damaged", "ext4")
	f, err := os.OpenFile(damaged, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = f.WriteAt(bytes.Repeat([]byte{0xa5}, 64<<10), 2048); err != nil { // all that follows the superblock
		t.Fatal(err)
	}
	if err = f.Close(); err != nil {
		t.Fatal(err)
	}
	b.refused(b.plug(damaged).Name, note.Unreadable, note.Damaged)

	if err = b.helper.Mount(t.Context(), "sdzz9"); err == nil {
		t.Error("a device that is not there was mounted")
	}
	for _, name := range []string{"", "../loop0", "-o", "loop0/..", "%i"} {
		if b.helper.Mount(t.Context(), name) == nil || b.helper.Unmount(name) == nil {
			t.Errorf("%q was taken for a device", name)
		}
	}
}

// A GPT with 64 partitions, as the kernel reads it: sixteen are looked at, one
// note tells of the rest.
func TestAStickWithSixtyFourPartitions(t *testing.T) {
	if !usbtest.InOwnMounts(t) {
		return
	}
	b := newBench(t)
	image := filepath.Join(b.dir, "image")
	usbtest.Image(t, image, usbtest.Content{}, 100)
	usbtest.PartitionTable(t, image, 64)
	l := usbtest.AttachLoop(t, image)
	usbtest.AddPartitions(t, l, 64)
	b.mount(l.Name)
	for n := 1; n <= 64; n++ {
		name := fmt.Sprintf("%sp%d", l.Name, n)
		b.mount(name)
	}
	all, err := note.ReadAll(b.helper.Notes)
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[note.Reason]int{}
	for _, n := range all {
		reasons[n.Reason]++
	}
	if len(all) != 17 || reasons[note.NoFileSystem] != 16 || reasons[note.TooMany] != 1 {
		t.Errorf("%d notes: %v", len(all), reasons)
	}
}
