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

// attributes: nothing is written, run or trusted.
const attributes = unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC

// realKernel is the system calls of mounting, and mount programs.
type realKernel struct{}

func (realKernel) Mount(ctx context.Context, device, folder string, way FileSystem, owner Owner) error {
	ctx, cancel := context.WithTimeout(ctx, mountLimit)
	defer cancel()
	data := way.Data(owner)
	_, err := patiently(ctx, func() (struct{}, error) {
		if way.Program != "" {
			return struct{}{}, byProgram(ctx, way.Program, device, folder, data)
		}
		return struct{}{}, attach(ctx, device, folder, way.Type, data)
	})
	if errors.Is(err, unix.ENODEV) {
		err = errors.Join(ErrNoDriver, err)
	}
	if err != nil {
		return fmt.Errorf("mount as %s: %w", way.Type+way.Program, err)
	}
	return nil
}

// attach mounts in two steps (Linux 5.2): the slow one, which reads the stick,
// makes a mount that lies nowhere and is gone with this process, however that
// ends; the quick one puts it into the tree. With mount(2), a stick that answered
// after everybody gave up on it, and after ExecStopPost, would stay mounted for ever.
func attach(ctx context.Context, device, folder, fileSystem, options string) error {
	fs, err := unix.Fsopen(fileSystem, unix.FSOPEN_CLOEXEC)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(fs) }() // nothing is kept in it
	err = errors.Join(unix.FsconfigSetString(fs, "source", device), unix.FsconfigSetFlag(fs, "ro"))
	for option := range strings.SplitSeq(options, ",") {
		if key, value, found := strings.Cut(option, "="); found {
			err = errors.Join(err, unix.FsconfigSetString(fs, key, value))
		} else {
			err = errors.Join(err, unix.FsconfigSetFlag(fs, key))
		}
	}
	if err != nil {
		return fmt.Errorf("set its options: %w", err)
	}
	if err = unix.FsconfigCreate(fs); err != nil {
		return err
	}
	tree, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, attributes)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(tree) }() // what is not in the tree goes with it
	if ctx.Err() != nil {
		return ctx.Err() // the note says silent already, or the unit is being stopped
	}
	return unix.MoveMount(tree, "", unix.AT_FDCWD, folder, unix.MOVE_MOUNT_F_EMPTY_PATH)
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
	if ctx.Err() != nil { // it has mounted after all
		return errors.Join(ctx.Err(), realKernel{}.Unmount(folder))
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
