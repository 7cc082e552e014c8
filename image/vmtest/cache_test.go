//go:build vm

package vmtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// repository is the root of the tree, as a test of this package sees it.
const repository = "../.."

// cache is .cache/vm/<parts>; its folder is made.
func cache(t *testing.T, parts ...string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(append([]string{repository, ".cache", "vm"}, parts...)...))
	must(t, err)
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	return path
}

// fresh is an empty folder in the cache.
func fresh(t *testing.T, name string) string {
	t.Helper()
	dir := cache(t, name)
	must(t, os.RemoveAll(dir))
	must(t, os.MkdirAll(dir, 0o755))
	return dir
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
	must(t, err)
	for _, o := range old {
		must(t, os.RemoveAll(o))
	}
	if os.Getuid() != 0 {
		absent(t, "root, to make the machine's disk")
	}
	made := cache(t, "making")
	must(t, os.RemoveAll(made))
	tool(t, "recipe/root", made, cache(t, "apt"))
	must(t, os.Rename(made, dir))
	return dir
}

func recipeDigest(t *testing.T) string {
	t.Helper()
	all := sha256.New()
	must(t, filepath.WalkDir("recipe", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		fmt.Fprintf(all, "%s %d\n%s", path, len(data), data)
		return err
	}))
	return hex.EncodeToString(all.Sum(nil)[:8])
}

// tool runs a program of the host to its end; what it says is shown when it fails.
func tool(t *testing.T, name string, args ...string) {
	t.Helper()
	command(t, exec.CommandContext(t.Context(), name, args...))
}

func command(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(c.Args, " "), err, out)
	}
}

// absent is the end of a test that needs what this machine has not.
func absent(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("STREAMBOX_STRICT") == "1" {
		t.Fatalf("%s is missing", what)
	}
	t.Skipf("not run here: %s is missing", what)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// crossBuild builds for the guest: a program with `go build`, tests with `go test -c`.
func crossBuild(t *testing.T, out string, args ...string) {
	t.Helper()
	c := exec.CommandContext(context.WithoutCancel(t.Context()), "go", append(args[:len(args)-1:len(args)-1], "-o", out, args[len(args)-1])...)
	c.Dir = repository
	c.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	command(t, c)
}
