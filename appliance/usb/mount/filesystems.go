package mount

import "strconv"

// FileSystem is one way to mount: a file system of the kernel, or a program.
type FileSystem struct {
	Type    string // for mount(2); "" for a program
	Program string // found in the system's folders, gets device, folder and -o options
	options func(o Owner) string
}

// Owner is who files without an owner belong to: the program's user.
type Owner struct{ UID, GID int }

// Data are the options, as mount(2) and mount programs take them. Nothing of
// them comes from the stick.
func (f FileSystem) Data(o Owner) string { return f.options(o) }

// readable is for file systems that know no owners: the program's user, and
// everybody else too, may read all; nothing can be written or run anyway.
func readable(o Owner) string {
	return "uid=" + strconv.Itoa(o.UID) + ",gid=" + strconv.Itoa(o.GID) + ",dmask=0222,fmask=0333"
}

// ways is the table of what is mounted how; empty: not at all.
func ways(fileSystem string) []FileSystem {
	switch fileSystem {
	case "vfat":
		// tz=UTC: the times on a FAT stick have no zone; the box's own would only move them about.
		// utf8: names outside the code page else become question marks, and cannot be opened.
		return []FileSystem{{Type: "vfat", options: func(o Owner) string { return readable(o) + ",tz=UTC,utf8" }}}
	case "exfat":
		return []FileSystem{{Type: "exfat", options: func(o Owner) string { return readable(o) + ",iocharset=utf8" }}}
	case "ntfs":
		// The kernel's own since 5.15, where it is built; else the program, which knows UTF-8 only.
		return []FileSystem{
			{Type: "ntfs3", options: func(o Owner) string { return readable(o) + ",iocharset=utf8" }},
			{Program: "ntfs-3g", options: func(o Owner) string { return "ro,nosuid,nodev,noexec," + readable(o) }},
		}
	case "ext2", "ext3", "ext4":
		// The driver of ext4 reads all three. noload: no replay of the journal, which writes even when
		// mounted read-only. errors=continue: the stick could ask the kernel to panic. It has
		// owners and permissions of its own: what its owner locked away stays so.
		return []FileSystem{{Type: "ext4", options: func(Owner) string { return "noload,errors=continue" }}}
	default:
		return nil
	}
}
