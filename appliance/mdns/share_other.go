//go:build !unix

package mdns

import "syscall"

// shareable does nothing where it is not known how.
func shareable(_, _ string, _ syscall.RawConn) error { return nil }
