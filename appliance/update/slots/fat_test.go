package slots_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"streambox.local/appliance/update/slots"
)

// What Linux's own tools make, in the form that the card's partition has, with files beside it that people have edited.
func TestFileSystemsOfOtherMakers(t *testing.T) {
	if testing.Short() {
		t.Skip("not run here: starts mkfs.vfat and mcopy, which -short leaves out")
	}
	for _, tool := range []string{"mkfs.vfat", "mcopy"} {
		if _, err := exec.LookPath(tool); err != nil {
			skip := t.Skipf
			if os.Getenv("STREAMBOX_STRICT") == "1" {
				skip = t.Fatalf
			}
			skip("not run here: %s is missing (apt-get install dosfstools mtools)", tool)
		}
	}
	dir := t.TempDir()
	file := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	run := func(name string, args ...string) {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", name, err, out)
		}
	}
	for name, form := range map[string][]string{
		"FAT32 as on the card": {"-F", "32", "-s", "1"},
		"FAT16":                {"-F", "16", "-s", "8"},
		"FAT12":                {"-F", "12", "-s", "64"},
	} {
		t.Run(name, func(t *testing.T) {
			image := file("image", nil)
			if err := os.Truncate(image, 40<<20); err != nil {
				t.Fatal(err)
			}
			run("mkfs.vfat", append(form, "-n", "STREAMBOX", image)...)
			for i := range 40 { // long names take several entries: the folder grows beyond a cluster
				run("mcopy", "-i", image, file("x", []byte("x")), "::a rather long name of a file that somebody left "+string(rune('a'+i%26))+string(rune('a'+i/26))+".txt")
			}
			run("mcopy", "-i", image, file("autoboot.txt", slots.Autoboot(slots.A)), "::autoboot.txt")
			c := slots.Card{Running: slots.B, Choice: image}
			if s, err := c.State(); err != nil || s.Chosen != slots.A {
				t.Fatalf("%+v %v", s, err)
			}
			if err := c.Commit(); err != nil {
				t.Fatal(err)
			}
			run("mcopy", "-o", "-i", image, "::autoboot.txt", filepath.Join(dir, "back"))
			if back, err := os.ReadFile(filepath.Join(dir, "back")); err != nil || !bytes.Equal(back, slots.Autoboot(slots.B)) {
				t.Errorf("%q %v", back, err)
			}
		})
	}
}

func TestAnAutobootThatSomebodyHasSaved(t *testing.T) {
	dir := t.TempDir()
	for sentence, data := range map[string][]byte{"shorter": slots.Autoboot(slots.A)[:400], "longer": append(slots.Autoboot(slots.A), '\n'), "empty": nil} {
		path := filepath.Join(dir, "autoboot.txt")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := slots.Folder(dir, slots.B, nil).Commit(); err == nil {
			t.Errorf("%s: it is overwritten", sentence)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, data) {
			t.Errorf("%s: it has changed", sentence)
		}
	}
}
