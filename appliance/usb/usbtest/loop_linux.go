package usbtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Loop is a block device whose content is a file.
type Loop struct {
	Name string // kernel name: loop3
	fd   *os.File
}

// AttachLoop makes a block device of a file, until the test ends.
func AttachLoop(tb testing.TB, file string) *Loop {
	tb.Helper()
	control, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		tb.Fatal(err)
	}
	defer control.Close()
	back, err := unix.Open(file, unix.O_RDWR|unix.O_CLOEXEC, 0) // not by Go's poller, which would ask a hanging disk
	if err != nil {
		tb.Fatal(err)
	}
	defer unix.Close(back)
	for range 100 { // another test may take the free one first
		n, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			tb.Fatalf("find a loop device: %v", err)
		}
		l := &Loop{Name: fmt.Sprintf("loop%d", n)}
		if l.fd, err = os.OpenFile("/dev/"+l.Name, os.O_RDWR, 0); err != nil {
			tb.Fatal(err)
		}
		config := unix.LoopConfig{Fd: uint32(back)}
		err = unix.IoctlLoopConfigure(int(l.fd.Fd()), &config)
		if err == nil {
			tb.Cleanup(func() { l.Detach() })
			return l
		}
		_ = l.fd.Close() // nothing was done
		if !errors.Is(err, unix.EBUSY) {
			tb.Fatalf("set up %s: %v", l.Name, err)
		}
	}
	tb.Fatal("no loop device is free")
	return nil
}

// Detach lets the device go, as soon as nobody has it mounted. Twice is once.
func (l *Loop) Detach() {
	if l.fd == nil {
		return
	}
	_ = unix.IoctlSetInt(int(l.fd.Fd()), unix.LOOP_CLR_FD, 0) // busy: goes when the last user does
	_ = l.fd.Close()                                          // only a handle
	l.fd = nil
}

// InOwnMounts runs a test in a mount namespace of its own: the test binary is
// started again for it, and what it mounts is gone with it. True in there.
func InOwnMounts(t *testing.T) bool {
	t.Helper()
	if os.Getenv("USBTEST_OWN_MOUNTS") == t.Name() {
		return true
	}
	if testing.Short() {
		t.Skip("starts another program")
	}
	if os.Geteuid() != 0 {
		NotHere(t, "root, who may mount")
	}
	if _, err := os.Stat("/dev/loop-control"); err != nil {
		NotHere(t, "the kernel's loop devices")
	}
	runAgain(t)
	return false
}

// NotHere leaves a test out, or fails it where nothing may be left out.
func NotHere(tb testing.TB, what string) {
	tb.Helper()
	if os.Getenv("STREAMBOX_STRICT") == "1" {
		tb.Fatalf("not run here: %s is missing", what)
	}
	tb.Skipf("not run here: %s is missing", what)
}

// Image makes a file with a file system on it by mkfs of fileSystem; it is
// filled where its tool can (ext4).
func Image(tb testing.TB, name string, c Content, megabytes int64) {
	tb.Helper()
	f, err := os.Create(name)
	if err != nil {
		tb.Fatal(err)
	}
	if err = errors.Join(f.Truncate(megabytes<<20), f.Close()); err != nil {
		tb.Fatal(err)
	}
	if strings.HasPrefix(c.FileSystem, "ext") {
		source := filepath.Join(tb.TempDir(), "files")
		fill(tb, source, c.Files)
		runTool(tb, "mkfs."+c.FileSystem, "-q", "-F", "-L", c.Label, "-d", source, name)
		return
	}
	disk := make([]byte, 64<<10)
	Signature(disk, c.FileSystem)
	if f, err = os.OpenFile(name, os.O_WRONLY, 0); err != nil {
		tb.Fatal(err)
	}
	if _, err = f.Write(disk); err != nil {
		tb.Fatal(err)
	}
	if err = f.Close(); err != nil {
		tb.Fatal(err)
	}
}

func fill(tb testing.TB, dir string, files map[string][]byte) {
	tb.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		tb.Fatal(err)
	}
	for name, content := range files {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(full, content, 0o644); err != nil {
			tb.Fatal(err)
		}
	}
}
