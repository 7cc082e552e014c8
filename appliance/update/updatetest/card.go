package updatetest

import (
	"os"
	"path/filepath"
	"testing"

	"streambox.local/appliance/update/slots"
)

// Sizes of a card's partitions.
const (
	BootBytes = 1400 << 10
	RootBytes = 2500 << 10
)

// Card is a machine out of files: slot a is chosen and runs, slot b is empty.
type Card struct {
	*Firmware
	Dir    string // boot-a, boot-b, root-a, root-b
	Choice string // the file with autoboot.txt
	At     int64  // where in it
	Find   func(running slots.Slot) (*slots.Card, error)
}

// Slots is what the running system has.
func (c *Card) Slots(t *testing.T) *slots.Card {
	t.Helper()
	found, err := c.Find(c.running)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// File is the path of a slot's partition.
func (c *Card) File(part slots.Part, slot slots.Slot) string {
	return filepath.Join(c.Dir, map[slots.Part]string{slots.Boot: "boot-", slots.Root: "root-"}[part]+slot.String())
}

// Kind is a kind of card.
type Kind struct {
	Name string
	Make func(t *testing.T) *Card
}

// Kinds are all that there are.
func Kinds() []Kind {
	kinds := []Kind{{"plain files in a folder", folder}}
	for _, k := range []struct {
		name, arguments, compatible string
		bits, clusterSectors        int
		mailbox                     bool
	}{
		{"a board, FAT32", "console=tty1 streambox.slot=", "raspberrypi,4-model-b\x00brcm,bcm2711\x00", 32, 1, true},
		{"a board, FAT16", "console=tty1 streambox.slot=", "raspberrypi,model-zero-2-w\x00brcm,bcm2837\x00", 16, 4, true},
		{"a virtual machine, FAT32", "streambox.tryboot=console streambox.slot=", "linux,dummy-virt\x00", 32, 2, false},
		{"a virtual machine, FAT12", "streambox.tryboot=console streambox.slot=", "linux,dummy-virt\x00", 12, 8, false},
	} {
		kinds = append(kinds, Kind{k.name, func(t *testing.T) *Card {
			t.Helper()
			return machine(t, k.arguments, k.compatible, k.bits, k.clusterSectors, k.mailbox)
		}})
	}
	return kinds
}

// folder is a card of plain files.
func folder(t *testing.T) *Card {
	t.Helper()
	dir := t.TempDir()
	partitions(t, dir)
	choice := filepath.Join(dir, "autoboot.txt")
	write(t, choice, slots.Autoboot(slots.A))
	c := &Card{Dir: dir, Choice: choice, Firmware: &Firmware{Autoboot: sectorOf(choice, 0)}}
	c.Find = func(running slots.Slot) (*slots.Card, error) { return slots.Folder(dir, running, c.Restart), nil }
	c.Start(t)
	return c
}

// machine is a folder that looks like the root of a machine with a card.
func machine(t *testing.T, arguments, compatible string, bits, clusterSectors int, mailbox bool) *Card {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, "dev/streambox")
	partitions(t, dir)
	image, at := FAT(bits, clusterSectors, []string{"STREAM~1TOM", "AUTOBOOTTXT", "WIFI    TXT"},
		[][]byte{[]byte("name = \"box\"\n"), slots.Autoboot(slots.A), []byte("network=x\n")})
	choice := filepath.Join(dir, "boot")
	write(t, choice, image)
	write(t, filepath.Join(root, "proc/device-tree/compatible"), []byte(compatible))
	if mailbox {
		write(t, filepath.Join(root, "dev/vcio"), nil)
	}
	c := &Card{Dir: dir, Choice: choice, At: at[1], Firmware: &Firmware{Autoboot: sectorOf(choice, at[1])}}
	c.Find = func(running slots.Slot) (*slots.Card, error) {
		write(t, filepath.Join(root, "proc/cmdline"), []byte(arguments+running.String()+"\n"))
		card, err := slots.Machine{Root: root, Restart: c.Restart}.Find()
		if err == nil && mailbox {
			card.Tell = func(bool) error { return nil } // the file that stands for the mailbox cannot answer
		}
		return card, err
	}
	c.Start(t)
	return c
}

func partitions(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"boot-a", "boot-b"} {
		write(t, filepath.Join(dir, name), make([]byte, BootBytes))
	}
	for _, name := range []string{"root-a", "root-b"} {
		write(t, filepath.Join(dir, name), make([]byte, RootBytes))
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
