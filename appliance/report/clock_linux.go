package report

import "golang.org/x/sys/unix"

// clockSet asks the kernel whether somebody keeps its clock right.
func clockSet() (bool, error) {
	var t unix.Timex
	if _, err := unix.Adjtimex(&t); err != nil {
		return false, err
	}
	return t.Status&unix.STA_UNSYNC == 0, nil
}
