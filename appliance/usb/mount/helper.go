package mount

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"streambox.local/appliance/usb/note"
)

// Dir is where sticks are mounted, each in a folder with its kernel name.
const Dir = "/media/streambox"

// Helper mounts and unmounts. The zero values of Dir and Notes are those of a box.
type Helper struct {
	Dir     string // "": /media/streambox
	Notes   string // "": /run/streambox/sticks
	Reader  Reader
	Setting Setting
	Owner   Owner
	Log     *slog.Logger

	// USB takes a device for one on USB whatever sysfs says; for tests with loop devices.
	USB bool
	// Kernel makes the system calls; nil: the real ones.
	Kernel Kernel
}

// Kernel is what Helper needs of the system.
type Kernel interface {
	// Mount mounts a device read-only, nosuid, nodev, noexec. The error says
	// ErrNoDriver when this machine does not have that way.
	Mount(ctx context.Context, device, folder string, way FileSystem, owner Owner) error
	// Unmount takes the file system on folder away at once, whoever reads it;
	// none there is no error.
	Unmount(folder string) error
}

// ErrNoDriver is a file system that neither the kernel nor a program here knows.
var ErrNoDriver = errors.New("this machine has no driver for it")

// Mount looks at a device, decides, and does it. That a stick is refused or
// cannot be read is no error: its note says so. An error is one of this machine.
func (h Helper) Mount(ctx context.Context, device string) error {
	h = h.filled()
	if !note.IsDevice(device) {
		return fmt.Errorf("mount a stick: %q is no device's name", device)
	}
	d, m, err := h.facts(device)
	if err != nil {
		return err
	}
	if !settled(d, m, h.Setting) {
		if err = h.Reader.blkid(ctx, &d); err != nil {
			return err
		}
	}
	v := Decide(d, m, h.Setting)
	if v.State == "" {
		h.Log.Info("Device is none of ours", "device", device, "why", v.Why)
		return h.Unmount(device) // what an earlier run may have left
	}
	if err = os.MkdirAll(h.Notes, 0o755); err != nil { //nolint:gosec // everybody may read it
		return fmt.Errorf("make the folder for notes: %w", err)
	}
	n := note.Note{Device: device, FileSystem: d.FileSystem, SizeBytes: d.SizeBytes, State: v.State, Reason: v.Reason, MountPoint: v.MountPoint}
	if v.isPublic() {
		n.Label, n.UUID = d.Label, d.UUID
	}
	if v.State != note.Mounted {
		h.Log.Info("Stick is not mounted", "device", device, "reason", v.Reason, "why", v.Why)
		return h.leave(n)
	}
	return h.mount(ctx, n, v.Ways)
}

// facts are all that is known without a look at what is on the device.
func (h Helper) facts(device string) (Device, Machine, error) {
	d, err := h.Reader.Device(device)
	if err != nil {
		return d, Machine{}, err
	}
	d.USB = d.USB || h.USB
	m, err := h.Reader.Machine(h.Dir)
	if err != nil {
		return d, m, fmt.Errorf("look at this machine: %w", err)
	}
	return d, m, nil
}

// mount tries the ways in their order and leaves the note that fits.
func (h Helper) mount(ctx context.Context, n note.Note, ways []FileSystem) error {
	folder := filepath.Join(h.Dir, n.Device)
	n.MountPoint = folder
	if err := h.prepare(folder); err != nil {
		return err
	}
	if err := note.Write(h.Notes, n); err != nil { // before: the label is there when the mount is seen
		return err
	}
	var failed error
	for _, way := range ways {
		err := h.Kernel.Mount(ctx, h.Reader.path("dev", n.Device), folder, way, h.Owner)
		if err == nil {
			h.Log.Info("Stick mounted", "device", n.Device, "fileSystem", n.FileSystem, "by", way.Type+way.Program)
			return nil
		}
		if failed == nil || !errors.Is(err, ErrNoDriver) {
			failed = err
		}
	}
	n.State, n.MountPoint, n.Reason = note.Unreadable, "", reasonOf(failed)
	if n.Reason == note.InUse {
		n.State = note.Ignored
	}
	h.Log.Warn("Stick could not be mounted", "device", n.Device, "fileSystem", n.FileSystem, "reason", n.Reason, "error", failed)
	if n.Reason != note.Silent { // else the folder may be mounted yet
		_ = os.Remove(folder) // an empty folder left is no harm
	}
	return note.Write(h.Notes, n)
}

// leave takes away what an earlier run mounted, and tells why there is nothing.
func (h Helper) leave(n note.Note) error {
	if err := h.Unmount(n.Device); err != nil {
		return err
	}
	return note.Write(h.Notes, n)
}

// prepare makes the folder, free of what an earlier run left on it.
func (h Helper) prepare(folder string) error {
	if err := h.Kernel.Unmount(folder); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // everybody may go through it
		return fmt.Errorf("make the stick's folder: %w", err)
	}
	info, err := os.Lstat(folder)
	if err != nil || !info.IsDir() {
		return fmt.Errorf("the stick's folder %s is something else: %w", folder, errors.Join(err, os.ErrExist))
	}
	return nil
}

// Unmount takes a stick's mount, folder and note away. Doing it twice is no error.
func (h Helper) Unmount(device string) error {
	h = h.filled()
	if !note.IsDevice(device) {
		return fmt.Errorf("unmount a stick: %q is no device's name", device)
	}
	folder := filepath.Join(h.Dir, device)
	err := h.Kernel.Unmount(folder)
	if removeErr := os.Remove(folder); removeErr != nil && !errors.Is(removeErr, os.ErrNotExist) {
		err = errors.Join(err, fmt.Errorf("remove the stick's folder: %w", removeErr))
	}
	return errors.Join(err, note.Remove(h.Notes, device))
}

// IsOurs is what the udev rule asks, with what udev has found out already:
// would this device be mounted? It reads nothing of the device.
func (h Helper) IsOurs(device string, found Properties) (bool, error) {
	h = h.filled()
	if !note.IsDevice(device) {
		return false, fmt.Errorf("%q is no device's name", device)
	}
	d, m, err := h.facts(device)
	if err != nil {
		return false, err
	}
	found.Apply(&d)
	return Decide(d, m, h.Setting).State == note.Mounted, nil
}

func (h Helper) filled() Helper {
	if h.Dir == "" {
		h.Dir = Dir
	}
	if h.Notes == "" {
		h.Notes = note.Dir
	}
	if h.Kernel == nil {
		h.Kernel = realKernel{}
	}
	if h.Log == nil {
		h.Log = slog.New(slog.DiscardHandler)
	}
	return h
}
