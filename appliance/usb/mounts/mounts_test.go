package mounts_test

import (
	"strings"
	"testing"

	"streambox.local/appliance/usb/mounts"
)

const mountinfo = `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 27 8:1 / /media/streambox/sda1 ro,nosuid,nodev,noexec shared:5 - vfat /dev/sda1 ro,utf8
41 27 8:17 /films /media/with\040blank ro - ext4 /dev/sdb1 ro
broken line
42 27 8:33 / /media/streambox/sda1/deep ro - exfat /dev/sdc1 ro
43 27 8:49 / /media/streambox/sda1/deep ro - ntfs3 /dev/sdd1 ro
`

func TestThePathsMount(t *testing.T) {
	list := mounts.Parse(mountinfo)
	if len(list) != 6 {
		t.Fatalf("%d mounts: %+v", len(list), list)
	}
	for _, want := range []struct{ path, point, fileSystem, source, number, root string }{
		{"/media/streambox/sda1", "/media/streambox/sda1", "vfat", "/dev/sda1", "8:1", "/"},
		{"/media/streambox/sda1/Films", "/media/streambox/sda1", "vfat", "/dev/sda1", "8:1", "/"},
		{"/media/streambox/sda1/deep/x", "/media/streambox/sda1/deep", "ntfs3", "/dev/sdd1", "8:49", "/"},
		{"/media/streambox/sda10", "/", "ext4", "/dev/vda", "254:0", "/"},
		{"/media/with blank", "/media/with blank", "ext4", "/dev/sdb1", "8:17", "/films"},
	} {
		if got := mounts.Of(list, want.path); got != (mounts.Mount{Number: want.number, Root: want.root, Point: want.point, FileSystem: want.fileSystem, Source: want.source}) {
			t.Errorf("%s: %+v", want.path, got)
		}
	}
	if got := mounts.Of(nil, "/x"); got != (mounts.Mount{}) {
		t.Errorf("of nothing: %+v", got)
	}
}

func TestUnescape(t *testing.T) {
	for text, want := range map[string]string{
		`a\040b\011c`: "a b\tc", `\134`: `\`, `\`: `\`, `\04`: `\04`, `\400`: `\400`, `\08x`: `\08x`, `x\040`: "x ", `\303\244`: "ä",
	} {
		if got := mounts.Unescape(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(mountinfo)
	f.Add("1 2 3:4 \\ \\0 x - y z")
	f.Fuzz(func(t *testing.T, text string) {
		list := mounts.Parse(text)
		if len(list) > strings.Count(text, "\n")+1 {
			t.Errorf("%d mounts of %q", len(list), text)
		}
		for _, m := range list {
			if m.Point == "" || m.Source == "" || mounts.Of(list, m.Point).Point == "" {
				t.Errorf("%+v", m)
			}
		}
	})
}
