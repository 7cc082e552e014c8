package panel

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// ledClass is where the kernel shows the LEDs that it drives itself.
const ledClass = "/sys/class/leds"

var ledPattern = regexp.MustCompile(`^[A-Za-z0-9_:+-][A-Za-z0-9_.:+-]{0,63}$`)

// ValidLamp says whether a name can be that of an LED of the board.
func ValidLamp(name string) bool { return ledPattern.MatchString(name) }

// Lamp takes an LED of the board over from whatever the kernel shows with it.
// ACT was called led0 before Raspberry Pi OS of 2023.
func (m *Machine) Lamp(name string) (Lamp, error) {
	lamp, err := OpenLED(ledClass, name, m.Memory)
	if name == "ACT" && errors.Is(err, ErrAbsent) {
		if old, oldErr := OpenLED(ledClass, "led0", m.Memory); !errors.Is(oldErr, ErrAbsent) {
			return old, oldErr
		}
	}
	return lamp, err
}

// sysLamp is an LED below /sys/class/leds.
type sysLamp struct {
	dir     string
	full    []byte // what brightness takes for lit
	trigger string // what drove it before
	memory  string // file that holds trigger while the LED is ours; "" none
}

// OpenLED takes over the LED in a folder like /sys/class/leds, and switches it
// off. In the folder memory it leaves what drove the LED until Close has given it
// back: a run that was killed leaves "none", which the next one must not take for
// what was there before. "" remembers nothing.
func OpenLED(class, name, memory string) (Lamp, error) {
	if !ValidLamp(name) {
		return nil, fmt.Errorf("%q is no name of an LED", name)
	}
	l := &sysLamp{dir: filepath.Join(class, name), full: []byte("1")}
	before, err := os.ReadFile(filepath.Join(l.dir, "trigger"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no LED is called %s: %w", name, ErrAbsent)
	}
	if err != nil {
		return nil, fmt.Errorf("reading what drives the LED: %w", err)
	}
	l.trigger = activeTrigger(string(before))
	if memory != "" {
		l.memory = filepath.Join(memory, "led-"+name+".trigger")
		l.recall(string(before))
	}
	if most, readErr := os.ReadFile(filepath.Join(l.dir, "max_brightness")); readErr == nil && len(bytes.TrimSpace(most)) > 0 {
		l.full = bytes.TrimSpace(most)
	}
	if err = l.write("trigger", "none"); err == nil {
		err = l.Set(false)
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// activeTrigger is the one in brackets: "none [mmc0] timer".
func activeTrigger(list string) string {
	_, rest, found := strings.Cut(list, "[")
	name, _, closed := strings.Cut(rest, "]")
	if !found || !closed || strings.ContainsAny(name, " \n/") {
		return "none"
	}
	return name
}

// recall notes what drives the LED, or takes it from the run that could not give
// it back. Without a memory the LED works all the same: errors change nothing.
func (l *sysLamp) recall(offered string) {
	if l.trigger != "none" {
		_ = os.WriteFile(l.memory, []byte(l.trigger), 0o600)
		return
	}
	former, err := os.ReadFile(l.memory)
	if err == nil && slices.Contains(strings.Fields(offered), string(former)) {
		l.trigger = string(former)
	}
}

func (l *sysLamp) Set(lit bool) error {
	if lit {
		return l.write("brightness", string(l.full))
	}
	return l.write("brightness", "0")
}

// Close switches the LED off and gives it back to what drove it.
func (l *sysLamp) Close() error {
	if err := errors.Join(l.Set(false), l.write("trigger", l.trigger)); err != nil {
		return err
	}
	if l.memory != "" {
		_ = os.Remove(l.memory) // where nothing was noted there is nothing
	}
	return nil
}

// write never makes a file: in sysfs there is nothing to make.
func (l *sysLamp) write(name, text string) error {
	file, err := os.OpenFile(filepath.Join(l.dir, name), os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("taking the LED over: %w", err)
	}
	_, err = file.WriteString(text)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("setting the LED: %w", err)
	}
	return nil
}
