package intake

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"streambox.local/appliance/usb"
)

// tree is what intake needs of a stick's file system. *rootTree has it; tests
// put failing devices in its place.
type tree interface {
	// ReadDir reads up to n entries of an opened folder at a time, see openDir.
	OpenDir(name string) (dir, error)
	// Open opens a regular file, never a symlink, pipe or device.
	Open(name string) (*os.File, error)
	Lstat(name string) (fs.FileInfo, error)
	Close() error
}

// dir is an opened folder.
type dir interface {
	ReadDir(n int) ([]fs.DirEntry, error)
	Close() error
}

// errNotRegular is something that is no plain file.
var errNotRegular = errors.New("not a regular file")

// rootTree is a mounted stick. Every name goes through os.Root: nothing outside
// the stick can be reached, whatever a name or a symlink says.
type rootTree struct{ root *os.Root }

func openRootTree(s usb.Stick) (tree, error) {
	root, err := os.OpenRoot(s.Root)
	if err != nil {
		return nil, fmt.Errorf("open stick: %w", err)
	}
	return &rootTree{root}, nil
}

func (t *rootTree) OpenDir(name string) (dir, error) {
	if name == "" {
		name = "."
	}
	d, err := t.root.OpenFile(name, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	return d, nil
}

// Open looks before it opens: the last element of a name must not be a symlink
// (os.Root would follow one that stays inside). O_NONBLOCK keeps a pipe put in
// its place from hanging; the check after opening is on the file we hold.
func (t *rootTree) Open(name string) (*os.File, error) {
	before, err := t.root.Lstat(name)
	if err != nil {
		return nil, fmt.Errorf("look at file: %w", err)
	}
	if !before.Mode().IsRegular() {
		return nil, errNotRegular
	}
	f, err := t.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	after, err := f.Stat()
	if err == nil && (!after.Mode().IsRegular() || !os.SameFile(before, after)) {
		err = errNotRegular
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (t *rootTree) Lstat(name string) (fs.FileInfo, error) {
	info, err := t.root.Lstat(name)
	if err != nil {
		return nil, fmt.Errorf("look at file: %w", err)
	}
	return info, nil
}

func (t *rootTree) Close() error { return t.root.Close() }

// openAll opens the files of a film; all or none.
func openAll(t tree, names []string) ([]*os.File, error) {
	files := make([]*os.File, 0, len(names))
	for _, name := range names {
		f, err := t.Open(name)
		if err != nil {
			closeAll(files)
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// closeAll closes files that were only read: there is no error worth keeping.
func closeAll(files []*os.File) {
	for _, f := range files {
		_ = f.Close()
	}
}
