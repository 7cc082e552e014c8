//go:build linux && (amd64 || arm64 || arm)

package worker

import (
	"golang.org/x/sys/unix"
)

// newestCall is the highest number that the lists below were made with.
const newestCall = unix.SYS_MSEAL

// writing are the flags of open by which a file is made or changed.
const writing = unix.O_WRONLY | unix.O_RDWR | unix.O_CREAT | unix.O_TRUNC | unix.O_APPEND | (unix.O_TMPFILE &^ unix.O_DIRECTORY)

// The requests of ioctl that put characters into a terminal, as if typed.
const (
	tiocsti   = 0x5412
	tioclinux = 0x541c
)

// calls are the system calls that ffmpeg may make: reading what is open or may
// be opened, memory, threads, time. Not among them, so refused: every socket
// (one of AF_UNIX would reach the user's session bus, which starts programs),
// new processes, leaving the process group, looking into or signalling another
// process, everything that changes a name, an owner or a right in a file
// system, and what only root may. pid is the program's own number, which
// survives exec; hardware lets it open devices for writing.
func calls(pid uint32, hardware bool) []rule {
	opening := uint32(writing)
	if hardware { // what may be written to is Landlock's or the unit's to say, see stage.mayOpenDevices
		opening &^= unix.O_RDWR
	}
	rules := []rule{
		{unix.SYS_OPENAT, without(2, opening)},
		{unix.SYS_OPENAT2, never()}, // its flags lie in memory; libraries go on with openat
		{unix.SYS_IOCTL, noneOf(1, tiocsti, tioclinux)},

		// A new thread, never a new process. clone3 has its flags in memory; libraries go on with clone.
		{unix.SYS_CLONE, with(0, unix.CLONE_THREAD)},
		{unix.SYS_CLONE3, never()},
		{unix.SYS_TGKILL, oneOf(0, pid)}, // abort, and the runtime of Go
		{unix.SYS_KILL, oneOf(0, pid)},
		{unix.SYS_PRCTL, oneOf(0, unix.PR_SET_NAME, unix.PR_GET_NAME, unix.PR_SET_VMA, unix.PR_GET_DUMPABLE, unix.PR_CAPBSET_READ, unix.PR_SET_THP_DISABLE)},
		{unix.SYS_PRLIMIT64, null(2)}, // limits are read, not set: root could raise them
	}
	for _, number := range append(everywhere(), ofArchitecture()...) {
		rules = append(rules, rule{number: number})
	}
	return append(rules, openingOfArchitecture(opening)...)
}

func everywhere() []uint32 {
	return []uint32{
		// What is open.
		unix.SYS_READ, unix.SYS_READV, unix.SYS_PREAD64, unix.SYS_PREADV, unix.SYS_PREADV2, unix.SYS_LSEEK,
		unix.SYS_WRITE, unix.SYS_WRITEV, unix.SYS_PWRITE64, unix.SYS_PWRITEV, unix.SYS_PWRITEV2, unix.SYS_FTRUNCATE,
		unix.SYS_CLOSE, unix.SYS_CLOSE_RANGE, unix.SYS_DUP, unix.SYS_DUP3, unix.SYS_FCNTL, unix.SYS_READAHEAD, unix.SYS_FLOCK,
		unix.SYS_PPOLL, unix.SYS_PSELECT6, unix.SYS_EPOLL_CREATE1, unix.SYS_EPOLL_CTL, unix.SYS_EPOLL_PWAIT, unix.SYS_EPOLL_PWAIT2,
		unix.SYS_EVENTFD2, unix.SYS_PIPE2, unix.SYS_TIMERFD_CREATE, unix.SYS_TIMERFD_SETTIME, unix.SYS_TIMERFD_GETTIME,
		// What is there.
		unix.SYS_FSTAT, unix.SYS_STATX, unix.SYS_FACCESSAT, unix.SYS_FACCESSAT2, unix.SYS_READLINKAT, unix.SYS_GETDENTS64, unix.SYS_GETCWD,
		unix.SYS_FSTATFS, unix.SYS_STATFS,
		// Memory. Never refuse the policies: libnuma asks for them when libx265 is loaded, and ffmpeg ends there.
		unix.SYS_MUNMAP, unix.SYS_MPROTECT, unix.SYS_MREMAP, unix.SYS_MADVISE, unix.SYS_MINCORE, unix.SYS_BRK, unix.SYS_MSYNC,
		unix.SYS_MEMFD_CREATE, unix.SYS_MSEAL, unix.SYS_SET_MEMPOLICY, unix.SYS_GET_MEMPOLICY, unix.SYS_MBIND, unix.SYS_SET_MEMPOLICY_HOME_NODE,
		unix.SYS_MLOCK, unix.SYS_MUNLOCK,
		// Threads.
		unix.SYS_FUTEX, unix.SYS_FUTEX_WAITV, unix.SYS_FUTEX_WAKE, unix.SYS_FUTEX_WAIT, unix.SYS_FUTEX_REQUEUE,
		unix.SYS_SET_ROBUST_LIST, unix.SYS_GET_ROBUST_LIST, unix.SYS_RSEQ, unix.SYS_MEMBARRIER, unix.SYS_SET_TID_ADDRESS,
		unix.SYS_SCHED_YIELD, unix.SYS_SCHED_GETAFFINITY, unix.SYS_SCHED_SETAFFINITY, unix.SYS_SCHED_GETPARAM, unix.SYS_SCHED_GETSCHEDULER,
		unix.SYS_SCHED_GETATTR, unix.SYS_SCHED_GET_PRIORITY_MAX, unix.SYS_SCHED_GET_PRIORITY_MIN, unix.SYS_GETCPU, unix.SYS_GETPRIORITY,
		// Itself, and its one start.
		unix.SYS_EXECVE, unix.SYS_EXIT, unix.SYS_EXIT_GROUP, unix.SYS_WAIT4, unix.SYS_RESTART_SYSCALL,
		unix.SYS_GETPID, unix.SYS_GETPPID, unix.SYS_GETTID, unix.SYS_GETPGID, unix.SYS_GETSID, unix.SYS_GETUID, unix.SYS_GETEUID, unix.SYS_GETGID,
		unix.SYS_GETEGID, unix.SYS_GETRESUID, unix.SYS_GETRESGID, unix.SYS_GETGROUPS, unix.SYS_GETRUSAGE, unix.SYS_TIMES, unix.SYS_UMASK,
		unix.SYS_UNAME, unix.SYS_SYSINFO, unix.SYS_GETRANDOM, unix.SYS_CAPGET,
		unix.SYS_RT_SIGACTION, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_RT_SIGPENDING, unix.SYS_RT_SIGSUSPEND,
		unix.SYS_RT_SIGTIMEDWAIT, unix.SYS_SIGALTSTACK,
		// Time.
		unix.SYS_CLOCK_GETTIME, unix.SYS_CLOCK_GETRES, unix.SYS_CLOCK_NANOSLEEP, unix.SYS_NANOSLEEP, unix.SYS_GETTIMEOFDAY,
		unix.SYS_GETITIMER, unix.SYS_SETITIMER, unix.SYS_TIMER_CREATE, unix.SYS_TIMER_SETTIME, unix.SYS_TIMER_GETTIME, unix.SYS_TIMER_DELETE,
		unix.SYS_TIMER_GETOVERRUN,
	}
}
