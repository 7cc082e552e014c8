package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"streambox.local/image/bill"
	"streambox.local/systemd"
)

// need skips the test, or fails it when STREAMBOX_STRICT is 1.
func need(t *testing.T, program, debianPackage string) {
	t.Helper()
	if testing.Short() {
		t.Skip("not run here: starts " + program + ", which -short leaves out")
	}
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	if os.Getenv("STREAMBOX_STRICT") == "1" {
		t.Fatalf("%s is missing", program)
	}
	t.Skipf("not run here: %s is missing (apt-get install %s)", program, debianPackage)
}

// someParts are parts with a program that is none.
func someParts(t *testing.T) (parts, scripts) {
	t.Helper()
	read := func(name string) []byte {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	text := []byte("text\n")
	p := parts{
		program: []byte("a program"), texts: texts{text, text, text, text, text}, thirdParty: text,
		changelog: read("changelog"), copyright: read("copyright"), overrides: read("overrides"),
	}
	return p, scripts{control: read("control"), postinst: read("postinst"), prerm: read("prerm"), postrm: read("postrm")}
}

func TestThePackageIsTheManifestAndTheProgram(t *testing.T) {
	p, _ := someParts(t)
	files, err := contents(p)
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]entry{}
	for _, f := range files {
		if _, twice := at[f.path]; twice || strings.HasPrefix(f.path, "/usr/local/") || f.path != filepath.Clean(f.path) {
			t.Errorf("%s is there twice, or not at its place", f.path)
		}
		at[f.path] = f
	}
	for _, f := range systemd.Manifest() {
		if got := at[f.Target(systemd.Packaged)]; !bytes.Equal(got.content, f.Content()) || got.mode != f.Mode {
			t.Errorf("%s is not in the package byte by byte", f.Name)
		}
	}
	for path, mode := range map[string]os.FileMode{"/usr/bin/streambox": 0o755, "/usr/share/man/man1/streambox.1.gz": 0o644, "/etc/streambox/streambox.toml": 0o644} {
		if at[path].mode != mode {
			t.Errorf("%s has mode %o", path, at[path].mode)
		}
	}
	// What is the owner's stays as they have left it.
	if got := string(conffiles(files)); got != "/etc/streambox/streambox.toml\n" {
		t.Errorf("the conffiles are %q", got)
	}
	packed := at["/usr/share/doc/streambox/changelog.gz"].content
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(r); err != nil || !bytes.Equal(text, p.changelog) || r.Name != "" || !r.ModTime.IsZero() {
		t.Errorf("the changelog cannot be read, or has a time: %v", err)
	}
	p.texts.manual = nil
	if _, err := contents(p); err == nil {
		t.Error("an empty manual page is none")
	}
}

// Nothing of ours runs on when the package goes.
func TestEveryUnitIsStopped(t *testing.T) {
	_, s := someParts(t)
	for _, f := range systemd.Manifest() {
		if name := strings.Replace(f.Name, "@.", "@*.", 1); f.Kind == systemd.Unit && !strings.Contains(string(s.prerm), name) {
			t.Errorf("prerm does not stop %s", name)
		}
	}
}

func TestDpkgSortsVersionsAsTheyWereMade(t *testing.T) {
	need(t, "dpkg", "dpkg")
	versions := []string{"1.2.2", "1.2.3~20261123030506.ffffffffffff", "1.2.3~20261123030507.000000000000", "1.2.3", "1.2.4~20261124030507.000000000000"}
	for i := range versions[1:] {
		if err := exec.CommandContext(t.Context(), "dpkg", "--compare-versions", versions[i], "lt", versions[i+1]).Run(); err != nil {
			t.Errorf("%s is not before %s", versions[i], versions[i+1])
		}
	}
}

// dpkg-parsechangelog reads such entries, apt-listchanges shows them.
func TestTheChangelogIsDebians(t *testing.T) {
	text, err := os.ReadFile("changelog")
	if err != nil {
		t.Fatal(err)
	}
	entries := 0
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case line == "", regexp.MustCompile(`^  (\* |  )\S`).MatchString(line):
		case bill.Headline.MatchString(line):
			entries++
		case strings.HasPrefix(line, " -- "):
			_, date, _ := strings.Cut(line, ">  ")
			if at, err := time.Parse(time.RFC1123Z, date); err != nil || at.Format(time.RFC1123Z) != date {
				t.Errorf("%q: %v", line, err)
			}
		default:
			t.Errorf("%q is no line of a changelog", line)
		}
		if len(line) > 80 && !strings.HasPrefix(line, " -- ") {
			t.Errorf("%q is too long", line)
		}
	}
	if entries == 0 {
		t.Error("no entry")
	}
}

// The same inputs give the same bytes, whenever, wherever and with whatever umask.
func TestThePackageIsTheSameBytes(t *testing.T) {
	need(t, "dpkg-deb", "dpkg")
	p, s := someParts(t)
	at := time.Date(2026, 11, 23, 4, 5, 6, 0, time.UTC)
	var made [][]byte
	for _, umask := range []int{0o022, 0o077} {
		old := syscall.Umask(umask)
		name := filepath.Join(t.TempDir(), "streambox.deb")
		err := makeOne(t.Context(), p, s, "1.2.3", "arm64", name, at)
		syscall.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, content)
		list, err := exec.CommandContext(t.Context(), "dpkg-deb", "--contents", name).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, list)
		}
		for line := range strings.Lines(string(list)) {
			f := strings.Fields(line)
			if f[1] != "root/root" || f[3] != "2026-11-23" || !slices.Contains([]string{"drwxr-xr-x", "-rwxr-xr-x", "-rw-r--r--"}, f[0]) {
				t.Errorf("%s", line)
			}
		}
	}
	if !bytes.Equal(made[0], made[1]) {
		t.Error("two packages of the same inputs differ")
	}
}
