package main

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // what dpkg --verify compares; it protects from nothing
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// scripts are what dpkg runs, and control the package's description with
// places for what is known only now.
type scripts struct {
	control                 []byte
	postinst, prerm, postrm []byte
}

// controlFiles are those of the folder DEBIAN, paths beginning with /DEBIAN.
func controlFiles(s scripts, files []entry, version, architecture string) []entry {
	control := strings.NewReplacer(
		"@VERSION@", version, "@ARCHITECTURE@", architecture, "@SIZE@", strconv.Itoa(sizeKiB(files)),
	).Replace(string(s.control))
	var sums bytes.Buffer
	for _, f := range sorted(files) {
		fmt.Fprintf(&sums, "%x  %s\n", md5.Sum(f.content), strings.TrimPrefix(f.path, "/")) //nolint:gosec // as above
	}
	return []entry{
		{"/DEBIAN/control", 0o644, []byte(control)},
		{"/DEBIAN/conffiles", 0o644, conffiles(files)},
		{"/DEBIAN/md5sums", 0o644, sums.Bytes()},
		{"/DEBIAN/postinst", 0o755, s.postinst},
		{"/DEBIAN/prerm", 0o755, s.prerm},
		{"/DEBIAN/postrm", 0o755, s.postrm},
	}
}

func sorted(files []entry) []entry {
	return slices.SortedFunc(slices.Values(files), func(a, b entry) int { return strings.Compare(a.path, b.path) })
}

// stage writes files below root with their rights, whatever the umask, and with
// one time for all, folders too.
func stage(root string, files []entry, at time.Time) error {
	for _, f := range files {
		name := filepath.Join(root, f.path)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // a package's folders are everybody's to read
			return fmt.Errorf("making a folder: %w", err)
		}
		if err := os.WriteFile(name, f.content, f.mode); err != nil {
			return fmt.Errorf("writing a file: %w", err)
		}
		if err := os.Chmod(name, f.mode); err != nil {
			return fmt.Errorf("setting rights: %w", err)
		}
	}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = os.Chmod(name, 0o755) //nolint:gosec // as above
		}
		if err == nil {
			err = os.Chtimes(name, at, at) //nolint:gosec // a folder of our own, which nobody else may enter
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("setting rights and times: %w", err)
	}
	return nil
}

// pack makes the package of what was staged below root.
func pack(ctx context.Context, root, out string, at time.Time) error {
	cmd := exec.CommandContext(ctx, "dpkg-deb", "--root-owner-group", "--uniform-compression", "-Zxz", "--build", root, out)
	cmd.Env = append(os.Environ(), "SOURCE_DATE_EPOCH="+strconv.FormatInt(at.Unix(), 10), "DPKG_DEB_THREADS_MAX=1")
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("packing: %w: %s", err, bytes.TrimSpace(said))
	}
	return nil
}
