package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// write makes the folder with all items and SHA256SUMS. An older one of that
// name is replaced when the new one is all there.
func write(folder string, items []item, at time.Time) error {
	work := folder + ".new"
	if err := os.RemoveAll(work); err != nil {
		return fmt.Errorf("removing what a broken-off run left: %w", err)
	}
	if err := os.MkdirAll(work, 0o755); err != nil { //nolint:gosec // everybody's to read
		return fmt.Errorf("making the folder: %w", err)
	}
	var sums bytes.Buffer
	sorted := slices.SortedFunc(slices.Values(items), func(a, b item) int { return strings.Compare(a.name, b.name) })
	for n, i := range sorted {
		if n > 0 && sorted[n-1].name == i.name {
			return fmt.Errorf("two files are called %s", i.name)
		}
		sum, err := place(filepath.Join(work, i.name), i, at)
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sum, i.name)
	}
	if _, err := place(filepath.Join(work, "SHA256SUMS"), item{content: sums.Bytes()}, at); err != nil {
		return err
	}
	if err := os.Chmod(work, 0o755); err != nil { //nolint:gosec // as above
		return fmt.Errorf("setting rights: %w", err)
	}
	if err := os.Chtimes(work, at, at); err != nil {
		return fmt.Errorf("setting times: %w", err)
	}
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("removing the older release: %w", err)
	}
	if err := os.Rename(work, folder); err != nil {
		return fmt.Errorf("putting the release in place: %w", err)
	}
	return nil
}

// place writes one file, with rights that do not depend on the umask, and gives
// its SHA-256.
func place(name string, i item, at time.Time) ([]byte, error) {
	var from io.Reader = bytes.NewReader(i.content)
	if i.from != "" {
		f, err := os.Open(i.from)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s is not there: make release builds it first", i.from)
		}
		if err != nil {
			return nil, fmt.Errorf("reading a file of the release: %w", err)
		}
		defer f.Close()
		from = f
	}
	mode := os.FileMode(0o644)
	if i.program {
		mode = 0o755
	}
	out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, fmt.Errorf("writing a file of the release: %w", err)
	}
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, hash), from)
	if err == nil && n == 0 {
		err = errors.New("it is empty")
	}
	if err == nil {
		err = out.Chmod(mode)
	}
	err = errors.Join(err, out.Close())
	if err == nil {
		err = os.Chtimes(name, at, at)
	}
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", name, err)
	}
	return hash.Sum(nil), nil
}
