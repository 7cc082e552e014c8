package usb_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"streambox.local/appliance/usb"
	"streambox.local/appliance/usb/mount"
	"streambox.local/appliance/usb/usbtest"
)

func TestMain(m *testing.M) { usbtest.Main(m) }

// A stick whose reads hang, on a real file system on a real block device: the
// next stick is seen all the same, and when the dead one is pulled it goes at
// once, and what hung in it ends with an error.
func TestADyingStickBesideAGoodOne(t *testing.T) {
	if !usbtest.InOwnMounts(t) {
		return
	}
	dir := t.TempDir()
	helper := mount.Helper{Dir: filepath.Join(dir, "media"), Notes: filepath.Join(dir, "notes"), Setting: mount.AllSticks(), USB: true}
	image := func(name, label string) string {
		path := filepath.Join(dir, name)
		usbtest.Image(t, path, usbtest.Content{FileSystem: "ext4", Label: label, Files: map[string][]byte{"Films/film.mp4": bytes.Repeat([]byte("film"), 1<<20)}}, 32)
		return path
	}
	plug := func(l *usbtest.Loop) {
		t.Helper()
		if err := helper.Mount(t.Context(), l.Name); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = helper.Unmount(l.Name) }) // when the test has not come to it
	}
	w := usbtest.NewWatch(t, &usb.Folders{Below: helper.Dir, Notes: helper.Notes})
	disk := usbtest.NewHangingDisk(t, image("dying", "DYING"))
	dying := usbtest.AttachLoop(t, disk.Path)
	plug(dying)
	root := w.One(true).Root
	film, err := os.Open(filepath.Join(root, "Films", "film.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	defer film.Close()
	disk.Hang()
	read := make(chan error, 1)
	go func() {
		_, failed := io.Copy(io.Discard, film)
		read <- failed
	}()

	good := usbtest.AttachLoop(t, image("good", "GOOD"))
	plug(good)
	w.Until("the good stick", func(s []usb.Stick) bool {
		for _, one := range s {
			if one.Label == "GOOD" && one.Reason == "" {
				return true
			}
		}
		return false
	})
	if _, err = os.ReadFile(filepath.Join(helper.Dir, good.Name, "Films", "film.mp4")); err != nil {
		t.Error(err)
	}
	select {
	case err = <-read:
		t.Fatalf("the dying stick answers (%v): this test proves nothing", err)
	default:
	}
	if err = helper.Unmount(dying.Name); err != nil {
		t.Error(err)
	}
	if left := w.Until("the dying stick to go", func(s []usb.Stick) bool { return len(s) == 1 }); left[0].Label != "GOOD" {
		t.Errorf("%+v", left)
	}
	disk.Die()
	if err = <-read; err == nil {
		t.Error("a stick that is gone was read")
	}
	if err = helper.Unmount(good.Name); err != nil {
		t.Error(err)
	}
	unix.Sync()
}
