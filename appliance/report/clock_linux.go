package report

import "golang.org/x/sys/unix"

// clockSet asks the kernel whether somebody keeps its clock right.
func clockSet() (bool, error) {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	if err != nil {
		return false, err
	}
	return state != unix.TIME_ERROR, nil
}
