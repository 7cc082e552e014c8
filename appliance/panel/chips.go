package panel

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"periph.io/x/conn/v3/driver/driverreg"
	"periph.io/x/host/v3/gpioioctl"
)

// errReadOnce is of chips that were not there when periph looked: trying again
// finds nothing until the program starts anew.
var errReadOnce = errors.New("GPIO chips are read at the start of the box only, and not all could be")

// chips are the GPIO chips of this machine, of which a line is wanted. closed is
// why some could not be read, if so.
func (m *Machine) chips(line string) (chips []*gpioioctl.GPIOChip, closed, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.asked.IsZero() {
		m.asked = time.Now()
	}
	if m.read && len(gpioioctl.Chips) > 0 {
		return gpioioctl.Chips, m.closed, nil
	}
	look := lookAtChips()
	if err := look.mayRead(line, time.Since(m.asked) < settleWithin); err != nil {
		return nil, nil, err
	}
	if !m.read {
		if _, err := driverreg.Init(); err != nil {
			return nil, nil, fmt.Errorf("reading the GPIO chips: %w", err)
		}
		m.read, m.closed = true, look.forbidden()
	}
	if len(gpioioctl.Chips) == 0 {
		return nil, nil, errReadOnce
	}
	return gpioioctl.Chips, m.closed, nil
}

// chipsSeen is what periph would find. It looks only once, and would never find
// chips that come later or become readable later.
type chipsSeen struct {
	pc    bool             // no board with a device tree
	opens map[string]error // what comes of opening each chip, by its name in /dev
}

func lookAtChips() chipsSeen {
	look := chipsSeen{pc: boardModel() == "", opens: map[string]error{}}
	paths, _ := filepath.Glob("/dev/gpiochip*") // the pattern is right
	for _, path := range paths {
		chip, err := os.Open(path)
		if err == nil {
			err = chip.Close()
		}
		look.opens[filepath.Base(path)] = err
	}
	return look
}

// mayRead decides whether periph may look for the sake of a line: nil, or why not
// yet. At boot udev hands over one chip after the other: while the panel settles
// all are waited for, later on only the one that a line names. A line that is
// known by its name alone may be on any of them.
func (s chipsSeen) mayRead(line string, settling bool) error {
	if len(s.opens) == 0 {
		return fmt.Errorf("no GPIO: %w", ErrAbsent)
	}
	chip, _, given := strings.Cut(line, ":")
	forbidden := s.forbidden()
	if given && !settling {
		if err, there := s.opens[chip]; there && err == nil {
			return nil
		}
	}
	switch {
	case forbidden == nil:
	case !given && s.pc:
		return fmt.Errorf("this is no Raspberry Pi: %w", ErrAbsent) // a laptop's chips are nobody's business
	default:
		return forbidden
	}
	for _, err := range s.opens {
		if err == nil {
			return nil
		}
	}
	return s.first(func(error) bool { return true })
}

// forbidden is why a chip may not be opened by this user; nil: there is none.
func (s chipsSeen) forbidden() error {
	return s.first(func(err error) bool { return errors.Is(err, fs.ErrPermission) })
}

// first is the first error of its kind, by the chips' names: always the same one,
// so that the log hears of it once.
func (s chipsSeen) first(kind func(error) bool) error {
	var names []string
	for name, err := range s.opens {
		if err != nil && kind(err) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("opening a GPIO chip: %w", s.opens[slices.Min(names)])
}
