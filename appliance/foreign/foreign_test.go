package foreign

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// What the owner of a folder may put there for root to open. Without its mend
// the FIFO's case does not end.
func TestOnlyPlainFilesOfTheFolderAreOpened(t *testing.T) {
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "secret")
	write(t, outside, "secret")
	write(t, filepath.Join(dir, "plain"), "plain")
	write(t, filepath.Join(dir, "twice"), "twice")
	for what, err := range map[string]error{
		"a link":   os.Symlink(outside, filepath.Join(dir, "link")),
		"a FIFO":   unix.Mkfifo(filepath.Join(dir, "fifo"), 0o600),
		"a folder": os.Mkdir(filepath.Join(dir, "folder"), 0o700),
		"a name":   os.Link(filepath.Join(dir, "twice"), filepath.Join(dir, "thrice")),
		"a way":    os.Symlink(filepath.Dir(outside), filepath.Join(dir, "way")),
	} {
		if err != nil {
			t.Fatalf("making %s: %v", what, err)
		}
	}
	root, err := Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, name := range []string{"link", "fifo", "folder", "twice", "thrice", "way/secret", "../secret", outside, "none"} {
		if file, _, openErr := Open(root, name); openErr == nil {
			t.Errorf("%s was opened", name)
			_ = file.Close()
		}
	}
	file, owner, err := Open(root, "plain")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if owner != os.Geteuid() {
		t.Errorf("owner %d, want %d", owner, os.Geteuid())
	}
	if data, err := ReadAll(file, 5); err != nil || string(data) != "plain" {
		t.Errorf("ReadAll = %q, %v", data, err)
	}
	if _, err := ReadAll(file, 4); !errors.Is(err, ErrTooLarge) {
		t.Errorf("5 bytes where 4 are allowed: %v", err)
	}
	if data, cut, err := ReadEnd(file, 3); err != nil || !cut || string(data) != "ain" {
		t.Errorf("ReadEnd = %q, %v, %v", data, cut, err)
	}
	if data, cut, err := ReadEnd(file, 9); err != nil || cut || string(data) != "plain" {
		t.Errorf("ReadEnd = %q, %v, %v", data, cut, err)
	}
	if _, err := Folder(filepath.Join(dir, "fifo")); err == nil || !strings.Contains(err.Error(), "not a directory") {
		t.Errorf("a FIFO for a folder: %v", err)
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
