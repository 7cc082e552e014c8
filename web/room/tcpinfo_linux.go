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

// setPacingRate limits a socket to so many bytes a second, 0: not at all.
// TCP keeps to it by itself since Linux 4.13.
func setPacingRate(raw syscall.RawConn, rate float64) error {
	value := -1 // all ones: no limit
	if rate > 0 {
		value = int(min(rate, 1<<31-1))
	}
	var failed error
	err := raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_MAX_PACING_RATE, value)
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return fmt.Errorf("setting a pace: %w", err)
	}
	return nil
}
