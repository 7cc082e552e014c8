package panel_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"streambox.local/appliance/panel"
)

// led makes a folder like those of /sys/class/leds.
func led(t *testing.T, trigger string) (class string, read func(name string) string) {
	t.Helper()
	class = t.TempDir()
	dir := filepath.Join(class, "ACT")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"trigger": trigger, "brightness": "0\n", "max_brightness": "255\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return class, func(name string) string {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
}

// A file keeps what was behind a shorter text; sysfs does not: only the beginning counts.
func TestTheBoardsLEDIsTakenAndGivenBack(t *testing.T) {
	class, read := led(t, "none rc-feedback [mmc0] timer\n")
	lamp, err := panel.OpenLED(class, "ACT", "")
	if err != nil {
		t.Fatal(err)
	}
	begins := func(name, want string) {
		t.Helper()
		if got := read(name); len(got) < len(want) || got[:len(want)] != want {
			t.Errorf("%s begins with %q, want %q", name, got, want)
		}
	}
	begins("trigger", "none")
	begins("brightness", "0")
	for _, lit := range []bool{true, false, true} {
		if err := lamp.Set(lit); err != nil {
			t.Fatal(err)
		}
		begins("brightness", map[bool]string{true: "255", false: "0"}[lit])
	}
	if err := lamp.Close(); err != nil {
		t.Fatal(err)
	}
	begins("brightness", "0")
	begins("trigger", "mmc0")
}

// A run that is killed gives nothing back: the LED is left with the trigger "none",
// which is not what it had before.
func TestTheBoardsLEDIsGivenBackAfterACrash(t *testing.T) {
	for _, tt := range []struct {
		sentence       string
		crashed, found string // triggers of a run that crashed ("": none did), and what the next one finds
		want           string
	}{
		{"one that was killed is followed by another", "none [mmc0] timer", "[none] mmc0 timer", "mmc0"},
		{"somebody chose another trigger in between", "none [mmc0] timer", "none mmc0 [timer]", "timer"},
		{"the owner wants it dark", "", "[none] mmc0 timer", "none"},
		{"the trigger of then is none any more", "none [gone]", "[none] mmc0 timer", "none"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			memory := t.TempDir()
			if tt.crashed != "" {
				class, _ := led(t, tt.crashed)
				if _, err := panel.OpenLED(class, "ACT", memory); err != nil {
					t.Fatal(err)
				}
			}
			class, read := led(t, tt.found)
			lamp, err := panel.OpenLED(class, "ACT", memory)
			if err != nil {
				t.Fatal(err)
			}
			if err := lamp.Close(); err != nil {
				t.Fatal(err)
			}
			if got := read("trigger"); got[:len(tt.want)] != tt.want {
				t.Errorf("given back to %q, want %s", got, tt.want)
			}
			if left, err := os.ReadDir(memory); err == nil && len(left) > 0 {
				t.Errorf("%s is remembered although the LED was given back", left[0].Name())
			}
		})
	}
}

func TestAnLEDThatIsNotThere(t *testing.T) {
	class, _ := led(t, "[none]")
	if _, err := panel.OpenLED(class, "PWR", ""); !errors.Is(err, panel.ErrAbsent) {
		t.Errorf("PWR: %v", err)
	}
	for _, bad := range []string{"", ".", "..", "../ACT", "ACT/..", "/etc", "a b", "ACT\n"} {
		if _, err := panel.OpenLED(class, bad, ""); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q was looked for: %v", bad, err)
		}
	}
	if err := os.Remove(filepath.Join(class, "ACT", "brightness")); err != nil {
		t.Fatal(err)
	}
	if _, err := panel.OpenLED(class, "ACT", ""); err == nil {
		t.Error("an LED without brightness opens")
	}
	if _, err := os.Stat(filepath.Join(class, "ACT", "brightness")); err == nil {
		t.Error("a file was made")
	}
}

func TestNamesOfLines(t *testing.T) {
	for name, want := range map[string]bool{
		"GPIO3": true, "gpiochip0:5": true, "ID_SDA": true, "PIN-7.a+": true,
		"": false, "GPIO 3": false, "gpiochip0:": false, "gpiochip0:x": false, "../x": false, "a:1:2": false, "GPIO3\n": false,
	} {
		if got := panel.ValidLine(name); got != want {
			t.Errorf("%q is valid: %v", name, got)
		}
	}
	if _, err := (&panel.Machine{}).Line("../x"); err == nil || errors.Is(err, panel.ErrAbsent) {
		t.Errorf("a name that is none: %v", err)
	}
}
