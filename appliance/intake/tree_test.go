package intake

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"streambox.local/appliance/usb"
)

// Both ways to open a stick keep to the same rules.
func TestATreeOpensPlainFilesOfItsOwnOnly(t *testing.T) {
	outside := t.TempDir()
	write := func(name string) {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("film"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	top := filepath.Join(outside, "stick")
	write(filepath.Join(outside, "secret.mp4"))
	write(filepath.Join(top, "films", "film.mp4"))
	if err := syscall.Mkfifo(filepath.Join(top, "pipe.mp4"), 0o600); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{
		"out.mp4": "../secret.mp4", "absolute.mp4": filepath.Join(outside, "secret.mp4"), "in.mp4": "films/film.mp4", "up": "..",
	} {
		if err := os.Symlink(target, filepath.Join(top, link)); err != nil {
			t.Fatal(err)
		}
	}
	for way, open := range map[string]func(usb.Stick) (tree, error){"the kernel's way": treeOpener(), "os.Root": openRootTree} {
		t.Run(way, func(t *testing.T) {
			stick, err := open(usb.Stick{Root: top})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if closing := stick.Close(); closing != nil {
					t.Error(closing)
				}
			}()
			f, err := stick.Open("films/film.mp4")
			if err != nil {
				t.Fatalf("a film: %v", err)
			}
			closeAll([]*os.File{f})
			for _, name := range []string{"../secret.mp4", "films/../../secret.mp4", "out.mp4", "absolute.mp4", "in.mp4", "up/secret.mp4", "pipe.mp4", "films", "none.mp4"} {
				if opened, refused := stick.Open(name); refused == nil {
					closeAll([]*os.File{opened})
					t.Errorf("%q was opened", name)
				}
			}
			for _, name := range []string{"..", "up", "films/../.."} {
				if d, refused := stick.OpenDir(name); refused == nil {
					_ = d.Close()
					t.Errorf("folder %q was opened", name)
				}
			}
			info, err := stick.Lstat("in.mp4")
			if err != nil || info.Mode().Type() != os.ModeSymlink {
				t.Errorf("a symlink is %v, error %v", info, err)
			}
			if info, err := stick.Lstat("films/film.mp4"); err != nil || info.Size() != 4 {
				t.Errorf("a film is %v, error %v", info, err)
			}
			if _, err := stick.Lstat("../secret.mp4"); err == nil {
				t.Error("what lies outside was looked at")
			}
		})
	}
}
