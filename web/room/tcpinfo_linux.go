package room

import (
	"fmt"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// readCounters asks the kernel (4.10 and later has all of them).
func readCounters(raw syscall.RawConn) (counters, error) {
	var info *unix.TCPInfo
	var failed error
	err := raw.Control(func(fd uintptr) {
		info, failed = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return counters{}, fmt.Errorf("asking for TCP_INFO: %w", err)
	}
	return counters{
		acked:   info.Bytes_acked,
		busy:    time.Duration(info.Busy_time) * time.Microsecond,    //nolint:gosec // G115: µs of one connection
		waited:  time.Duration(info.Rwnd_limited) * time.Microsecond, //nolint:gosec // G115: as above
		unsent:  info.Notsent_bytes,
		pending: info.Notsent_bytes > 0 || info.Unacked > 0,
	}, nil
}
