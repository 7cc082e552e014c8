package worker

import (
	"testing"

	"golang.org/x/sys/unix"
)

// What Debian 13's ffmpeg and ffprobe for armhf were seen to call (under qemu-user,
// which tells) while they probed, decoded HEVC, made a thumbnail and encoded by
// libx264 and libx265.
func TestWhatFFmpegOfThisArchitectureCalls(t *testing.T) {
	program := assemble(architecture, newestCall, calls(1, false))
	for name, number := range map[string]uint32{
		"_llseek": unix.SYS__LLSEEK, "access": unix.SYS_ACCESS, "brk": unix.SYS_BRK, "clock_gettime64": unix.SYS_CLOCK_GETTIME64, "close": unix.SYS_CLOSE,
		"dup": unix.SYS_DUP, "execve": unix.SYS_EXECVE, "exit": unix.SYS_EXIT, "exit_group": unix.SYS_EXIT_GROUP, "fcntl64": unix.SYS_FCNTL64,
		"futex": unix.SYS_FUTEX, "futex_time64": unix.SYS_FUTEX_TIME64, "getdents64": unix.SYS_GETDENTS64, "getpid": unix.SYS_GETPID,
		"getpriority": unix.SYS_GETPRIORITY, "getrandom": unix.SYS_GETRANDOM, "getrusage": unix.SYS_GETRUSAGE, "ioctl": unix.SYS_IOCTL,
		"madvise": unix.SYS_MADVISE, "mmap2": unix.SYS_MMAP2, "mprotect": unix.SYS_MPROTECT, "munmap": unix.SYS_MUNMAP, "openat": unix.SYS_OPENAT,
		"read": unix.SYS_READ, "rseq": unix.SYS_RSEQ, "rt_sigaction": unix.SYS_RT_SIGACTION, "rt_sigprocmask": unix.SYS_RT_SIGPROCMASK,
		"sched_getaffinity": unix.SYS_SCHED_GETAFFINITY, "set_robust_list": unix.SYS_SET_ROBUST_LIST, "set_tid_address": unix.SYS_SET_TID_ADDRESS,
		"set_tls": armSetTLS, "statfs64": unix.SYS_STATFS64, "statx": unix.SYS_STATX, "ugetrlimit": unix.SYS_UGETRLIMIT, "write": unix.SYS_WRITE,
	} {
		if got := answerTo(t, program, architecture, number, nil); got != uint32(unix.SECCOMP_RET_ALLOW) {
			t.Errorf("%s is answered by %#x", name, got)
		}
	}
}
