package library

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// indexFile is what was found out by going through a film that has no index of
// its own; whoever made it can tell whether it is whole.
const (
	indexFile     = "index.bin"
	maxIndexBytes = 1 << 20
)

// Index returns what KeepIndex was given for a title; nil: nothing.
func (l *Library) Index(id string) []byte {
	if !ValidID(id) {
		return nil
	}
	data, err := readBounded(filepath.Join(l.cfg.Dir, id, indexFile), maxIndexBytes)
	if err != nil {
		return nil
	}
	return data
}

// KeepIndex keeps an index as long as the title; nil removes it. What cannot be
// kept is found out again.
func (l *Library) KeepIndex(id string, data []byte) {
	if !ValidID(id) || len(data) > maxIndexBytes {
		return
	}
	name := filepath.Join(l.cfg.Dir, id, indexFile)
	var err error
	if data == nil {
		err = os.Remove(name)
	} else {
		err = writeFile(name, data, false)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.cfg.Log.Debug("A film's index is not kept", "title", id, "error", err)
	}
}
