package usb_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"streambox.local/appliance/usb"
	"streambox.local/appliance/usb/note"
	"streambox.local/appliance/usb/usbtest"
)

// cycles is what a stick with a loose contact does in a few minutes.
const cycles = 1000

// usage is what a watcher may leak.
type usage struct {
	goroutines, descriptors int
	heapBytes               int64
}

func (u usage) String() string {
	return fmt.Sprintf("%d goroutines, %d descriptors, %d KiB heap", u.goroutines, u.descriptors, u.heapBytes>>10)
}

func usageNow(t *testing.T) usage {
	t.Helper()
	runtime.GC()
	runtime.GC() // finalizers of the first
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return usage{runtime.NumGoroutine(), len(fds), int64(m.HeapAlloc)}
}

// Real mounts, real events of the kernel, notes as the helper leaves them; 1,000
// plugs and pulls as fast as they go. What is told at the end is right, and
// nothing has grown. Every hundredth is waited for.
func TestAThousandPlugsLeaveNothingBehind(t *testing.T) {
	if !usbtest.InOwnMounts(t) {
		return
	}
	dir := t.TempDir()
	below, notes := filepath.Join(dir, "media"), filepath.Join(dir, "notes")
	if err := os.Mkdir(notes, 0o755); err != nil {
		t.Fatal(err)
	}
	w := usbtest.NewWatch(t, &usb.Folders{Below: below, Notes: notes})
	cycle := func(n int, wait bool) {
		device := fmt.Sprintf("sd%c1", 'a'+n%3)
		point := filepath.Join(below, device)
		if err := os.MkdirAll(point, 0o755); err != nil {
			t.Fatal(err)
		}
		told := note.Note{Device: device, Label: "STICK", State: note.Mounted, MountPoint: point}
		if n%7 == 0 {
			told.State, told.Reason, told.MountPoint = note.Unreadable, note.NoFileSystem, ""
		}
		if err := note.Write(notes, told); err != nil {
			t.Fatal(err)
		}
		if told.State == note.Mounted {
			if err := unix.Mount("stick", point, "tmpfs", unix.MS_RDONLY, "size=64k"); err != nil {
				t.Fatal(err)
			}
		}
		if wait {
			w.One(told.State == note.Mounted)
		}
		if told.State == note.Mounted {
			if err := unix.Unmount(point, unix.MNT_DETACH); err != nil {
				t.Fatal(err)
			}
		}
		if err := note.Remove(notes, device); err != nil {
			t.Fatal(err)
		}
		if wait {
			w.None()
		}
	}
	for n := range 100 {
		cycle(n, n%10 == 0)
	}
	w.None()
	before, began := usageNow(t), time.Now()
	for n := range cycles {
		cycle(n, n%100 == 0)
	}
	w.None()
	after := usageNow(t)
	for n := 0; n < 1000 && after.goroutines > before.goroutines; n++ {
		runtime.Gosched() // a look may be under way
		after.goroutines = runtime.NumGoroutine()
	}
	t.Logf("%d plugs and pulls in %v: %v before, %v after", cycles, time.Since(began).Round(time.Millisecond), before, after)
	if after.goroutines > before.goroutines || after.descriptors > before.descriptors || after.heapBytes > before.heapBytes+64<<10 {
		t.Errorf("grown: %v, then %v", before, after)
	}
}
