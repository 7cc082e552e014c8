package worker

import "golang.org/x/sys/unix"

const architecture = unix.AUDIT_ARCH_ARM

// Calls of this architecture alone, which have numbers far from all others (the
// kernel's asm/unistd.h). The C library begins with the first.
const (
	armSetTLS     = 0xf0005
	armGetTLS     = 0xf0006
	armCacheFlush = 0xf0002 // of who makes code while it runs, as orc does
)

// ofArchitecture are the forms that calls have where numbers, sizes and times were
// once of 32 bits: the old ones, and those that took their place.
func ofArchitecture() []uint32 {
	return []uint32{
		armSetTLS, armGetTLS, armCacheFlush,
		unix.SYS_MMAP2, unix.SYS__LLSEEK, unix.SYS_FTRUNCATE64, unix.SYS_FCNTL64, unix.SYS_ARM_FADVISE64_64,
		unix.SYS_STAT, unix.SYS_LSTAT, unix.SYS_STAT64, unix.SYS_LSTAT64, unix.SYS_FSTAT64, unix.SYS_FSTATAT64, unix.SYS_STATFS64, unix.SYS_FSTATFS64,
		unix.SYS_ACCESS, unix.SYS_READLINK, unix.SYS_GETDENTS,
		unix.SYS_POLL, unix.SYS__NEWSELECT, unix.SYS_EPOLL_CREATE, unix.SYS_EPOLL_WAIT, unix.SYS_EVENTFD, unix.SYS_PIPE, unix.SYS_DUP2,
		unix.SYS_GETUID32, unix.SYS_GETEUID32, unix.SYS_GETGID32, unix.SYS_GETEGID32, unix.SYS_GETRESUID32, unix.SYS_GETRESGID32, unix.SYS_GETGROUPS32,
		unix.SYS_GETPGRP, unix.SYS_UGETRLIMIT, unix.SYS_PAUSE, unix.SYS_SIGACTION, unix.SYS_SIGPROCMASK, unix.SYS_SIGRETURN,
		unix.SYS_CLOCK_GETTIME64, unix.SYS_CLOCK_GETRES_TIME64, unix.SYS_CLOCK_NANOSLEEP_TIME64, unix.SYS_FUTEX_TIME64,
		unix.SYS_PPOLL_TIME64, unix.SYS_PSELECT6_TIME64, unix.SYS_RT_SIGTIMEDWAIT_TIME64,
		unix.SYS_TIMER_GETTIME64, unix.SYS_TIMER_SETTIME64, unix.SYS_TIMERFD_GETTIME64, unix.SYS_TIMERFD_SETTIME64,
	}
}

func openingOfArchitecture(opening uint32) []rule {
	return []rule{{unix.SYS_OPEN, without(1, opening)}}
}
