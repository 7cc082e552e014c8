package update

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"streambox.local/appliance/usb"
	"streambox.local/appliance/usb/mounts"
)

// Bounds of what is looked at: a stick with a million files must not keep root busy.
const (
	maxNames   = 10_000
	maxBundles = 16
)

// Plugged opens all bundles on the sticks that are mounted right below a folder. Only what
// is mounted there counts, only files in a stick's top folder, no links; nothing is read.
// mountInfo is /proc/self/mountinfo.
func Plugged(below, mountInfo string) ([]Candidate, error) {
	info, err := os.ReadFile(mountInfo)
	if err != nil {
		return nil, fmt.Errorf("reading what is mounted: %w", err)
	}
	var found []Candidate
	seen := map[string]bool{}
	for _, m := range mounts.Parse(string(info)) {
		if filepath.Dir(m.Point) != below || seen[m.Point] {
			continue
		}
		seen[m.Point] = true
		on, err := OnStick(m.Point)
		if err != nil {
			continue // this stick has just gone, or cannot be read: the others can
		}
		found = append(found, on...)
	}
	return found, nil
}

// OnStick opens the bundles of one stick.
func OnStick(root string) ([]Candidate, error) {
	top, err := unix.Open(root, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("opening the stick: %w", err)
	}
	dir := os.NewFile(uintptr(top), root)
	defer dir.Close()
	names, err := bundleNames(dir)
	if err != nil {
		return nil, err
	}
	var found []Candidate
	for _, name := range names {
		fd, err := unix.Openat2(top, name, &unix.OpenHow{
			Flags:   unix.O_RDONLY | unix.O_NONBLOCK | unix.O_NOFOLLOW | unix.O_CLOEXEC,
			Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS | unix.RESOLVE_NO_XDEV,
		})
		if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) {
			// systemd's RestrictSUIDSGID lets openat2 fail (it cannot look into its flags), so this is the way in our units. A name without a slash: not following is as good.
			fd, err = unix.Openat(top, name, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		}
		if err != nil {
			continue // a link, or gone
		}
		file := os.NewFile(uintptr(fd), name)
		info, err := file.Stat()
		if err != nil || !info.Mode().IsRegular() {
			_ = file.Close() // was not even read
			continue
		}
		found = append(found, Candidate{Stick: filepath.Base(root), File: file, Bytes: info.Size()})
	}
	return found, nil
}

// bundleNames lists the names that end like a bundle's.
func bundleNames(dir *os.File) ([]string, error) {
	names, err := dir.Readdirnames(maxNames)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading the stick's top folder: %w", err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !IsBundleName(name) })
	slices.Sort(names)
	return names[:min(len(names), maxBundles)], nil
}

// hasBundle is what the program wants to know of a stick.
func hasBundle(stick usb.Stick) (bool, error) {
	found, err := OnStick(stick.Root)
	closeAll(found)
	return len(found) > 0, err
}
