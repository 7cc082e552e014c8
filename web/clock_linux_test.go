package web

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestSynchronized(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		state  int
		status int32
		want   bool
	}{
		{"set by NTP", unix.TIME_OK, unix.STA_PLL, true},
		{"in the second that is inserted", unix.TIME_INS, unix.STA_PLL | unix.STA_INS, true},
		{"never set", unix.TIME_ERROR, unix.STA_UNSYNC, false},
		{"not set, though the state says nothing", unix.TIME_OK, unix.STA_UNSYNC, false},
		{"a clock that is broken", unix.TIME_ERROR, unix.STA_CLOCKERR, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			equal(t, "synchronized", synchronized(c.state, c.status), c.want)
		})
	}
}
