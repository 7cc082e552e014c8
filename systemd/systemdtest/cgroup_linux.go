package systemdtest

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// ownGroup makes a control group for a machine and returns its descriptor.
// Without one, the machine's systemd would make its groups in this computer's
// root, and what it left there (the filter of a service's devices, for one)
// would hold for the service of that name in the next machine.
func ownGroup(t *testing.T, name string) int {
	t.Helper()
	root := "/sys/fs/cgroup"
	if _, err := os.Stat(filepath.Join(root, "cgroup.procs")); err != nil {
		root = filepath.Join(root, "unified") // beside the older hierarchies
	}
	dir := filepath.Join(root, name)
	if err := os.Mkdir(dir, 0o755); err != nil { //nolint:gosec // as all groups are
		t.Fatalf("making a control group for the machine: %v", err)
	}
	t.Cleanup(func() { removeGroup(t, dir) })
	fd, err := unix.Open(dir, unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatalf("opening the machine's control group: %v", err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	return fd
}

// removeGroup removes a tree of groups as soon as the last process has gone.
func removeGroup(t *testing.T, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		var groups []string
		_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() {
				groups = append(groups, path)
			}
			return nil
		})
		for _, group := range slices.Backward(groups) {
			_ = unix.Rmdir(group)
		}
		if _, err := os.Stat(dir); err != nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Errorf("the control group %s is still in use", dir)
			return
		case <-tick.C:
		}
	}
}
