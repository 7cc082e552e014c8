package worker

import (
	"bytes"
	"errors"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// ownGroup: a process group that can be killed as a whole, and that dies when
// we do, however we die.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

func killGroup(pid int) error { return syscall.Kill(-pid, syscall.SIGKILL) }

// awaitExit returns when the process has ended, and leaves it unreaped: until
// then its number, which is the group's too, is not given to another. False:
// it could not wait.
func awaitExit(pid int) bool {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return err == nil
		}
	}
}

const (
	ioClassShift  = 13
	ioBestEffort  = 2
	ioLowest      = 7
	ioWhoGroup    = 2
	niceness      = 10
	clockTicks    = 100 // of /proc: USER_HZ is 100 on every Linux we run on
	statUserField = 11  // utime, counted after the name; stime follows
)

// yieldToOthers makes a program give way to whoever watches a film. A favour too.
func yieldToOthers(pid int) {
	_ = unix.Setpriority(unix.PRIO_PGRP, pid, niceness)
	_, _, _ = unix.Syscall(unix.SYS_IOPRIO_SET, ioWhoGroup, uintptr(pid), ioBestEffort<<ioClassShift|ioLowest)
}

// cpuTime is what the process has used so far; 0 where that cannot be read.
func cpuTime(pid int) time.Duration {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:]) // the name may contain anything
	if len(fields) <= statUserField+1 {
		return 0
	}
	user, _ := strconv.ParseInt(string(fields[statUserField]), 10, 64)     // 0 when it is no number
	system, _ := strconv.ParseInt(string(fields[statUserField+1]), 10, 64) // the same
	return time.Duration(user+system) * time.Second / clockTicks
}

// deathOf is the signal that ended the process, 0 for none, and the most memory it held.
func deathOf(state *os.ProcessState) (syscall.Signal, int64) {
	var signal syscall.Signal
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		signal = status.Signal()
	}
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return signal, 0
	}
	return signal, int64(usage.Maxrss) * 1024 //nolint:unconvert // 32 bits wide on some machines
}
