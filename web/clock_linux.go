package web

import (
	"time"

	"golang.org/x/sys/unix"
)

// oldestNow is before any moment at which this program runs: a clock that shows
// an earlier one has not been set.
const oldestNow = 1_767_225_600 // 2026-01-01 UTC

// clockIsSet asks the kernel whether somebody (NTP) has set the clock and it
// trusts it. Where the call is refused (some containers, and our own unit, whose
// filter takes all of adjtimex for setting the time) it is asked whether systemd
// has synchronised it, and else whether it shows a time that can be.
//
// Package report asks the same for `doctor`, where a refusal is an error to be
// told. The few lines stand twice, because report imports nothing of the program
// and web only the library: either can be used without the other.
func clockIsSet() bool {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	if err != nil {
		return plausible(time.Now(), exists("/run/systemd/timesync"), exists("/run/systemd/timesync/synchronized"))
	}
	return synchronized(state, t.Status)
}

// plausible judges a clock of which the kernel says nothing. timesyncd leaves a
// file when it has set the clock; with another program, or none, the date decides.
func plausible(now time.Time, timesyncd, synchronised bool) bool {
	if timesyncd {
		return synchronised
	}
	return now.Unix() >= oldestNow
}

func exists(path string) bool {
	var st unix.Stat_t
	return unix.Stat(path, &st) == nil
}

// synchronized reads adjtimex's answer. TIME_ERROR says more than STA_UNSYNC
// (a pulse that was asked for and is missing, a broken clock); both are asked,
// since old kernels and emulations of the call set one alone.
func synchronized(state int, status int32) bool {
	return state != unix.TIME_ERROR && status&unix.STA_UNSYNC == 0
}
