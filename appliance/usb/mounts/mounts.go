// Package mounts reads the kernel's list of what is mounted where.
//
// Both sides of a stick read it: the mount helper, which is root and must not
// touch what is somebody else's, and the program, which looks for what the
// helper has mounted. It is a text, so that tests give one; reading the file never hangs.
package mounts

import (
	"strings"
)

// Mount is one line of /proc/self/mountinfo.
type Mount struct {
	Number     string // of the device: major:minor; its own for what is on no device
	Root       string // folder of the volume that is mounted
	Point      string // where
	FileSystem string
	Source     string // "/dev/sda1"; whatever was said for what is on no device
}

// Parse reads /proc/self/mountinfo (proc(5)): id parent major:minor root point
// options [tags…] - type source options. Lines that are not like that are left out.
func Parse(mountinfo string) []Mount {
	var out []Mount
	for line := range strings.Lines(mountinfo) {
		before, after, found := strings.Cut(strings.TrimSuffix(line, "\n"), " - ")
		left, right := strings.Fields(before), strings.Fields(after)
		if !found || len(left) < 6 || len(right) < 2 {
			continue
		}
		out = append(out, Mount{Number: left[2], Root: Unescape(left[3]), Point: Unescape(left[4]), FileSystem: right[0], Source: Unescape(right[1])})
	}
	return out
}

// Of is the mount that a path lies in: the deepest above it; of several on the
// same folder the last, which hides the others. Zero where there is none.
func Of(mounts []Mount, path string) Mount {
	var best Mount
	for _, m := range mounts {
		if within(path, m.Point) && len(m.Point) >= len(best.Point) {
			best = m
		}
	}
	return best
}

// within is true when path is parent or below it.
func within(path, parent string) bool {
	return path == parent || parent == "/" || strings.HasPrefix(path, parent+"/")
}

// Unescape undoes \040 for a blank and the like, as in mountinfo, /proc/swaps
// and fstab(5): three octal digits of one byte.
func Unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && s[i+1] <= '3' && isOctal(s[i+1]) && isOctal(s[i+2]) && isOctal(s[i+3]) {
			b.WriteByte((s[i+1]-'0')<<6 | (s[i+2]-'0')<<3 | (s[i+3] - '0'))
			i += 3
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func isOctal(c byte) bool { return c >= '0' && c <= '7' }
