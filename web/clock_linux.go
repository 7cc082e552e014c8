package web

import "golang.org/x/sys/unix"

// clockIsSet asks the kernel whether somebody (NTP) has set the clock. Where
// the call is refused (some containers) the machine is none of ours without a
// clock, so its time is believed.
func clockIsSet() bool {
	var t unix.Timex
	if _, err := unix.Adjtimex(&t); err != nil {
		return true
	}
	return t.Status&unix.STA_UNSYNC == 0
}
