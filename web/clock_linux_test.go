package web

import (
	"testing"
	"time"

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

func TestAClockOfWhichTheKernelSaysNothing(t *testing.T) {
	t.Parallel()
	now, old := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1970, 1, 1, 0, 1, 0, 0, time.UTC)
	for _, c := range []struct {
		name                    string
		now                     time.Time
		timesyncd, synchronised bool
		want                    bool
	}{
		{"timesyncd has set it", now, true, true, true},
		{"timesyncd waits for the internet", now, true, false, false},
		{"another program looks after it", now, false, false, true},
		{"nobody does, and it begins anew at each start", old, false, false, false},
	} {
		equal(t, c.name, plausible(c.now, c.timesyncd, c.synchronised), c.want)
	}
}
