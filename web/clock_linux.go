package web

import "golang.org/x/sys/unix"

// clockIsSet asks the kernel whether somebody (NTP) has set the clock and it
// trusts it. Where the call is refused (some containers) the machine is none of
// ours without a clock, so its time is believed.
//
// Package report asks the same for `doctor`, where a refusal is an error to be
// told. The few lines stand twice, because report imports nothing of the program
// and web only the library: either can be used without the other.
func clockIsSet() bool {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	return err != nil || synchronized(state, t.Status)
}

// synchronized reads adjtimex's answer. TIME_ERROR says more than STA_UNSYNC
// (a pulse that was asked for and is missing, a broken clock); both are asked,
// since old kernels and emulations of the call set one alone.
func synchronized(state int, status int32) bool {
	return state != unix.TIME_ERROR && status&unix.STA_UNSYNC == 0
}
