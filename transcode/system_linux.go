package transcode

import (
	"os"

	"golang.org/x/sys/unix"
)

// enlarge makes a pipe hold more, so that ffmpeg and we switch less often.
// It is a favour: the limit of a user may refuse it.
func enlarge(pipe *os.File, bytes int) {
	raw, err := pipe.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { _, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, bytes) })
}
