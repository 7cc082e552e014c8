//go:build linux && (amd64 || arm64 || arm)

package worker

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

var errNoFilter = errors.New("this program has no list of system calls for this kind of processor")

// callsFilter is a filter that can be put on.
type callsFilter []unix.SockFilter

// callFilter makes the filter of a program with this number.
func callFilter(pid uint32, hardware bool) (callsFilter, error) {
	raw, err := bpf.Assemble(assemble(architecture, newestCall, calls(pid, hardware)))
	if err != nil {
		return nil, fmt.Errorf("assemble the filter of system calls: %w", err)
	}
	filter := make(callsFilter, 0, len(raw))
	for _, i := range raw {
		filter = append(filter, unix.SockFilter{Code: i.Op, Jt: i.Jt, Jf: i.Jf, K: i.K})
	}
	return filter, nil
}

// install puts the filter on this thread and on what it becomes. Not by
// seccomp(2), which the filter of an older systemd refuses.
func (f callsFilter) install() error {
	program := unix.SockFprog{Len: uint16(len(f)), Filter: &f[0]}                                             //nolint:gosec // some hundreds
	err := unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&program)), 0, 0) //nolint:gosec // the kernel reads it
	if err != nil {
		return fmt.Errorf("filter system calls: %w", err)
	}
	return nil
}
