package mount_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"streambox.local/appliance/usb/mount"
	"streambox.local/appliance/usb/usbtest"
)

// A stick that answers after everybody has given up on its mount: nobody would
// ever unmount what came of it.
func TestAMountThatComesTooLateIsNotPutIntoTheTree(t *testing.T) {
	if !usbtest.InOwnMounts(t) {
		return
	}
	b := newBench(t)
	folder := filepath.Join(b.dir, "folder")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	disk := usbtest.NewHangingDisk(t, b.image("image", "ext4"))
	device := "/dev/" + usbtest.AttachLoop(t, disk.Path).Name
	disk.Hang()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := mount.RealKernel().Mount(ctx, device, folder, mount.Ways("ext4")[0], mount.Owner{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if isFree(t, device) {
		t.Fatal("nothing is being mounted: this test proves nothing")
	}
	disk.Release()
	for limit, tick := time.After(30*time.Second), time.NewTicker(10*time.Millisecond); !isFree(t, device); {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("the stick is held by what nobody asks for any more; mounted is:\n%s", mountinfo(t))
		}
	}
	if strings.Contains(mountinfo(t), folder+" ") {
		t.Error("it is mounted")
	}
}

// isFree is true when no file system holds a block device.
func isFree(t *testing.T, device string) bool {
	t.Helper()
	fd, err := unix.Open(device, unix.O_RDONLY|unix.O_EXCL|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.EBUSY) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	return unix.Close(fd) == nil
}
