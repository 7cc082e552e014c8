package usbtest

import (
	"context"
	"path/filepath"
	"testing"

	"streambox.local/appliance/usb"
	"streambox.local/appliance/usb/mount"
)

// LoopBench is a stick on a loop device, mounted by the real mount helper. The
// device goes as the mount does; it is no USB, so its pulling is the unit's
// work without the unit.
type LoopBench struct {
	dir    string
	image  string
	loop   *Loop
	helper mount.Helper
}

// NewLoopBench makes one; only inside of InOwnMounts.
func NewLoopBench(tb testing.TB) *LoopBench {
	tb.Helper()
	dir := tb.TempDir()
	return &LoopBench{dir: dir, image: filepath.Join(dir, "image"), helper: mount.Helper{
		Dir: filepath.Join(dir, "media"), Notes: filepath.Join(dir, "notes"), Setting: mount.AllSticks(), USB: true,
	}}
}

// Folders watches the real mountinfo.
func (b *LoopBench) Folders() *usb.Folders {
	return &usb.Folders{Below: b.helper.Dir, Notes: b.helper.Notes}
}

// FileSystems is ext4, which is made without mounting it, and every kernel reads it.
func (b *LoopBench) FileSystems() []string { return []string{"ext4"} }

// Honest is false: the file behind a loop device stays, so open files can be
// read after the unmount. HangingDisk is for reads that end.
func (b *LoopBench) Honest() bool { return false }

// Prepare makes the image.
func (b *LoopBench) Prepare(tb testing.TB, c Content) {
	tb.Helper()
	Image(tb, b.image, c, 16)
}

// Plug attaches the device and mounts it.
func (b *LoopBench) Plug(tb testing.TB) {
	tb.Helper()
	b.loop = AttachLoop(tb, b.image)
	if err := b.helper.Mount(context.Background(), b.loop.Name); err != nil {
		tb.Fatal(err)
	}
}

// Pull unmounts and lets the device go.
func (b *LoopBench) Pull(tb testing.TB) {
	tb.Helper()
	if err := b.helper.Unmount(b.loop.Name); err != nil {
		tb.Fatal(err)
	}
	b.loop.Detach()
}
