//go:build vm

package vmtest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"streambox.local/image/boxtest"
)

// cache is .cache/vm/<parts>; its folder is made.
func cache(t *testing.T, parts ...string) string {
	t.Helper()
	return boxtest.Cache(t, append([]string{"vm"}, parts...)...)
}

// machineFiles is the folder with root.ext4, vmlinuz and initrd.img, which is
// made when the recipe is another than last time.
func machineFiles(t *testing.T) string {
	t.Helper()
	dir := cache(t, "root-"+recipeDigest(t))
	if _, err := os.Stat(filepath.Join(dir, "root.ext4")); err == nil {
		return dir
	}
	old, err := filepath.Glob(cache(t, "root-*"))
	boxtest.Must(t, err)
	for _, o := range old {
		boxtest.Must(t, os.RemoveAll(o))
	}
	if os.Getuid() != 0 {
		boxtest.Absent(t, "root, to make the machine's disk")
	}
	made := cache(t, "making")
	boxtest.Must(t, os.RemoveAll(made))
	boxtest.Tool(t, "recipe/root", made, cache(t, "apt"))
	boxtest.Must(t, os.Rename(made, dir))
	return dir
}

func recipeDigest(t *testing.T) string {
	t.Helper()
	all := sha256.New()
	for _, folder := range []string{"recipe", "../parts"} {
		boxtest.Must(t, filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			fmt.Fprintf(all, "%s %d\n%s", path, len(data), data)
			return err
		}))
	}
	return hex.EncodeToString(all.Sum(nil)[:8])
}
