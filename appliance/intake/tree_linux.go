package intake

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"streambox.local/appliance/usb"
)

// belowTree is a mounted stick whose kernel keeps us below its top by itself
// (openat2, Linux 5.6): no symlink is followed, on the way or at its end. One
// call a file, where os.Root needs up to nine, which for a phone that asks for a
// segment of a ready-made folder were a twentieth of all that serving it takes.
type belowTree struct {
	top *os.File
	fd  int // of top, asked for once: each time costs calls of its own
}

// treeOpener is how sticks are opened on this kernel.
func treeOpener() func(usb.Stick) (tree, error) {
	fd, err := unix.Openat2(unix.AT_FDCWD, "/", &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC})
	if err != nil { // an older kernel, or a filter that does not know the call
		return openRootTree
	}
	_ = unix.Close(fd) // was only to see
	return openBelowTree
}

func openBelowTree(s usb.Stick) (tree, error) {
	fd, err := patientOpen(func() (int, error) {
		return unix.Open(s.Root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return nil, fmt.Errorf("open stick: %w", &os.PathError{Op: "open", Path: s.Root, Err: err})
	}
	return &belowTree{os.NewFile(uintptr(fd), s.Root), fd}, nil
}

// at opens what is called name; a symlink only with O_PATH, and as itself.
func (t *belowTree) at(name string, flags uint64) (*os.File, error) {
	fd, err := patientOpen(func() (int, error) {
		return unix.Openat2(t.fd, name, &unix.OpenHow{
			Flags:   flags | unix.O_NOFOLLOW | unix.O_CLOEXEC,
			Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS,
		})
	})
	runtime.KeepAlive(t)
	if err != nil {
		return nil, &os.PathError{Op: "openat2", Path: name, Err: err}
	}
	return os.NewFile(uintptr(fd), name), nil
}

func (t *belowTree) OpenDir(name string) (dir, error) {
	if name == "" {
		name = "."
	}
	d, err := t.at(name, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	return d, nil
}

// Open looks at what it holds: O_NONBLOCK keeps a pipe from hanging, and a device
// only root can have put there.
func (t *belowTree) Open(name string) (*os.File, error) {
	f, err := t.at(name, unix.O_RDONLY|unix.O_NONBLOCK)
	if errors.Is(err, unix.ELOOP) || errors.Is(err, unix.ENXIO) { // a symlink; a socket
		return nil, fmt.Errorf("open file: %w: %w", errNotRegular, err)
	}
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNotRegular
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (t *belowTree) Lstat(name string) (fs.FileInfo, error) {
	f, err := t.at(name, unix.O_PATH)
	if err != nil {
		return nil, fmt.Errorf("look at file: %w", err)
	}
	info, err := f.Stat()
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("look at file: %w", err)
	}
	return info, nil
}

func (t *belowTree) Close() error { return t.top.Close() }

// patientOpen opens once more when a signal came between, as package os does: some file systems are slow to open.
func patientOpen(open func() (int, error)) (int, error) {
	for {
		fd, err := open()
		if !errors.Is(err, unix.EINTR) {
			return fd, err
		}
	}
}
