package library

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
)

// save writes title.json when what it would hold has changed. Writers of one
// title wait for each other and write the newest record, so the last file is
// never older than one before it. Finished work is synced even when only
// something small changed beside it: a power cut must not cost hours of converting.
func (l *Library) save(e *entry, durable bool) error {
	e.io.Lock()
	defer e.io.Unlock()
	l.mu.RLock()
	rec, newer := e.rec, e.newer
	onDisk := make(map[string]bool, len(e.onDisk))
	finished := false
	for _, one := range rec.Renditions {
		onDisk[one.Name] = e.onDisk[one.Name]
		finished = finished || one.stays() && e.onDisk[one.Name]
	}
	l.mu.RUnlock()
	if newer || !rec.probed() {
		return nil
	}
	data, err := rec.kept(onDisk)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	if sum == e.saved && (e.savedDurably || !durable) {
		return nil
	}
	dir := filepath.Join(l.cfg.Dir, e.id)
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return fmt.Errorf("make the folder of title %s: %w", e.id, err)
	}
	if err := writeFile(filepath.Join(dir, titleFile), data, durable || finished); err != nil {
		return fmt.Errorf("write title.json of %s: %w", e.id, err)
	}
	e.saved, e.savedDurably = sum, false
	if !durable {
		return nil
	}
	// The folder for title.json and the renditions in it, the library for the folder.
	for _, one := range []string{dir, l.cfg.Dir} {
		if err := syncDir(one); err != nil {
			return fmt.Errorf("write title.json of %s: %w", e.id, err)
		}
	}
	e.savedDurably = true
	return nil
}
