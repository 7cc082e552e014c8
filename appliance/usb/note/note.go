// Package note is what the mount helper, which is root, leaves for the program,
// which is not: one small file of JSON for each stick, in /run/streambox/sticks.
//
// The helper writes a note before it mounts, so that the label is there when the
// mount is seen, and writes it again when that failed. A note that says mounted
// is therefore a promise, not a fact: the fact is in mountinfo. Notes are
// replaced at once (a rename), and removed with the mount.
//
// What a stick says of itself (label, UUID, file system) is untrusted text. It
// is cleaned when it is written and again when it is read: a reader trusts
// neither the folder nor its writer.
package note

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/sys/unix"
)

// Dir is where notes lie on a box.
const Dir = "/run/streambox/sticks"

// State is what became of a stick.
type State string

// The states.
const (
	Mounted    State = "mounted"
	Ignored    State = "ignored"    // it could be read perhaps, but is none of ours
	Unreadable State = "unreadable" // nobody can read it, or not this box
)

// Reason says in one word why a stick is not mounted.
type Reason string

// The reasons. Package intake has a sentence for each.
const (
	Apple             Reason = "apple"             // APFS, HFS+: only Apple's machines read it well
	BitLocker         Reason = "bitlocker"         // encrypted by Windows
	Encrypted         Reason = "encrypted"         // encrypted by something else (LUKS)
	Damaged           Reason = "damaged"           // reading or mounting it gives errors
	NoFileSystem      Reason = "noFileSystem"      // blank
	UnknownFileSystem Reason = "unknownFileSystem" // one that the box does not read
	InUse             Reason = "inUse"             // it belongs to this machine's own system, or its owner mounted it
	TurnedOff         Reason = "turnedOff"         // the setting sticks does not allow it
	TooMany           Reason = "tooMany"           // a partition beyond the number that is mounted of one disk
	Silent            Reason = "silent"            // it does not answer
)

// schema is the version of the format; other versions are not read.
const schema = 1

// Bounds on what is read, so that a folder gone wild costs nothing.
const (
	fileLimit  = 4 << 10 // bytes of one note
	countLimit = 256     // notes
	textRunes  = 128     // of a label or the like
)

// Note is one file. Its name is the device's, with .json.
type Note struct {
	Schema     int    `json:"schema"`
	Device     string `json:"device"` // kernel name: sda1
	Label      string `json:"label"`  // untrusted text, cleaned; "" none
	UUID       string `json:"uuid"`   // untrusted text, cleaned; "" none; clones share it
	FileSystem string `json:"fileSystem"`
	SizeBytes  int64  `json:"sizeBytes"`
	State      State  `json:"state"`
	MountPoint string `json:"mountPoint,omitempty"` // ours, or with inUse where the machine's owner has it
	Reason     Reason `json:"reason,omitempty"`     // "" when mounted
}

// IsDevice is true for what a block device of ours may be called: a kernel name
// like sda1 or mmcblk0p1, letters and digits only. Nothing else becomes part of
// a path or an argument.
func IsDevice(name string) bool {
	if len(name) < 2 || len(name) > 31 || name[0] < 'a' || name[0] > 'z' {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
}

// Write replaces the note of n.Device in dir, which must be there.
func Write(dir string, n Note) error {
	if !IsDevice(n.Device) {
		return fmt.Errorf("write a stick's note: %q is no device", n.Device)
	}
	n.Schema = schema
	n.clean()
	data, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("write a stick's note: %w", err)
	}
	f, err := os.CreateTemp(dir, "."+n.Device+"-")
	if err != nil {
		return fmt.Errorf("write a stick's note: %w", err)
	}
	_, err = f.Write(append(data, '\n'))
	if err == nil {
		err = f.Chmod(0o644)
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path(dir, n.Device))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write a stick's note: %w", err), os.Remove(f.Name()))
	}
	return nil
}

// Remove takes a device's note away; none there is no error.
func Remove(dir, device string) error {
	if !IsDevice(device) {
		return fmt.Errorf("remove a stick's note: %q is no device", device)
	}
	if err := os.Remove(path(dir, device)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove a stick's note: %w", err)
	}
	return nil
}

// ReadAll reads the notes in dir in the order of their names. What is no note,
// or one of another version, is left out; a missing folder has none.
func ReadAll(dir string) ([]Note, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the sticks' notes: %w", err)
	}
	var notes []Note
	for _, e := range entries {
		device, isNote := strings.CutSuffix(e.Name(), ".json")
		if !isNote || !IsDevice(device) || !e.Type().IsRegular() {
			continue
		}
		if n, ok := read(path(dir, device), device); ok {
			notes = append(notes, n)
		}
		if len(notes) == countLimit {
			break
		}
	}
	return notes, nil
}

func path(dir, device string) string { return filepath.Join(dir, device+".json") }

// read reads one note. One that is half there or strange is none: it is
// written again, or it is not ours.
func read(name, device string) (Note, bool) {
	f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return Note{}, false
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, fileLimit))
	if err != nil {
		return Note{}, false
	}
	var n Note
	if json.Unmarshal(data, &n) != nil || n.Schema != schema || n.Device != device ||
		!slices.Contains([]State{Mounted, Ignored, Unreadable}, n.State) {
		return Note{}, false
	}
	n.SizeBytes = max(0, n.SizeBytes)
	n.clean()
	return n, true
}

// clean makes text of what the stick said.
func (n *Note) clean() {
	n.Label, n.UUID, n.FileSystem = Text(n.Label), Text(n.UUID), Text(n.FileSystem)
}

// Text is untrusted text that can be shown in a line: valid UTF-8, no control
// and formatting characters (escape codes, characters that turn a line around),
// bounded, blanks trimmed.
func Text(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		if n == textRunes {
			break
		}
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp) {
			continue
		}
		b.WriteRune(r)
		n++
	}
	return strings.TrimSpace(b.String())
}
