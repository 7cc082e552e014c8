package mount_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"streambox.local/appliance/usb/mount"
	"streambox.local/appliance/usb/note"
	"streambox.local/appliance/usb/usbtest"
)

func TestMain(m *testing.M) { usbtest.Main(m) }

// bench is a mount helper for loop devices, in a mount namespace of its own.
type bench struct {
	t      *testing.T
	dir    string
	helper mount.Helper
}

func newBench(t *testing.T) bench {
	t.Helper()
	dir := t.TempDir()
	return bench{t, dir, mount.Helper{
		Dir: filepath.Join(dir, "media"), Notes: filepath.Join(dir, "notes"), Setting: mount.AllSticks(), USB: true,
	}}
}

// image makes an ext4 stick with a film on it, or a blank one with a signature.
func (b bench) image(name, fileSystem string) string {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	usbtest.Image(b.t, path, usbtest.Content{FileSystem: fileSystem, Label: "FILMS", Files: map[string][]byte{"film.mp4": []byte("a film")}}, 16)
	return path
}

// plug mounts an image as the unit would.
func (b bench) plug(image string) *usbtest.Loop {
	b.t.Helper()
	l := usbtest.AttachLoop(b.t, image)
	b.mount(l.Name)
	b.t.Cleanup(func() { _ = b.helper.Unmount(l.Name) })
	return l
}

func (b bench) mount(device string) {
	b.t.Helper()
	if err := b.helper.Mount(b.t.Context(), device); err != nil {
		b.t.Fatal(err)
	}
}

// note is the one there must be.
func (b bench) note(device string) note.Note {
	b.t.Helper()
	all, err := note.ReadAll(b.helper.Notes)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, n := range all {
		if n.Device == device {
			return n
		}
	}
	b.t.Fatalf("no note on %s: %+v", device, all)
	return note.Note{}
}

func (b bench) refused(device string, state note.State, reason note.Reason) {
	b.t.Helper()
	n := b.note(device)
	if n.State != state || n.Reason != reason {
		b.t.Errorf("%s: %+v, want %s %s", device, n, state, reason)
	}
	if _, err := os.Lstat(filepath.Join(b.helper.Dir, device)); !errors.Is(err, os.ErrNotExist) {
		b.t.Errorf("%s has a folder: %v", device, err)
	}
}

// writable mounts a device as its owner would, and writes to it.
func (b bench) writable(device string) {
	b.t.Helper()
	at := filepath.Join(b.dir, "owner-"+device)
	if err := os.MkdirAll(at, 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := unix.Mount("/dev/"+device, at, "ext4", 0, ""); err != nil {
		b.t.Fatalf("the owner cannot mount it: %v", err)
	}
	defer func() { _ = unix.Unmount(at, 0) }() // else the namespace's end does it
	if err := os.WriteFile(filepath.Join(at, "written"), []byte("by its owner"), 0o644); err != nil {
		b.t.Errorf("the owner's disk is read-only: %v", err)
	}
}

func TestAStickIsReadOnlyInEveryWay(t *testing.T) {
	if !usbtest.InOwnMounts(t) {
		return
	}
	for _, fileSystem := range []string{"ext4", "ext2", "ext3"} {
		b := newBench(t)
		l := b.plug(b.image("image", fileSystem))
		folder := filepath.Join(b.helper.Dir, l.Name)
		if text, err := os.ReadFile(filepath.Join(folder, "film.mp4")); err != nil || string(text) != "a film" {
			t.Errorf("%s: %q %v", fileSystem, text, err)
		}
		if err := os.WriteFile(filepath.Join(folder, "x"), nil, 0o644); !errors.Is(err, unix.EROFS) {
			t.Errorf("%s: written: %v", fileSystem, err)
		}
		info, err := os.ReadFile("/proc/self/mountinfo")
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(info)) {
			if strings.Contains(line, folder) && !strings.Contains(line, " ro,nosuid,nodev,noexec") {
				t.Error(line)
			}
		}
		if n := b.note(l.Name); n.State != note.Mounted || n.MountPoint != folder || n.Label != "FILMS" || n.UUID == "" || n.SizeBytes != 16<<20 {
			t.Errorf("%+v", n)
		}
		b.mount(l.Name) // the unit ran again: one mount, not two on each other
		if n := strings.Count(mountinfo(t), folder+" "); n != 1 {
			t.Errorf("%d mounts", n)
		}
		for range 2 {
			if err = b.helper.Unmount(l.Name); err != nil {
				t.Error(err)
			}
		}
		if _, err = os.Lstat(folder); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the folder stays: %v", err)
		}
		b.writable(l.Name) // nothing of ours holds it any more
	}
}

