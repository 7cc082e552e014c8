package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"streambox.local/image/bill"
)

var at = time.Date(2026, 11, 23, 4, 5, 6, 0, time.UTC)

// scratch makes files, and gives their folder.
func scratch(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// repository is one in which all was built.
func repository(t *testing.T) options {
	t.Helper()
	files := map[string]string{"image/deb/changelog": "streambox (1.2.3) unstable; urgency=medium\n", "LICENSE": "MIT\n"}
	for _, p := range built() {
		files["dist/"+p.program] = "\x7fELF v1.2.3 0123456789ab"
		files["dist/streambox_1.2.3_"+p.debian+".deb"] = "!<arch>"
	}
	files["dist/streambox_1.2.3_debian.img.xz"] = "xz"
	files["dist/streambox_1.2.3_debian.packages"] = "Package: bash\nStatus: install ok installed\nVersion: 5.2-1+b1\nArchitecture: arm64\n\n" +
		"Package: streambox\nStatus: install ok installed\nVersion: 1.2.3\nArchitecture: arm64\n"
	files["image/bundle/keys/2026.pub"] = "ed25519 …"
	files["dist/streambox_1.2.3_debian.streambox-update"] = "signed"
	files["dist/streambox_1.2.2_debian.img.xz"] = "the last release"
	root := scratch(t, files)
	return options{root: root, dist: filepath.Join(root, "dist"), described: "v1.2.3", commit: "0123456789ab", at: at}
}

var works = []bill.Work{{Kind: bill.Golang, Name: "example.org/a", Version: "v1.0.0", Licence: "MIT", Texts: []byte("text\n")}}

// made are the files of a release, by name.
func made(t *testing.T, o options) map[string][]byte {
	t.Helper()
	items, err := plan(o, "1.2.3", works)
	if err != nil {
		t.Fatal(err)
	}
	items = append(items, item{name: "README.txt", content: readme("1.2.3", o.commit, items, len(o.cards) > 0, []string{"go1"})})
	folder := filepath.Join(o.dist, "streambox-1.2.3")
	if err = write(folder, items, o.at); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		mode := os.FileMode(0o644)
		if strings.HasPrefix(e.Name(), "streambox-linux") {
			mode = 0o755
		}
		if info.Mode() != mode || !info.ModTime().Equal(at) {
			t.Errorf("%s: %v, %v", e.Name(), info.Mode(), info.ModTime())
		}
		if files[e.Name()], err = os.ReadFile(filepath.Join(folder, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func TestEveryFileIsInTheSumsAndExplained(t *testing.T) {
	o := repository(t)
	o.cards = []string{"debian"}
	files := made(t, o)
	for _, name := range []string{
		"streambox_1.2.3_arm64.deb", "streambox-linux-armv6", "streambox_1.2.3_debian.img.xz", "streambox_1.2.3_debian.cdx.json", "streambox_1.2.3_debian.sources.txt",
		"streambox_1.2.3.cdx.json", "third-party.txt", "LICENSE.txt", "CHANGES.txt", "streambox_1.2.3_debian.streambox-update", "README.txt",
	} {
		sum := sha256.Sum256(files[name])
		if line := hex.EncodeToString(sum[:]) + "  " + name + "\n"; files[name] == nil || !bytes.Contains(files["SHA256SUMS"], []byte(line)) {
			t.Errorf("%s is not there, or not in the sums", name)
		}
		if name != "README.txt" && !bytes.Contains(files["README.txt"], []byte("\n"+name+"\n    ")) {
			t.Errorf("README.txt does not say what %s is", name)
		}
	}
	if n := bytes.Count(files["SHA256SUMS"], []byte("\n")); n != len(files)-1 {
		t.Errorf("%d sums for %d files", n, len(files))
	}
	if list := files["streambox_1.2.3_debian.sources.txt"]; !bytes.Contains(list, []byte("\nbash 5.2-1\n")) || bytes.Contains(list, []byte("\nstreambox ")) {
		t.Error("the sources of the card are not those of its packages")
	}
	if bytes.Contains(files["README.txt"], []byte(noCard)) {
		t.Error("it has a card image, and denies it")
	}
}

func TestWithoutACardImageTheReleaseSaysSo(t *testing.T) {
	o := repository(t)
	files := made(t, o)
	if !bytes.Contains(files["README.txt"], []byte(noCard)) {
		t.Errorf("README.txt says\n%s", files["README.txt"])
	}
	for name := range files {
		if strings.Contains(name, "img") || strings.Contains(name, "sources") {
			t.Errorf("%s is of a card", name)
		}
	}
	var said bytes.Buffer
	if err := report(&said, filepath.Join(o.dist, "streambox-1.2.3"), false); err != nil || !strings.HasSuffix(said.String(), noCard+"\n") {
		t.Errorf("%v: %s", err, said.String())
	}
}

// The same inputs give the same bytes, with whatever umask, and an older folder is replaced.
func TestTheReleaseIsTheSameBytes(t *testing.T) {
	o := repository(t)
	first := made(t, o)
	if err := os.WriteFile(filepath.Join(o.dist, "streambox-1.2.3", "left over"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	old := syscall.Umask(0o077)
	second := made(t, o)
	syscall.Umask(old)
	if !bytes.Equal(first["SHA256SUMS"], second["SHA256SUMS"]) || len(first) != len(second) {
		t.Errorf("two releases of the same inputs differ:\n%s\n%s", first["SHA256SUMS"], second["SHA256SUMS"])
	}
}

func TestWhatIsNoRelease(t *testing.T) {
	for sentence, spoil := range map[string]func(*options){
		"programs of another commit":                  func(o *options) { o.commit = "ba9876543210" },
		"programs of another version":                 func(o *options) { o.described = "v1.2.4" },
		"no programs":                                 func(o *options) { o.dist = o.root },
		"programs in which nothing tells their parts": func(*options) {},
	} {
		t.Run(sentence, func(t *testing.T) {
			o := repository(t)
			spoil(&o)
			if folder, err := release(t.Context(), o, "1.2.3"); err == nil {
				t.Errorf("%s was made", folder)
			}
		})
	}
	for sentence, version := range map[string]string{"a card of another version": "1.2.2", "a card that was not made": "1.2.4"} {
		o := repository(t)
		o.cards = []string{"debian"}
		if _, err := plan(o, version, works); err == nil {
			t.Errorf("%s is in the release", sentence)
		}
	}
	o := repository(t)
	if err := os.Remove(filepath.Join(o.dist, "streambox_1.2.3_armhf.deb")); err != nil {
		t.Fatal(err)
	}
	items, err := plan(o, "1.2.3", works)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(o.dist, "streambox-1.2.3")
	if err := write(folder, items, at); err == nil {
		t.Error("a release without one of its packages was made")
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("half a release is there")
	}
}

// Said before anything is built.
func TestOfWhatNoReleaseCanBeMade(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		spoil    func(*options)
		says     string // "": it can
	}{
		{"a tagged commit", func(*options) {}, ""},
		{"changes that are in no commit", func(o *options) { o.described += "-dirty" }, "of a commit"},
		{"no time", func(o *options) { o.at = time.Unix(0, 0) }, "time"},
		{"a tag that is not in the changelog", func(o *options) { o.described = "v1.2.4" }, "v1.2.4"},
		{"a card, and a key for its updates", func(o *options) { o.cards = []string{"debian"} }, ""},
		{"a card that nobody could update", func(o *options) {
			o.cards, o.root = []string{"debian"}, scratch(t, map[string]string{"image/deb/changelog": "streambox (1.2.3) unstable; urgency=medium\n"})
		}, "make update-key"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			o := repository(t)
			tt.spoil(&o)
			version, err := check(o)
			if tt.says == "" && (err != nil || version != "1.2.3") || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
				t.Errorf("%q %v", version, err)
			}
		})
	}
}
