package report

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// data checks that the data folder can be written, by writing.
func (d *Doctor) data() Check {
	c := Check{Name: "data folder", State: Broken, Detail: d.DataDir}
	info, err := os.Stat(d.DataDir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return Check{Name: c.Name, State: Absent, Detail: d.DataDir + " is not there yet; serve makes it"}
	case err != nil:
		c.Detail, c.Mend = d.DataDir+" cannot be looked at", "let this user into the folder, or choose another with --data"
		return c
	case !info.IsDir():
		c.Detail, c.Mend = d.DataDir+" is not a folder", "move that file away, or choose another place with --data"
		return c
	}
	probe, err := os.CreateTemp(d.DataDir, ".doctor-*")
	if err != nil {
		c.Detail, c.Mend = d.DataDir+" cannot be written", "run as the user who owns the folder, or choose another with --data"
		if errors.Is(err, unix.EROFS) {
			c.Mend = "it lies on a read-only disk; choose another with --data"
		}
		if errors.Is(err, unix.ENOSPC) {
			c.Mend = "the disk is full; make room on it"
		}
		return c
	}
	_ = probe.Close()
	_ = os.Remove(probe.Name())
	c.State = Present
	return c
}

func (d *Doctor) space() Check {
	c := Check{Name: "disk space", State: Present}
	total, free, err := d.Space(existing(d.DataDir))
	if err != nil {
		return Check{Name: c.Name, State: Absent, Detail: "cannot be found out here"}
	}
	var reserve int64
	if d.Reserve != nil {
		reserve = d.Reserve(total)
	}
	c.Detail = fmt.Sprintf("%s free of %s, %s are kept free", Size(free), Size(total), Size(reserve))
	if free <= reserve {
		c.State, c.Mend = Broken, "make room on the disk, or keep less free with the setting \"reserve\""
	}
	return c
}

// existing is the nearest folder above a path that is there.
func existing(path string) string {
	for {
		if _, err := os.Stat(path); err == nil || path == "/" || path == "." {
			return path
		}
		parent := filepath.Dir(path)
		if parent == path {
			return path
		}
		path = parent
	}
}

// diskSpace is what a file system holds and what of it is free for this user.
// (The library asks this too: doctor imports nothing of the box it examines.)
func diskSpace(dir string) (totalBytes, freeBytes int64, err error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return 0, 0, fmt.Errorf("asking for disk space: %w", err)
	}
	block := int64(fs.Bsize)                                       //nolint:unconvert // int32 on some systems
	return int64(fs.Blocks) * block, int64(fs.Bavail) * block, nil //nolint:gosec // far below 2^63
}

// Size writes bytes with a unit for people: 3 figures, powers of 1024.
func Size(bytes int64) string {
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB"}
	v, n := float64(bytes), 0
	for v >= 1024 && n < len(units)-1 {
		v, n = v/1024, n+1
	}
	if n == 0 || v >= 100 {
		return fmt.Sprintf("%.0f %s", v, units[n])
	}
	return fmt.Sprintf("%.1f %s", v, units[n])
}