func mountinfo(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A stick pulled out of a running computer: its journal waits to be replayed.
func TestAnUncleanStickStaysAsItIs(t *testing.T) {
	if !usbtest.InOwnMounts(t) {
		return
	}
	b := newBench(t)
	image, snapshot := b.image("image", "ext4"), filepath.Join(b.dir, "snapshot")
	l := usbtest.AttachLoop(t, image)
	at := filepath.Join(b.dir, "owner")
	if err := os.Mkdir(at, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("/dev/"+l.Name, at, "ext4", 0, ""); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(at, "half"), make([]byte, 100<<10), 0o644); err != nil {
		t.Fatal(err)
	}
	unix.Sync()
	copyFile(t, image, snapshot) // what a pull at this moment leaves
	if err := unix.Unmount(at, 0); err != nil {
		t.Fatal(err)
	}
	before := sum(t, snapshot)
	const incompatible, needsRecovery = 1024 + 0x60, 0x4 // of ext4's superblock
	if head := head(t, snapshot); head[incompatible]&needsRecovery == 0 {
		t.Fatal("the image is clean: this test proves nothing")
	}
	stick := b.plug(snapshot)
	if _, err := os.ReadFile(filepath.Join(b.helper.Dir, stick.Name, "film.mp4")); err != nil {
		t.Error(err)
	}
	if err := b.helper.Unmount(stick.Name); err != nil {
		t.Error(err)
	}
	stick.Detach()
	unix.Sync()
	if sum(t, snapshot) != before {
		t.Error("the stick is not what it was")
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err = out.Close(); err != nil {
		t.Fatal(err)
	}
}

func sum(t *testing.T, name string) [32]byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(data)
}

func head(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data := make([]byte, 4096)
	if _, err = io.ReadFull(f, data); err != nil {
		t.Fatal(err)
	}
	return data
}

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

// A stick that is dying when it is plugged: nothing on it is ever answered.
func TestAStickThatDoesNotAnswer(t *testing.T) {
	if !usbtest.InOwnMounts(t) {
		return
	}
	b := newBench(t)
	disk := usbtest.NewHangingDisk(t, b.image("image", "ext4"))
	l := usbtest.AttachLoop(t, disk.Path)
	b.helper.Reader.Patience = 300 * time.Millisecond
	disk.Hang()
	b.mount(l.Name) // comes back
	b.refused(l.Name, note.Unreadable, note.Silent)
	disk.Release()
	b.helper.Reader.Patience = 0
	b.mount(l.Name)
	if n := b.note(l.Name); n.State != note.Mounted {
		t.Errorf("%+v", n)
	}

	// It dies while it is read: the unmount does not wait for it, the read ends with an error.
	f, err := os.Open(filepath.Join(b.helper.Dir, l.Name, "film.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	disk.Hang()
	read := make(chan error, 1)
	go func() {
		_, ended := io.ReadAll(f)
		read <- ended
	}()
	if err = b.helper.Unmount(l.Name); err != nil {
		t.Error(err)
	}
	select {
	case err = <-read:
		t.Errorf("the read has ended before the stick did (%v): this test proves nothing", err)
	default:
	}
	disk.Die()
	if err = <-read; err == nil {
		t.Error("a stick that is gone was read")
	}
}
