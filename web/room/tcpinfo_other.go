//go:build !linux

package room

import (
	"errors"
	"syscall"
)

// readCounters: other systems do not tell, and the room goes by late segments.
func readCounters(syscall.RawConn) (counters, error) {
	return counters{}, errors.ErrUnsupported
}

func setPacingRate(syscall.RawConn, float64) error { return errors.ErrUnsupported }
