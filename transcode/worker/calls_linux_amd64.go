package worker

import "golang.org/x/sys/unix"

const architecture = unix.AUDIT_ARCH_X86_64

// ofArchitecture are the older forms of calls, which this architecture still has.
func ofArchitecture() []uint32 {
	return []uint32{
		unix.SYS_MMAP, unix.SYS_FADVISE64, unix.SYS_NEWFSTATAT, unix.SYS_STAT, unix.SYS_LSTAT, unix.SYS_ACCESS, unix.SYS_READLINK, unix.SYS_GETDENTS,
		unix.SYS_POLL, unix.SYS_SELECT, unix.SYS_EPOLL_CREATE, unix.SYS_EPOLL_WAIT, unix.SYS_EVENTFD, unix.SYS_PIPE, unix.SYS_DUP2,
		unix.SYS_ARCH_PRCTL, unix.SYS_GETPGRP, unix.SYS_GETRLIMIT, unix.SYS_TIME, unix.SYS_ALARM, unix.SYS_PAUSE, unix.SYS_MAP_SHADOW_STACK,
	}
}

func openingOfArchitecture(opening uint32) []rule {
	return []rule{{unix.SYS_OPEN, without(1, opening)}}
}
