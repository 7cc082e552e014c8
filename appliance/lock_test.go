package appliance

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
	want := BoxInfo{PID: 4711, Started: time.Unix(1_700_000_000, 0).UTC(), Version: "1.2.3", Listen: "[::]:3003", LogFile: "/run/log"}
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
	if info, running, found := RunningBox(dir); !found || running || info != (BoxInfo{}) {
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
