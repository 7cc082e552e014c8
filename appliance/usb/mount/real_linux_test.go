package mount_test

import (
	"crypto/sha256"
	"errors"
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
