package main

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// tty is the terminal that the program was started in.
type tty struct{ file *os.File }

func openTTY() (keyboard, error) {
	// unix.Open and not os.OpenFile: Go would make it non-blocking, and with it
	// the terminal that the shell and we share.
	fd, err := unix.Open("/dev/tty", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, fmt.Errorf("opening the terminal: %w", err)
	}
	return tty{os.NewFile(uintptr(fd), "/dev/tty")}, nil
}

func (t tty) Write(p []byte) (int, error) { return t.file.Write(p) }

// Begin takes keys as they are typed and does not show them. Ctrl-C and line
// ends stay what they are: this is less than raw mode.
func (t tty) Begin() (end func() error, err error) {
	fd := int(t.file.Fd())
	before, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, fmt.Errorf("reading the terminal's mode: %w", err)
	}
	now := *before
	now.Lflag &^= unix.ICANON | unix.ECHO
	now.Cc[unix.VMIN], now.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, &now); err != nil {
		return nil, fmt.Errorf("setting the terminal's mode: %w", err)
	}
	return func() error {
		if err := unix.IoctlSetTermios(fd, unix.TCSETS, before); err != nil {
			return fmt.Errorf("bringing the terminal's mode back: %w", err)
		}
		return nil
	}, nil
}

var errHungUp = errors.New("the terminal is gone")

func (t tty) Key() (key byte, typed bool, err error) {
	fds := []unix.PollFd{{Fd: int32(t.file.Fd()), Events: unix.POLLIN}} //nolint:gosec // G115: a descriptor fits
	n, err := unix.Poll(fds, 250)
	switch {
	case errors.Is(err, unix.EINTR) || err == nil && n == 0:
		return 0, false, nil
	case err != nil:
		return 0, false, fmt.Errorf("waiting for a key: %w", err)
	case fds[0].Revents&unix.POLLIN == 0:
		return 0, false, errHungUp
	}
	var one [1]byte
	if n, err = unix.Read(int(t.file.Fd()), one[:]); err != nil || n == 0 {
		return 0, false, errors.Join(errHungUp, err)
	}
	return one[0], true, nil
}
