package transcode

import (
	"os"
	"path/filepath"
	"testing"
)

func TestBoards(t *testing.T) {
	t.Parallel()
	for model, want := range map[string]Board{
		"Raspberry Pi Zero 2 W Rev 1.0":          Pi3,
		"Raspberry Pi Zero W Rev 1.1":            PiZero,
		"Raspberry Pi Model B Plus Rev 1.2":      PiZero,
		"Raspberry Pi 2 Model B Rev 1.1":         Pi3,
		"Raspberry Pi 3 Model B Plus Rev 1.3":    Pi3,
		"Raspberry Pi 4 Model B Rev 1.5":         Pi4,
		"Raspberry Pi 400 Rev 1.0":               Pi4,
		"Raspberry Pi Compute Module 4 Rev 1.1":  Pi4,
		"Raspberry Pi Compute Module 3 Plus":     Pi3,
		"Raspberry Pi Compute Module Rev 1.0":    PiZero,
		"Raspberry Pi 5 Model B Rev 1.0":         Pi5,
		"Raspberry Pi 500 Rev 1.0":               Pi5,
		"Raspberry Pi Compute Module 5 Lite":     Pi5,
		"Raspberry Pi 6 Model B Rev 1.0":         Pi5, // to come
		"Orange Pi 5":                            Computer,
		"":                                       Computer,
		"Pine64 Rock64, not a Raspberry Pi Zero": Computer,
	} {
		if got := boardOf(model); got != want {
			t.Errorf("%q is %q, want %q", model, got, want)
		}
	}
}

func TestTheBoardIsReadFromTheDeviceTree(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if got := readBoard(root); got != Computer {
		t.Errorf("without a device tree: %q", got)
	}
	files(t, root, map[string]string{"proc/device-tree/model": "Raspberry Pi 3 Model B Rev 1.2\x00"})
	if got := readBoard(root); got != Pi3 {
		t.Errorf("got %q", got)
	}
}

func TestSoftwareByBoard(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		machine Machine
		preset  string
		short   int
	}{
		"a Pi 5":                 {Machine{Board: Pi5, CPUs: 4}, "veryfast", 1080},
		"a Pi 4":                 {Machine{Board: Pi4, CPUs: 4}, "superfast", 1080},
		"a Zero 2":               {Machine{Board: Pi3, CPUs: 4}, "superfast", 720},
		"a Zero":                 {Machine{Board: PiZero, CPUs: 1}, "superfast", 720},
		"some other small board": {Machine{CPUs: 4}, "superfast", 1080},
		"a computer":             {Machine{CPUs: 16}, "veryfast", 1080},
	} {
		if preset, short := c.machine.software(); preset != c.preset || short != c.short {
			t.Errorf("%s: %s, %d", name, preset, short)
		}
	}
	if got := (Machine{Board: Pi3}).shortSide(V4L2); got != 1080 {
		t.Errorf("the chip of a Zero 2 is not bound by its processor: %d", got)
	}
	if got := (Machine{Board: Pi5, MaxHeight: 480}).shortSide(X264); got != 480 {
		t.Errorf("a limit that is set holds: %d", got)
	}
}

// files writes what a test needs below root.
func files(t *testing.T, root string, contents map[string]string) {
	t.Helper()
	for name, content := range contents {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
