// Package foreign opens files in folders that belong to another user. doctor
// and report run as root and read what the unprivileged service has left: it
// may have left a link to a file that only root reads, a FIFO that nobody ever
// writes to, or a file without end. A caller bounds what it reads ([ReadAll],
// [ReadEnd]) and compares the owner with whom it expects: what a user owns
// tells nobody more than that user knows.
package foreign

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

var (
	// ErrNoPlainFile is the error for what is no regular file, or has a second name.
	ErrNoPlainFile = errors.New("not a plain file")
	// ErrTooLarge is ReadAll's error.
	ErrTooLarge = errors.New("too large")
)

// Folder opens a folder that nothing leads out of. It does not wait where the
// path is a FIFO's.
func Folder(dir string) (*os.Root, error) {
	root, err := os.OpenRoot(cmp.Or(dir, ".") + "/.")
	if err != nil {
		return nil, fmt.Errorf("opening the folder: %w", err)
	}
	return root, nil
}

// Open opens a regular file below root for reading, without waiting, and tells
// the number of its owner. One with a second name is refused: somebody who may
// not read a file may still be able to give it a name of their own.
func Open(root *os.Root, name string) (file *os.File, owner int, err error) {
	file, err = root.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, fmt.Errorf("opening %s: %w", name, err)
	}
	if owner, err = Plain(file); err != nil {
		return nil, 0, errors.Join(fmt.Errorf("opening %s: %w", name, err), file.Close())
	}
	return file, owner, nil
}

// Plain tells the owner of an open file; ErrNoPlainFile as with Open.
func Plain(file *os.File) (owner int, err error) {
	info, err := file.Stat()
	if err != nil {
		return 0, fmt.Errorf("looking at the file: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.Mode().IsRegular() || stat.Nlink != 1 {
		return 0, ErrNoPlainFile
	}
	return int(stat.Uid), nil
}

// Owner tells the owner of an open file or folder.
func Owner(file *os.File) (int, error) {
	info, err := file.Stat()
	if err != nil {
		return 0, fmt.Errorf("looking for the owner: %w", err)
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid), nil
	}
	return 0, errors.New("looking for the owner: this system has none")
}

// ReadAll reads a file of at most limit bytes; ErrTooLarge when it has more.
func ReadAll(file io.ReaderAt, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.NewSectionReader(file, 0, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	if int64(len(data)) > limit {
		return nil, ErrTooLarge
	}
	return data, nil
}

// ReadEnd reads the last limit bytes of a file; cut tells that it has more.
func ReadEnd(file *os.File, limit int64) (data []byte, cut bool, err error) {
	info, err := file.Stat()
	if err == nil {
		from := max(0, info.Size()-limit)
		cut = from > 0
		data, err = io.ReadAll(io.NewSectionReader(file, from, limit))
	}
	if err != nil {
		return nil, false, fmt.Errorf("reading the end of the file: %w", err)
	}
	return data, cut, nil
}
