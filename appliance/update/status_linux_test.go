package update_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"streambox.local/appliance/update"
)

// The helper's unit has UMask=0077; the program, which is not root, reads what it says.
func TestTheProgramMayReadWhatTheHelperSays(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o077))
	path := filepath.Join(t.TempDir(), "update.json")
	for range 2 { // a new file, and one in the place of another
		must(t, update.WriteStatus(path, update.Status{Code: update.CodeWaiting}))
		info, err := os.Stat(path)
		must(t, err)
		if got := info.Mode().Perm(); got != 0o644 {
			t.Errorf("its mode is %v", got)
		}
	}
}
