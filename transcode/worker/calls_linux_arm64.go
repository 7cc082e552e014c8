package worker

import "golang.org/x/sys/unix"

const architecture = unix.AUDIT_ARCH_AARCH64

// ofArchitecture: a young architecture, with one form of each call.
func ofArchitecture() []uint32 {
	return []uint32{unix.SYS_MMAP, unix.SYS_FADVISE64, unix.SYS_NEWFSTATAT, unix.SYS_GETRLIMIT}
}

func openingOfArchitecture(uint32) []rule { return nil }
