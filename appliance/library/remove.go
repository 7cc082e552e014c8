package library

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Remove takes a title off the list at once and deletes all that was kept of
// it, but nothing that is not ours: for what turns out to be no title (a short clip), and for a file that is
// gone from a stick that is still plugged. No such title is no error.
func (l *Library) Remove(id string) error {
	l.mu.Lock()
	e := l.entries[id]
	if e == nil || e.newer {
		l.mu.Unlock()
		return nil
	}
	if e.listed {
		l.unlist(e)
	}
	delete(l.entries, id)
	e.newer = true // a writer of its title.json that comes late finds nothing to do
	l.mu.Unlock()
	e.io.Lock()
	defer e.io.Unlock()
	if err := removeTitle(filepath.Join(l.cfg.Dir, id)); err != nil {
		return fmt.Errorf("remove title %s: %w", id, err)
	}
	return nil
}

// removeTitle removes what is ours in a title's folder, title.json last but for
// the folder: cut off before, the title is known at the next start and removed
// again. What is not ours stays, and the folder with it, which is an error.
func removeTitle(dir string) error {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read a title's folder: %w", err)
	}
	var errs []error
	for _, one := range list {
		name := one.Name()
		switch {
		case one.IsDir() && ValidRendition(name):
			errs = append(errs, removeRendition(filepath.Join(dir, name)))
		case one.Type().IsRegular() && titleLeftover(name):
			errs = append(errs, remove(dir, name))
		}
	}
	errs = append(errs, tidySubtitles(filepath.Join(dir, subtitlesFolder), nil), tidyPreviews(filepath.Join(dir, previewsFolder), nil))
	errs = append(errs, remove(dir, thumbnailFile), remove(dir, digestsFile), remove(dir, indexFile), remove(dir, titleFile))
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
