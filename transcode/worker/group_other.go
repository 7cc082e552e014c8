//go:build unix && !linux

package worker

import (
	"os"
	"syscall"
	"time"
)

// The box is a Linux machine; elsewhere the program can be built and tried.

func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func killGroup(pid int) error { return syscall.Kill(-pid, syscall.SIGKILL) }

func awaitExit(int) bool { return false }

func yieldToOthers(pid int) { _ = syscall.Setpriority(syscall.PRIO_PGRP, pid, 10) }

func cpuTime(int) time.Duration { return 0 }

func deathOf(state *os.ProcessState) (syscall.Signal, int64) {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return status.Signal(), 0
	}
	return 0, 0
}
