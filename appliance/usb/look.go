package usb

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"streambox.local/appliance/usb/mounts"
)

// sight is what one look at a folder finds.
type sight struct {
	device, inode uint64
	fileSystem    string
	sizeBytes     int64
	readOnly      bool
	volume        string
	mounting      uint64 // number of the mount: another one each time, where the kernel counts
	unique        bool   // that number was never another's; else equal numbers prove nothing
}

// isStill is true for what is certainly the same mount as before.
func (s sight) isStill(before sight) bool {
	return s.unique && before.unique && s.mounting == before.mounting && s.device == before.device && s.inode == before.inode
}

// errNotMounted is a folder that waits for its stick.
var errNotMounted = errors.New("not a mount point")

// lookAt stats a folder and reads its first entry: a stick whose device is gone
// still has a folder that can be opened, but not one that can be read.
//
// What is still the mount that it was before is not looked up again: an idle box
// looks every second.
func (f *Folders) lookAt(dir string, mountPointOnly bool, before sight) (sight, error) {
	d, err := os.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NONBLOCK, 0)
	if err != nil {
		return sight{}, fmt.Errorf("open folder: %w", err)
	}
	defer d.Close()
	if _, err = d.Readdirnames(1); err != nil && !errors.Is(err, io.EOF) {
		return sight{}, fmt.Errorf("read folder: %w", err)
	}
	var st unix.Stat_t
	if err = unix.Fstat(int(d.Fd()), &st); err != nil {
		return sight{}, fmt.Errorf("stat folder: %w", err)
	}
	if st.Nlink == 0 {
		return sight{}, fmt.Errorf("stat folder: %w", os.ErrNotExist)
	}
	var fs unix.Statfs_t
	if err = unix.Fstatfs(int(d.Fd()), &fs); err != nil {
		return sight{}, fmt.Errorf("stat file system: %w", err)
	}
	s := sight{
		device: uint64(st.Dev), inode: st.Ino, //nolint:unconvert // 32 bits wide elsewhere; an opaque number
		sizeBytes: int64(fs.Blocks) * int64(fs.Bsize), //nolint:gosec,unconvert // no disk is that large; types differ between machines
		readOnly:  int64(fs.Flags)&readOnlyFlag != 0,  //nolint:unconvert // 32 bits wide elsewhere
	}
	s.mounting, s.unique = mountNumber(int(d.Fd()))
	if s.isStill(before) {
		s.fileSystem, s.volume = before.fileSystem, before.volume
		return s, nil
	}
	m := f.mountOf(dir)
	if mountPointOnly && m.Point != dir {
		return sight{}, errNotMounted
	}
	s.fileSystem = m.FileSystem
	s.volume = volumeKey(m, dir, fs.Fsid.Val, s.sizeBytes)
	return s, nil
}

// volumeKey names a volume so that the same stick in another port has the same
// key: its UUID where udev knows it, else what the file system says of itself.
// The path is that of dir inside the volume: what is remembered is relative to dir.
func volumeKey(m mounts.Mount, dir string, fsid [2]int32, sizeBytes int64) string {
	inside := m.Root
	if rel, err := filepath.Rel(m.Point, dir); err == nil && rel != "." {
		inside = filepath.Join(m.Root, rel)
	}
	id := deviceUUID(m.Source)
	if id == "" {
		id = fmt.Sprintf("%s-%08x%08x-%d", m.FileSystem, uint32(fsid[0]), uint32(fsid[1]), sizeBytes) //nolint:gosec // bits, not a number
	}
	return id + ":" + inside
}

// deviceUUID looks a block device up in /dev/disk/by-uuid; "" when it is not there.
func deviceUUID(source string) string {
	if !strings.HasPrefix(source, "/dev/") {
		return ""
	}
	const links = "/dev/disk/by-uuid"
	entries, err := os.ReadDir(links)
	if err != nil {
		return ""
	}
	for _, e := range entries {
		if target, err := filepath.EvalSymlinks(filepath.Join(links, e.Name())); err == nil && target == source {
			return "uuid-" + e.Name()
		}
	}
	return ""
}
