package note

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestANoteIsReadAsItWasWritten(t *testing.T) {
	dir := t.TempDir()
	want := Note{Device: "sda1", Label: "Holiday", UUID: "1A2B", FileSystem: "vfat", SizeBytes: 5, State: Mounted, MountPoint: "/media/streambox/sda1"}
	if err := Write(dir, want); err != nil {
		t.Fatal(err)
	}
	want.Schema = 1
	got, err := ReadAll(dir)
	if err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("%+v %v", got, err)
	}
	for range 2 {
		if err = Remove(dir, "sda1"); err != nil {
			t.Error(err)
		}
	}
	if got, err = ReadAll(dir); err != nil || len(got) != 0 {
		t.Errorf("%+v %v", got, err)
	}
	if got, err = ReadAll(filepath.Join(dir, "missing")); err != nil || len(got) != 0 {
		t.Errorf("a missing folder: %+v %v", got, err)
	}
}

func TestLabelsAreTextAndDevicesAreNames(t *testing.T) {
	dir := t.TempDir()
	if err := Write(dir, Note{Device: "sda1", State: Ignored, Label: "a\x1b[31mb\n\u202egpj\xff" + strings.Repeat("x", 500)}); err != nil {
		t.Fatal(err)
	}
	got, err := ReadAll(dir)
	if err != nil || len(got) != 1 || !strings.HasPrefix(got[0].Label, "a[31mbgpj\uFFFDxxx") || len([]rune(got[0].Label)) != textRunes {
		t.Errorf("%+v %v", got, err)
	}
	for _, name := range []string{"", "a", "../sda1", "sda-1", "sda1/..", "SDA1", "1sda", "sd a1", "sda1\x00", "-o", "%i", strings.Repeat("a", 40), "dm-0"} {
		if IsDevice(name) || Write(dir, Note{Device: name}) == nil || Remove(dir, name) == nil {
			t.Errorf("%q is taken for a device", name)
		}
	}
	for _, name := range []string{"sda", "sda1", "sdaa128", "mmcblk0p1", "loop12"} {
		if !IsDevice(name) {
			t.Errorf("%q is a device", name)
		}
	}
}

func TestWhatIsNoNoteIsLeftOut(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"sda1.json":      `{"schema":1,"device":"sda1","state":"unreadable","sizeBytes":-7}`,
		"sdb1.json":      `{"schema":1,"device":"sda1","state":"mounted"}`,
		"sdc1.json":      `{"schema":2,"device":"sdc1","state":"mounted"}`,
		"sdd1.json":      `{"schema":1,"device":"sdd1","state":"weird"}`,
		"sde1.json":      `{"schema":1,`,
		"sdf1.json":      strings.Repeat(" ", 1<<20),
		".sda1-123":      `{}`,
		"no device.json": `{}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("sda1.json", filepath.Join(dir, "sdg1.json")); err != nil {
		t.Fatal(err)
	}
	got, err := ReadAll(dir)
	if err != nil || len(got) != 1 || got[0].Device != "sda1" || got[0].SizeBytes != 0 {
		t.Errorf("%+v %v", got, err)
	}
}
