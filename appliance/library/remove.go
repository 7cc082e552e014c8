package library

import (
	"fmt"
	"os"
	"path/filepath"
)

// Remove takes a title off the list at once and deletes all that was kept of
// it: for what turns out to be no title (a short clip), and for a file that is
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
	if err := os.RemoveAll(filepath.Join(l.cfg.Dir, id)); err != nil {
		return fmt.Errorf("remove title %s: %w", id, err)
	}
	return nil
}
