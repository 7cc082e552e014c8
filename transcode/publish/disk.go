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
	syncDir(name string) error
}

type file interface {
	io.WriteCloser
	Sync() error
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
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
}

func (osDisk) rename(from, to string) error { return os.Rename(from, to) }

func (osDisk) syncDir(name string) error {
	if runtime.GOOS == "windows" { // it cannot sync folders, and need not
		return nil
	}
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
