package publish

import (
	"errors"
	"io"
	"os"
	"runtime"
)

// disk is what can go wrong. Tests put one there that fails when told.
type disk interface {
	mkdir(name string) error
	create(name string) (file, error)
	rename(from, to string) error
	syncFile(name string) error
	syncDir(name string) error
}

type file interface {
	io.WriteCloser
	Sync() error
	StartSync() // the disk may begin; without waiting for it
}

type osDisk struct{}

// Others may read what is made here: a finished folder is served, and people
// copy it to a stick.
const (
	fileMode = 0o644
	dirMode  = 0o755
)

func (osDisk) mkdir(name string) error { return os.Mkdir(name, dirMode) }

func (osDisk) create(name string) (file, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// osFile is a file whose StartSync is the system's.
type osFile struct{ *os.File }

func (f osFile) StartSync() { startSync(f.File) }

func (osDisk) syncFile(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0) // Windows syncs only what may be written
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (osDisk) rename(from, to string) error { return os.Rename(from, to) }

func (osDisk) syncDir(name string) error { return SyncFolder(name) }

// SyncFolder waits until the names in a folder are on the disk.
func SyncFolder(name string) error {
	if runtime.GOOS == "windows" { // it cannot sync folders, and need not
		return nil
	}
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
