//go:build unix

package mdns

import (
	"errors"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// shareable lets avahi, systemd-resolved and browsers have the port too; each
// of them gets what is multicast.
func shareable(_, _ string, raw syscall.RawConn) error {
	var failed error
	err := raw.Control(func(fd uintptr) {
		failed = errors.Join(
			unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1),
			unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1),
		)
	})
	if err = errors.Join(err, failed); err != nil {
		return fmt.Errorf("sharing the port: %w", err)
	}
	return nil
}
