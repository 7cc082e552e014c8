package mount

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// Machine reads what the machine is made of and what its owner has plans with.
// A list that cannot be read is an error: what is not known must not be touched.
func (r Reader) Machine(ours string) (Machine, error) {
	info, err := os.ReadFile(r.path("proc/self/mountinfo"))
	if err != nil {
		return Machine{}, fmt.Errorf("read what is mounted: %w", err)
	}
	mounts := parseMounts(string(info))
	var m Machine
	system := func(device string) {
		for _, name := range r.below(device, mounts) {
			if disk := r.diskOf(name); !slices.Contains(m.SystemDisks, disk) {
				m.SystemDisks = append(m.SystemDisks, disk)
			}
		}
	}
	for _, at := range mounts {
		device := r.deviceOf(at)
		if device == "" || strings.HasPrefix(at.point, ours+"/") {
			continue
		}
		if !isRemovablePlace(at.point) {
			system(device)
		}
		for _, name := range r.below(device, mounts) {
			m.Mounts = append(m.Mounts, Mounted{Device: name, Point: at.point})
		}
	}
	for _, device := range swapsInUse(text(r.path("proc/swaps"))) {
		system(r.resolve(device))
	}
	for _, spec := range kernelArguments(text(r.path("proc/cmdline"))) {
		if device := r.find(spec); device != "" {
			system(device)
		}
	}
	claims, err := r.claims()
	if err != nil {
		return Machine{}, err
	}
	for _, c := range claims {
		if device := r.find(c.Spec); device != "" {
			c.Devices = r.below(device, mounts)
		}
		m.Claims = append(m.Claims, c)
	}
	return m, nil
}

// find is the device that a spec means now; "" for none.
func (r Reader) find(spec string) string {
	if strings.HasPrefix(spec, "/dev/") {
		return r.resolve(spec)
	}
	folders := map[string]string{"UUID": "by-uuid", "LABEL": "by-label", "PARTUUID": "by-partuuid", "PARTLABEL": "by-partlabel"}
	tag, value, _ := strings.Cut(spec, "=")
	folder, known := folders[tag]
	if !known || value == "" || strings.ContainsAny(value, "/\x00") {
		return ""
	}
	return r.resolve("/dev/disk/" + folder + "/" + value)
}

// mountLine is a line of mountinfo.
type mountLine struct{ number, point, source string }

// parseMounts reads /proc/self/mountinfo (proc(5)): id parent major:minor root
// point options [tags…] - type source options.
func parseMounts(info string) []mountLine {
	var out []mountLine
	for line := range strings.Lines(info) {
		before, after, found := strings.Cut(strings.TrimSuffix(line, "\n"), " - ")
		left, right := strings.Fields(before), strings.Fields(after)
		if found && len(left) >= 6 && len(right) >= 2 {
			out = append(out, mountLine{number: left[2], point: octal(left[4]), source: octal(right[1])})
		}
	}
	return out
}

// deepest is the mount that a file lies in.
func deepest(mounts []mountLine, file string) mountLine {
	var best mountLine
	for _, m := range mounts {
		if (m.point == "/" || file == m.point || strings.HasPrefix(file, m.point+"/")) && len(m.point) >= len(best.point) {
			best = m
		}
	}
	return best
}

// swapsInUse reads /proc/swaps: a line of headings, then path, type, sizes.
func swapsInUse(swaps string) []string {
	var out []string
	for line := range strings.Lines(swaps) {
		if f := strings.Fields(line); len(f) > 1 && f[1] == "partition" {
			out = append(out, octal(f[0]))
		}
	}
	return out
}

// kernelArguments are the devices on the kernel's command line: the root of a
// live system or an overlay is seen nowhere else.
func kernelArguments(line string) []string {
	var out []string
	for word := range strings.FieldsSeq(line) {
		for _, name := range []string{"root=", "resume=", "usrmount=", "mount.usr="} {
			if spec, found := strings.CutPrefix(word, name); found {
				out = append(out, spec)
			}
		}
	}
	return out
}

// octal undoes \040 for a blank and the like, as in mountinfo and fstab.
func octal(s string) string {
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
