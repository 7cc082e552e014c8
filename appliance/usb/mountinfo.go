package usb

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// mount is one line of /proc/self/mountinfo.
type mount struct {
	root, point        string // folder of the volume that is mounted, and where
	fileSystem, source string
}

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
	for line := range strings.Lines(text) {
		m, ok := parseMount(strings.TrimSuffix(line, "\n"))
		if ok && filepath.Dir(m.point) == below && !slices.Contains(names, filepath.Base(m.point)) {
			names = append(names, filepath.Base(m.point))
		}
	}
	slices.Sort(names)
	w.info, w.points = text, names
	return names, nil
}

// mountOf returns the mount that dir lies in; zero where the kernel does not say.
func (f *Folders) mountOf(dir string) mount {
	text, err := os.ReadFile(f.mountInfo())
	if err != nil {
		return mount{}
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return findMount(string(text), dir)
}

// findMount picks the deepest mount point above dir; of several on the same
// folder the last, which hides the others.
func findMount(mountinfo, dir string) mount {
	var best mount
	for line := range strings.Lines(mountinfo) {
		m, ok := parseMount(strings.TrimSuffix(line, "\n"))
		if ok && within(dir, m.point) && len(m.point) >= len(best.point) {
			best = m
		}
	}
	return best
}

// parseMount reads a line: id parent major:minor root point options [tags…] - type source options.
func parseMount(line string) (mount, bool) {
	before, after, found := strings.Cut(line, " - ")
	left, right := strings.Fields(before), strings.Fields(after)
	if !found || len(left) < 6 || len(right) < 2 {
		return mount{}, false
	}
	return mount{root: unescape(left[3]), point: unescape(left[4]), fileSystem: right[0], source: unescape(right[1])}, true
}

// within is true when dir is parent or below it.
func within(dir, parent string) bool {
	return dir == parent || parent == "/" || strings.HasPrefix(dir, parent+"/")
}

// unescape undoes the kernel's \040 for blanks and the like.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
