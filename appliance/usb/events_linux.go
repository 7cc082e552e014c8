package usb

import (
	"context"
	"encoding/binary"
	"errors"

	"golang.org/x/sys/unix"
)

// retryMilliseconds is how often the folder of notes is looked for while it is missing.
const retryMilliseconds = 1000

// listen calls wake whenever something was mounted or unmounted, or a note came
// or went, until ctx ends. What it cannot listen to is seen by the look that
// Run makes once a second.
//
// The kernel says POLLPRI on an open mountinfo after each change, but only to a
// descriptor that Go's own poller does not have: hence unix.Open and a thread of
// our own that waits.
func listen(ctx context.Context, f *Folders, wake func()) {
	end, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return
	}
	defer unix.Close(end)
	told := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(told)
		_, _ = unix.Write(end, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // an event counter's write cannot fail
	})
	defer func() {
		if !stop() {
			<-told // before end is closed, and its number another file's
		}
	}()
	mounts := openOr(func() (int, error) { return unix.Open(f.mountInfo(), unix.O_RDONLY|unix.O_CLOEXEC, 0) })
	defer closeIf(mounts)
	notes := openOr(func() (int, error) { return unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK) })
	defer closeIf(notes)
	wake() // what was mounted before somebody listened
	watched := false
	for ctx.Err() == nil {
		timeout := -1
		if f.Notes != "" && notes >= 0 && !watched {
			_, err := unix.InotifyAddWatch(notes, f.Notes, unix.IN_MOVED_TO|unix.IN_CLOSE_WRITE|unix.IN_DELETE|unix.IN_DELETE_SELF|unix.IN_MOVE_SELF|unix.IN_ONLYDIR)
			if watched = err == nil; watched {
				wake() // what came before
			} else {
				timeout = retryMilliseconds
			}
		}
		fds := []unix.PollFd{{Fd: int32(end), Events: unix.POLLIN}, {Fd: int32(mounts), Events: unix.POLLPRI}, {Fd: int32(notes), Events: unix.POLLIN}} //nolint:gosec // descriptors are small; a negative one is left out
		if _, err := unix.Poll(fds, timeout); err != nil && !errors.Is(err, unix.EINTR) {
			return
		}
		if fds[1].Revents&unix.POLLNVAL != 0 || fds[2].Revents&unix.POLLNVAL != 0 {
			return
		}
		if fds[1].Revents != 0 {
			wake()
		}
		if fds[2].Revents != 0 {
			watched = watched && !drain(notes)
			wake()
		}
	}
}

// drain reads what inotify says; true when the folder itself is gone.
func drain(fd int) bool {
	gone := false
	buffer := make([]byte, 4096)
	for {
		n, err := unix.Read(fd, buffer)
		if err != nil || n <= 0 {
			return gone
		}
		for at := 0; at+unix.SizeofInotifyEvent <= n; {
			mask := binary.NativeEndian.Uint32(buffer[at+4:])
			gone = gone || mask&(unix.IN_DELETE_SELF|unix.IN_MOVE_SELF|unix.IN_IGNORED) != 0
			at += unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(buffer[at+12:]))
		}
	}
}

// openOr is a descriptor, or -1, which poll leaves out.
func openOr(open func() (int, error)) int {
	fd, err := open()
	if err != nil {
		return -1
	}
	return fd
}

func closeIf(fd int) {
	if fd >= 0 {
		_ = unix.Close(fd) // only read from
	}
}
