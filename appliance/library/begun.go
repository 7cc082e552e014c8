package library

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// isBegun tells an unfinished conversion that can be gone on with.
func (r Rendition) isBegun() bool { return !r.Complete && r.By != "" }

// begun is how much of the film there is of an unfinished conversion: 0…1.
func (r *Record) begun() float64 {
	for _, one := range r.Renditions {
		if one.isBegun() && r.DurationSeconds > 0 {
			return finite(one.DurationSeconds/r.DurationSeconds, 1)
		}
	}
	return 0
}

// checkBegun looks whether there is anything to go on with. Whether it is what was
// written is found out by whoever does: it takes reading some of it. The playlist
// says nothing that hashes.json does not, and is not synced: a power cut may leave an
// empty one.
func checkBegun(dir string) error {
	info, err := os.Lstat(filepath.Join(dir, hashesFile))
	if errors.Is(err, fs.ErrNotExist) || err == nil && (!info.Mode().IsRegular() || info.Size() == 0) {
		return fmt.Errorf("it has no %s", hashesFile)
	}
	return err
}
