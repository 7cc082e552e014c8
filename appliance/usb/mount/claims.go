package mount

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"streambox.local/appliance/usb/mounts"
)

// claims are the devices that fstab, crypttab and the administrator's own mount
// and swap units name.
func (r Reader) claims() ([]Claim, error) {
	fstab, err := r.optional("etc/fstab")
	if err != nil {
		return nil, err
	}
	crypttab, err := r.optional("etc/crypttab")
	if err != nil {
		return nil, err
	}
	out := append(claimsOf(fstabSpecs(fstab), "/etc/fstab"), claimsOf(crypttabSpecs(crypttab), "/etc/crypttab")...)
	for _, name := range r.units() {
		if ext := filepath.Ext(name); ext == ".mount" || ext == ".swap" {
			out = append(out, claimsOf(unitSpecs(text(name)), filepath.Base(name))...)
		}
	}
	return out, nil
}

// units are the files in the folders for units that are the administrator's (systemd.unit(5)).
func (r Reader) units() []string {
	var out []string
	for _, folder := range []string{"etc/systemd/system", "run/systemd/system", "usr/local/lib/systemd/system"} {
		for _, name := range folderNames(r.path(folder)) {
			out = append(out, r.path(folder, name))
		}
	}
	return out
}

// optional reads a file that need not be there.
func (r Reader) optional(name string) (string, error) {
	data, err := os.ReadFile(r.path(name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read /%s: %w", name, err)
	}
	return string(data), nil
}

func claimsOf(specs []string, by string) []Claim {
	out := make([]Claim, len(specs))
	for i, s := range specs {
		out[i] = Claim{Spec: s, By: by}
	}
	return out
}

// fstabSpecs are the first fields of fstab(5), noauto or not.
func fstabSpecs(fstab string) []string {
	var out []string
	for _, f := range fields(fstab) {
		out = append(out, spec(f[0]))
	}
	return out
}

// crypttabSpecs are the devices of crypttab(5): the second field, and the device
// a key file lies on (the third: path:device).
func crypttabSpecs(crypttab string) []string {
	var out []string
	for _, f := range fields(crypttab) {
		if len(f) > 1 {
			out = append(out, spec(f[1]))
		}
		if len(f) > 2 {
			if at := strings.LastIndex(f[2], ":"); at >= 0 {
				out = append(out, spec(f[2][at+1:]))
			}
		}
	}
	return out
}

// unitSpecs are the What= of a mount or swap unit.
func unitSpecs(unit string) []string {
	var out []string
	for line := range strings.Lines(unit) {
		if what, found := strings.CutPrefix(strings.TrimSpace(line), "What"); found {
			if _, value, found := strings.Cut(what, "="); found && strings.TrimSpace(value) != "" {
				// The value itself may hold an =: only the first is the unit's.
				out = append(out, spec(strings.TrimSpace(value)))
			}
		}
	}
	return out
}

// fields are the words of the lines that are no comments.
func fields(table string) [][]string {
	var out [][]string
	for line := range strings.Lines(table) {
		if f := strings.Fields(line); len(f) > 0 && !strings.HasPrefix(f[0], "#") {
			out = append(out, f)
		}
	}
	return out
}

// spec is a device as fstab may write it: UUID="…", \040 for a blank, and the
// links below /dev/disk that mean the same as a tag.
func spec(s string) string {
	s = mounts.Unescape(s)
	if tag, value, found := strings.Cut(s, "="); found && !strings.HasPrefix(s, "/") {
		return strings.ToUpper(tag) + "=" + strings.Trim(value, `"'`)
	}
	for folder, tag := range map[string]string{
		"by-uuid": "UUID", "by-label": "LABEL", "by-partuuid": "PARTUUID", "by-partlabel": "PARTLABEL",
	} {
		if value, found := strings.CutPrefix(s, "/dev/disk/"+folder+"/"); found {
			return tag + "=" + hex(value)
		}
	}
	return s
}

// hex undoes udev's \x20 in the names of links.
func hex(s string) string {
	const digits = "0123456789abcdef"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && s[i+1] == 'x' {
			high, low := strings.IndexByte(digits, s[i+2]|0x20), strings.IndexByte(digits, s[i+3]|0x20)
			if high >= 0 && low >= 0 {
				b.WriteByte(byte(high<<4 | low)) //nolint:gosec // two digits
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
