package appliance

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestTwoBoxesDoNotShareADataFolder(t *testing.T) {
	dir := t.TempDir()
	if _, _, found := RunningBox(dir); found {
		t.Fatal("a box was found in an empty folder")
	}
	first, err := LockData(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := BoxInfo{PID: 4711, Started: time.Unix(1_700_000_000, 0).UTC(), Version: "1.2.3", Listen: "[::]:3003", LogFile: "/run/log", Owner: os.Geteuid()}
	if err = first.Describe(BoxInfo{PID: 1, Version: strings.Repeat("long ", 100)}); err != nil {
		t.Fatal(err)
	}
	if err = first.Describe(want); err != nil {
		t.Fatal(err)
	}
	_, err = LockData(dir)
	if inUse, ok := errors.AsType[*InUseError](err); !ok || inUse.Box.PID != 4711 || !strings.Contains(err.Error(), "4711") {
		t.Errorf("the second box got %v, want an InUseError that names process 4711", err)
	}
	if info, running, found := RunningBox(dir); !found || !running || info != want {
		t.Errorf("RunningBox = %+v, %v, %v", info, running, found)
	}
	if err = first.Close(); err != nil {
		t.Fatal(err)
	}
	if info, running, found := RunningBox(dir); !found || running || info != want {
		t.Errorf("after its end RunningBox = %+v, %v, %v; want what it left, not running", info, running, found)
	}
	second, err := LockData(dir)
	if err != nil {
		t.Fatalf("the folder is free, but: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestADamagedLockFileIsNoObstacle(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, lockName), []byte("{\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	if info, running, found := RunningBox(dir); !found || running || info != (BoxInfo{Owner: os.Geteuid()}) {
		t.Errorf("RunningBox = %+v, %v, %v", info, running, found)
	}
	lock, err := LockData(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
}

// The folder is the service's user's, and doctor and `sudo streambox serve` are root's.
func TestWhatIsNoPlainLockFileIsNotTouched(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside")
	const content = `{"pid":4711,"logFile":"/secret"}`
	for name, put := range map[string]func(path string) error{
		"a link":             func(path string) error { return os.Symlink(outside, path) },
		"a second name":      func(path string) error { return os.Link(outside, path) },
		"a FIFO":             func(path string) error { return unix.Mkfifo(path, 0o600) },
		"a folder":           func(path string) error { return os.Mkdir(path, 0o700) },
		"a link to a device": func(path string) error { return os.Symlink("/dev/zero", path) },
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(outside, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if err := put(filepath.Join(dir, lockName)); err != nil {
				t.Fatal(err)
			}
			if info, running, found := RunningBox(dir); found || running || info != (BoxInfo{}) {
				t.Errorf("RunningBox = %+v, %v, %v", info, running, found)
			}
			if lock, err := LockData(dir); err == nil {
				t.Error("it was taken for the lock")
				_ = lock.Close()
			}
			if data, err := os.ReadFile(outside); err != nil || string(data) != content {
				t.Errorf("what lies outside is %q now, %v", data, err)
			}
		})
	}
}

func TestAHugeLockFileSaysNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, lockName)
	if err := errors.Join(os.WriteFile(path, []byte(`{"pid":4711}`), 0o600), os.Truncate(path, 1<<40)); err != nil {
		t.Fatal(err)
	}
	if info, _, found := RunningBox(dir); !found || info.PID != 0 {
		t.Errorf("RunningBox = %+v, %v", info, found)
	}
}
