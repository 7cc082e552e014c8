package slots

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Card is a machine with slots. Its paths are block devices, or files that stand for them.
// Nothing is opened before it is needed.
type Card struct {
	Running Slot
	Choice  string // the partition with autoboot.txt, or the file itself (Plain)
	Plain   bool
	Boots   [2]string            // boot partitions of a and b
	Roots   [2]string            // root file systems of a and b
	Tell    func(try bool) error // tells the firmware whether the next start is a try; optional
	Restart func(ctx context.Context, argument string) error
}

// Folder is a card of plain files: autoboot.txt, boot-a, boot-b, root-a, root-b.
func Folder(dir string, running Slot, restart func(ctx context.Context, argument string) error) *Card {
	at := func(name string) string { return filepath.Join(dir, name) }
	return &Card{
		Running: running, Choice: at(AutobootName), Plain: true, Restart: restart,
		Boots: [2]string{at("boot-a"), at("boot-b")}, Roots: [2]string{at("root-a"), at("root-b")},
	}
}

// State reads the choice from the card.
func (c *Card) State() (State, error) {
	var sector []byte
	err := c.withChoice(os.O_RDONLY, func(file *os.File, at int64) (err error) {
		sector, err = readSector(file, at)
		return err
	})
	if err != nil {
		return State{}, fmt.Errorf("reading which slot is started: %w", err)
	}
	slot, err := chosen(sector)
	return State{Running: c.Running, Chosen: slot}, err
}

// Open opens a partition of the slot that does not run. ErrOnTrial while the running one is tried.
func (c *Card) Open(part Part) (Volume, error) {
	state, err := c.State()
	if err != nil {
		return nil, err
	}
	if state.OnTrial() {
		return nil, ErrOnTrial
	}
	path := c.Boots[c.Running.Other().index()]
	if part == Root {
		path = c.Roots[c.Running.Other().index()]
	}
	// For a block device the kernel understands O_EXCL: one that is mounted is busy.
	file, err := os.OpenFile(path, os.O_RDWR|unix.O_EXCL, 0)
	if err != nil {
		return nil, fmt.Errorf("opening the other slot: %w", err)
	}
	return &volume{file}, nil
}

// TryOnce restarts the machine into the other slot, once: if that does not commit, the
// next start is of the running one again. It returns when the restart has begun.
func (c *Card) TryOnce(ctx context.Context) error {
	state, err := c.State()
	if err != nil {
		return err
	}
	if state.OnTrial() {
		return ErrOnTrial
	}
	if c.Tell != nil {
		if err := c.Tell(true); err != nil {
			return fmt.Errorf("telling the firmware: %w", err)
		}
	}
	if err := c.Restart(ctx, TryArgument); err != nil {
		if c.Tell != nil {
			err = errors.Join(err, c.Tell(false))
		}
		return fmt.Errorf("restarting for a try: %w", err)
	}
	return nil
}

// Commit makes the running slot the one that is started from now on.
func (c *Card) Commit() error {
	want := Autoboot(c.Running)
	err := c.withChoice(os.O_RDWR, func(file *os.File, at int64) error {
		if _, err := file.WriteAt(want, at); err != nil {
			return err
		}
		if err := (&volume{file}).Forget(); err != nil {
			return err
		}
		got, err := readSector(file, at)
		if err == nil && !bytes.Equal(got, want) {
			err = errors.New("the card did not keep it")
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("choosing slot %v: %w", c.Running, err)
	}
	return nil
}

// withChoice opens what holds autoboot.txt, and finds where.
func (c *Card) withChoice(flag int, do func(file *os.File, at int64) error) error {
	file, err := os.OpenFile(c.Choice, flag, 0)
	if err != nil {
		return err
	}
	at := int64(0)
	if !c.Plain {
		at, err = locate(file)
	} else if info, statErr := file.Stat(); statErr != nil || info.Size() != SectorBytes {
		err = errors.Join(statErr, ErrAutoboot)
	}
	if err == nil {
		err = do(file, at)
	}
	return errors.Join(err, file.Close())
}

func readSector(file io.ReaderAt, at int64) ([]byte, error) {
	sector := make([]byte, SectorBytes)
	_, err := file.ReadAt(sector, at)
	return sector, err
}
