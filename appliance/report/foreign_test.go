package report

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const strangerID = 12345 // no user of any machine that runs tests

// root's report reads what the service's user has put in the log's place.
// Before, a FIFO there was waited at without end.
func TestTheLogOfAHostileBox(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	put(t, secret, "root:$6$secret\n")
	for name, place := range map[string]func(path string) error{
		"a link to a file of root's":   func(path string) error { return os.Symlink(secret, path) },
		"a second name of such a file": func(path string) error { return os.Link(secret, path) },
		"a FIFO":                       func(path string) error { return unix.Mkfifo(path, 0o600) },
		"a link to a device":           func(path string) error { return os.Symlink("/dev/zero", path) },
		"a folder":                     func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		for _, file := range []string{"log.jsonl", "log.jsonl.1"} {
			t.Run(name+" at "+file, func(t *testing.T) {
				dir := t.TempDir()
				if err := place(filepath.Join(dir, file)); err != nil {
					t.Fatal(err)
				}
				if lines, err := ReadLog(filepath.Join(dir, "log.jsonl"), os.Geteuid()); err == nil || len(lines) > 0 {
					t.Errorf("ReadLog = %q, %v", lines, err)
				}
			})
		}
	}
}

func TestOfAHugeLogTheEndIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	put(t, path, "")
	if err := os.Truncate(path, 1<<40); err != nil { // a hole
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString("\nfirst\nlast\n"); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if lines, err := ReadLog(path, os.Geteuid()); err != nil || len(lines) != 2 || lines[1] != "last" {
		t.Errorf("%d lines, %v", len(lines), err)
	}
}

func TestOnlyTheLogOfItsOwnerIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	put(t, path, "a line\n")
	if lines, err := ReadLog(path, strangerID); err == nil || len(lines) > 0 {
		t.Errorf("a file of ours as a stranger's log: %q, %v", lines, err)
	}
	if os.Geteuid() != 0 {
		t.Skip("not run here: giving files away takes root (sudo)")
	}
	if err := os.Lchown(path, strangerID, -1); err != nil {
		t.Fatal(err)
	}
	if lines, err := ReadLog(path, 0); err == nil || len(lines) > 0 {
		t.Errorf("a stranger's file as root's log: %q, %v", lines, err)
	}
	if lines, err := ReadLog(path, 0, strangerID); err != nil || len(lines) != 1 {
		t.Errorf("the stranger's own log: %q, %v", lines, err)
	}
}

func TestAHostileLibrary(t *testing.T) {
	data, outside := t.TempDir(), t.TempDir()
	title := func(n int) string {
		return fmt.Sprintf(`{"id":"abcdefgh23456aa%c","title":"Film %d"}`, 'a'+n, n)
	}
	at := func(id string) string { return filepath.Join(data, "library", id, "title.json") }
	for _, id := range []string{"fifo", "huge", "linked", "plain", "stranger"} {
		if err := os.MkdirAll(filepath.Dir(at(id)), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	put(t, filepath.Join(outside, "title.json"), title(1))
	put(t, at("huge"), title(2)+string(bytes.Repeat([]byte(" "), 1<<10)))
	put(t, at("plain"), title(3))
	put(t, at("stranger"), title(4))
	if err := errors.Join(
		unix.Mkfifo(at("fifo"), 0o600),
		os.Symlink(filepath.Join(outside, "title.json"), at("linked")),
		os.Symlink(outside, filepath.Join(data, "library", "elsewhere")),
		os.Truncate(at("huge"), 1<<40),
	); err != nil {
		t.Fatal(err)
	}
	want := "abcdefgh23456aad abcdefgh23456aae"
	if os.Geteuid() == 0 {
		want = "abcdefgh23456aad"
		if err := os.Lchown(at("stranger"), strangerID, -1); err != nil {
			t.Fatal(err)
		}
	}
	titles, _ := ReadLibrary(data)
	ids := make([]string, len(titles))
	for i, one := range titles {
		ids[i] = one.ID
	}
	if got := strings.Join(ids, " "); got != want {
		t.Errorf("read were %q, want %q", got, want)
	}
}

func TestALibraryThatIsNone(t *testing.T) {
	outside := t.TempDir()
	put(t, filepath.Join(outside, "title.json"), `{"id":"abcdefgh23456aaa"}`)
	for name, place := range map[string]func(path string) error{
		"a link out of the data folder": func(path string) error { return os.Symlink(filepath.Dir(outside), path) },
		"a FIFO":                        func(path string) error { return unix.Mkfifo(path, 0o600) },
	} {
		data := t.TempDir()
		if err := place(filepath.Join(data, "library")); err != nil {
			t.Fatal(err)
		}
		if titles, _ := ReadLibrary(data); len(titles) != 0 {
			t.Errorf("%s: %v", name, titles)
		}
	}
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
