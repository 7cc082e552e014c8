package usbtest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"streambox.local/appliance/usb"
	"streambox.local/appliance/usb/note"
)

// Fake is a stick that is a folder, with a mountinfo and notes of its own.
type Fake struct {
	dir    string
	device string
	now    Content
	number int // of mounts
}

// NewFake makes a place without a stick.
func NewFake(tb testing.TB) *Fake {
	tb.Helper()
	f := &Fake{dir: tb.TempDir(), device: "sda1"}
	for _, name := range []string{"media", "notes"} {
		if err := os.Mkdir(filepath.Join(f.dir, name), 0o755); err != nil {
			tb.Fatal(err)
		}
	}
	f.mounts(tb, "")
	return f
}

// Folders watches the fake.
func (f *Fake) Folders() *usb.Folders {
	return &usb.Folders{Below: filepath.Join(f.dir, "media"), Notes: filepath.Join(f.dir, "notes"), MountInfo: filepath.Join(f.dir, "mountinfo")}
}

// FileSystems are only words here.
func (f *Fake) FileSystems() []string { return []string{"vfat", "exfat", "ntfs", "ext4"} }

// Honest is false: an open file of a folder can be read when its name is gone.
func (f *Fake) Honest() bool { return false }

// Prepare takes the content for the next plug.
func (f *Fake) Prepare(_ testing.TB, c Content) { f.now = c }

// Plug does what the mount helper does.
func (f *Fake) Plug(tb testing.TB) {
	tb.Helper()
	n := note.Note{Device: f.device, Label: f.now.Label, UUID: "1A2B-3C4D", FileSystem: f.now.FileSystem, SizeBytes: 64 << 20, State: note.Unreadable}
	point := filepath.Join(f.dir, "media", f.device)
	switch f.now.FileSystem {
	case "":
		n.Reason = note.NoFileSystem
	case "apfs", "hfsplus":
		n.Reason = note.Apple
	case "BitLocker":
		n.Reason = note.BitLocker
	case "crypto_LUKS":
		n.Reason = note.Encrypted
	default:
		n.State, n.MountPoint = note.Mounted, point
		for name, content := range f.now.Files {
			full := filepath.Join(point, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
				tb.Fatal(err)
			}
			if err := os.WriteFile(full, content, 0o644); err != nil {
				tb.Fatal(err)
			}
		}
	}
	if err := note.Write(filepath.Join(f.dir, "notes"), n); err != nil {
		tb.Fatal(err)
	}
	if n.State == note.Mounted {
		f.number++
		f.mounts(tb, fmt.Sprintf("%d 1 8:1 / %s ro,nosuid,nodev,noexec - %s /dev/%s ro\n", 40+f.number, point, n.FileSystem, f.device))
	}
}

// Pull does what the helper and the kernel do.
func (f *Fake) Pull(tb testing.TB) {
	tb.Helper()
	f.mounts(tb, "")
	if err := os.RemoveAll(filepath.Join(f.dir, "media", f.device)); err != nil {
		tb.Fatal(err)
	}
	if err := note.Remove(filepath.Join(f.dir, "notes"), f.device); err != nil {
		tb.Fatal(err)
	}
}

// mounts writes mountinfo: the root, and a line.
func (f *Fake) mounts(tb testing.TB, line string) {
	tb.Helper()
	next := filepath.Join(f.dir, "mountinfo.next")
	if err := os.WriteFile(next, []byte("27 1 254:0 / / rw - ext4 /dev/vda rw\n"+line), 0o644); err != nil {
		tb.Fatal(err)
	}
	if err := os.Rename(next, filepath.Join(f.dir, "mountinfo")); err != nil {
		tb.Fatal(err)
	}
}
