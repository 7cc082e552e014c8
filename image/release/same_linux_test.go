//go:build release

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Two builders in two places, one of whom has built nothing before: another
// umask, time zone, language and depth of folders.
func TestOneCommitIsOneRelease(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	var sums []string
	from := root // then the first clone: somebody may commit meanwhile
	for _, builder := range []struct{ place, umask, zone, language string }{
		{"a", "022", "UTC", "C"},
		{"in/a/folder of another/name", "077", "Pacific/Chatham", "C.UTF-8"},
	} {
		clone := filepath.Join(t.TempDir(), builder.place)
		sh(t, root, nil, "git", "clone", "--quiet", from, clone)
		from = clone
		env := []string{"TZ=" + builder.zone, "LC_ALL=" + builder.language, "GOFLAGS="}
		if len(sums) > 0 {
			env = append(env, "GOCACHE="+t.TempDir())
		}
		sh(t, clone, env, "sh", "-c", "umask "+builder.umask+" && make release IMAGE=0")
		found, err := filepath.Glob(filepath.Join(clone, "dist", "streambox-*", "SHA256SUMS"))
		if err != nil || len(found) != 1 {
			t.Fatalf("%v %v", found, err)
		}
		sh(t, filepath.Dir(found[0]), nil, "sha256sum", "--check", "--strict", "SHA256SUMS")
		text, err := os.ReadFile(found[0])
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, filepath.Base(filepath.Dir(found[0]))+"\n"+string(text))
	}
	if sums[0] != sums[1] {
		t.Errorf("they have made different releases:\n%s\n%s", sums[0], sums[1])
	}
	t.Logf("%s", sums[0])
}

func sh(t *testing.T, dir string, env []string, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, said)
	}
}
