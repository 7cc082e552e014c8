package update_test

import (
	"testing"

	"golang.org/x/sys/unix"
)

func pipe(t *testing.T, path string) {
	t.Helper()
	must(t, unix.Mkfifo(path, 0o600))
}
