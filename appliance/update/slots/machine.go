package slots

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Machine is where slots are looked for.
type Machine struct {
	Root    string // "": this machine; tests give a folder that looks like one
	Restart func(ctx context.Context, argument string) error
}

// Where the card's initrd names the partitions (image/card).
const devices = "/dev/streambox"

// mailbox is the Raspberry Pi kernel's door to the firmware.
const mailbox = "/dev/vcio"

func (m Machine) path(absolute string) string { return filepath.Join(m.Root, absolute) }

// Find looks for the slots of this machine, without opening one; ErrNone where there are none.
func (m Machine) Find() (*Card, error) {
	line, err := os.ReadFile(m.path("/proc/cmdline"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the kernel's command line: %w", err)
	}
	arguments := parseArguments(string(line))
	var running Slot
	if running.UnmarshalText([]byte(arguments["streambox.slot"])) != nil {
		return nil, ErrNone
	}
	c := &Card{Running: running, Restart: m.Restart}
	for name, path := range map[string]*string{
		"boot": &c.Choice, "boot-a": &c.Boots[0], "boot-b": &c.Boots[1], "root-a": &c.Roots[0], "root-b": &c.Roots[1],
	} {
		*path = m.path(filepath.Join(devices, name))
		if _, err := os.Stat(*path); err != nil {
			return nil, fmt.Errorf("looking for a partition of the card: %w", err)
		}
	}
	_, noMailbox := os.Stat(m.path(mailbox))
	switch {
	case noMailbox == nil:
		c.Tell = func(try bool) error { return tellFirmware(m.path(mailbox), try) }
	case arguments["streambox.tryboot"] != "console":
		return nil, ErrCannotTry
	}
	return c, nil
}

// Boards are the names of this board, the most exact one first; none where nobody says.
func (m Machine) Boards() []string {
	text, err := os.ReadFile(m.path("/proc/device-tree/compatible"))
	if err != nil {
		return nil
	}
	return strings.FieldsFunc(string(text), func(r rune) bool { return r == 0 })
}

// parseArguments reads the kernel's command line; the last one of a name counts.
func parseArguments(line string) map[string]string {
	values := map[string]string{}
	for word := range strings.FieldsSeq(line) {
		if key, value, found := strings.Cut(word, "="); found {
			values[key] = value
		}
	}
	return values
}
