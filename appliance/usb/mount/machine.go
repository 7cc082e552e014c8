package mount

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"streambox.local/appliance/usb/mounts"
)

// Machine reads what the machine is made of and what its owner has plans with.
// A list that cannot be read is an error: what is not known must not be touched.
func (r Reader) Machine(ours string) (Machine, error) {
	info, err := os.ReadFile(r.path("proc/self/mountinfo"))
	if err != nil {
		return Machine{}, fmt.Errorf("read what is mounted: %w", err)
	}
	list := mounts.Parse(string(info))
	var m Machine
	system := func(device string) {
		for _, name := range r.below(device, list) {
			if disk := r.diskOf(name); !slices.Contains(m.SystemDisks, disk) {
				m.SystemDisks = append(m.SystemDisks, disk)
			}
		}
	}
	for _, at := range list {
		device := r.deviceOf(at)
		if device == "" || strings.HasPrefix(at.Point, ours+"/") {
			continue
		}
		if !isRemovablePlace(at.Point) {
			system(device)
		}
		for _, name := range r.below(device, list) {
			m.Mounts = append(m.Mounts, Mounted{Device: name, Point: at.Point})
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
			c.Devices = r.below(device, list)
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

// swapsInUse reads /proc/swaps: a line of headings, then path, type, sizes.
func swapsInUse(swaps string) []string {
	var out []string
	for line := range strings.Lines(swaps) {
		if f := strings.Fields(line); len(f) > 1 && f[1] == "partition" {
			out = append(out, mounts.Unescape(f[0]))
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
