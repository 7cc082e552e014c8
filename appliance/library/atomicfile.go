package library

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// Other users of the machine may read what everybody in the room may watch;
// only the box may write.
const (
	fileMode = 0o644
	dirMode  = 0o755
)

// writeFile replaces a file at once: a reader, and the next start after a
// crash or a power cut, sees the old or the new content. synced also waits until
// the content is on the disk before it takes the old one's place: the new one is then there for good.
func writeFile(name string, data []byte, synced bool) error {
	if synced {
		return renameio.WriteFile(name, data, fileMode, renameio.WithTempDir(filepath.Dir(name)))
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(fileMode)
	}
	if err == nil {
		settle(f)
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the first error is the one to tell
	}
	return err
}

// syncDir waits until the names in a folder are on the disk. (Package publish
// has it too: the two know nothing of each other, and this is no reason to.)
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync a folder: %w", err)
	}
	return nil
}
