package boxtest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Repository is the root of the tree, as the tests in image/… see it.
const Repository = "../.."

// Cache is .cache/<parts>; its folder is made.
func Cache(t *testing.T, parts ...string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(append([]string{Repository, ".cache"}, parts...)...))
	Must(t, err)
	Must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	return path
}

// Fresh is an empty folder in the cache.
func Fresh(t *testing.T, parts ...string) string {
	t.Helper()
	dir := Cache(t, parts...)
	Must(t, os.RemoveAll(dir))
	Must(t, os.MkdirAll(dir, 0o755))
	return dir
}

// Tool runs a program of the host to its end; what it says is shown when it fails.
func Tool(t *testing.T, name string, args ...string) {
	t.Helper()
	Command(t, exec.CommandContext(t.Context(), name, args...))
}

// Command is Tool for one that is put together already.
func Command(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(c.Args, " "), err, out)
	}
}

// Need skips or fails without a tool of the host.
func Need(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		Absent(t, name)
	}
}

// Absent is the end of a test that needs what this machine has not.
func Absent(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("STREAMBOX_STRICT") == "1" {
		t.Fatalf("%s is missing", what)
	}
	t.Skipf("not run here: %s is missing", what)
}

// Must ends the test with an error.
func Must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// CrossBuild builds for the guest: a program with `go build`, tests with `go test -c`.
func CrossBuild(t *testing.T, out string, args ...string) {
	t.Helper()
	CrossBuildFor(t, "arm64", out, args...)
}

// CrossBuildFor builds for a guest of another architecture, as Go calls it.
func CrossBuildFor(t *testing.T, architecture, out string, args ...string) {
	t.Helper()
	goBuild(t, out, []string{"GOOS=linux", "GOARCH=" + architecture, "CGO_ENABLED=0"}, args)
}

// HostBuild builds for this machine.
func HostBuild(t *testing.T, out string, args ...string) {
	t.Helper()
	goBuild(t, out, nil, args)
}

func goBuild(t *testing.T, out string, env, args []string) {
	t.Helper()
	c := exec.CommandContext(context.WithoutCancel(t.Context()), "go", append(args[:len(args)-1:len(args)-1], "-o", out, args[len(args)-1])...)
	c.Dir = Repository
	c.Env = append(os.Environ(), env...)
	Command(t, c)
}
