package usb

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"streambox.local/appliance/usb/mounts"
)

// kernelMountInfo tells what is mounted in this process's tree. Reading it never hangs.
const kernelMountInfo = "/proc/self/mountinfo"

// mountInfo is the file to read.
func (f *Folders) mountInfo() string {
	if f.MountInfo != "" {
		return f.MountInfo
	}
	return kernelMountInfo
}

// mountedBelow lists the sub-folders of a parent that something is mounted on,
// in the order of their names. The parent itself is not touched: what is
// mounted there may hang.
func (w *watch) mountedBelow(below string) ([]string, error) {
	data, err := os.ReadFile(w.f.mountInfo())
	if err != nil {
		return nil, fmt.Errorf("list what is mounted: %w", err)
	}
	text := string(data)
	if text == w.info {
		return w.points, nil
	}
	var names []string
	for _, m := range mounts.Parse(text) {
		if filepath.Dir(m.Point) == below && !slices.Contains(names, filepath.Base(m.Point)) {
			names = append(names, filepath.Base(m.Point))
		}
	}
	slices.Sort(names)
	w.info, w.points = text, names
	return names, nil
}

// mountOf returns the mount that dir lies in; zero where the kernel does not say.
func (f *Folders) mountOf(dir string) mounts.Mount {
	text, err := os.ReadFile(f.mountInfo())
	if err != nil {
		return mounts.Mount{}
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return mounts.Of(mounts.Parse(string(text)), dir)
}
