package mount

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"streambox.local/appliance/usb/note"
)

// mountLimit is how long a mount may take; checking the bitmap of a large exFAT
// disk takes seconds.
const mountLimit = 20 * time.Second

// flags: nothing is written, run or trusted.
const flags = unix.MS_RDONLY | unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC

// realKernel is mount(2), umount2(2) and mount programs.
type realKernel struct{}

func (realKernel) Mount(ctx context.Context, device, folder string, way FileSystem, owner Owner) error {
	ctx, cancel := context.WithTimeout(ctx, mountLimit)
	defer cancel()
	data := way.Data(owner)
	_, err := patiently(ctx, func() (struct{}, error) {
		if way.Program != "" {
			return struct{}{}, byProgram(ctx, way.Program, device, folder, data)
		}
		return struct{}{}, unix.Mount(device, folder, way.Type, flags, data)
	})
	if errors.Is(err, unix.ENODEV) {
		err = errors.Join(ErrNoDriver, err)
	}
	if err != nil {
		return fmt.Errorf("mount as %s: %w", way.Type+way.Program, err)
	}
	return nil
}

// byProgram runs a mount program, which goes on in the background when it has mounted.
func byProgram(ctx context.Context, name, device, folder, options string) error {
	program, err := find(name)
	if err != nil {
		return errors.Join(ErrNoDriver, err)
	}
	cmd := exec.CommandContext(ctx, program, device, folder, "-o", options)
	cmd.Env = []string{"LC_ALL=C.UTF-8"}
	cmd.WaitDelay = time.Second
	var said bytes.Buffer
	cmd.Stderr = &said
	if err = cmd.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		line, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n")
		return fmt.Errorf("%w: %s", err, note.Text(line))
	}
	return nil
}

// Unmount detaches lazily: who reads the stick gets errors of the device, and
// the mount is gone for everybody else. Several may lie on each other.
func (realKernel) Unmount(folder string) error {
	for {
		err := unix.Unmount(folder, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW)
		switch {
		case err == nil:
		case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOENT):
			return nil // nothing mounted there
		default:
			return fmt.Errorf("unmount %s: %w", folder, err)
		}
	}
}

// reasonOf is what a failed mount means to people.
func reasonOf(err error) note.Reason {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return note.Silent
	case errors.Is(err, ErrNoDriver):
		return note.UnknownFileSystem
	case errors.Is(err, unix.EBUSY):
		return note.InUse
	default:
		return note.Damaged
	}
}
