package worker

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

func TestWhatStartsNothing(t *testing.T) {
	failed := errors.New("a test's")
	for _, c := range []struct {
		sentence string
		came     confinement
		filters  bool
		starts   bool
	}{
		{"all layers are at work", confinement{}, true, true},
		{"rights are kept", confinement{rights: failed}, true, false},
		{"limits cannot be set", confinement{limits: failed}, true, false},
		{"Landlock fails", confinement{files: failed}, true, false},
		{"a kernel without filters", confinement{calls: unix.EINVAL}, false, true},
		{"a filter that is wrong", confinement{calls: unix.EINVAL}, true, false},
		{"a processor without a list", confinement{calls: errNoFilter}, true, true},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			if err := c.came.err(c.filters); (err == nil) != c.starts {
				t.Errorf("got %v", err)
			}
		})
	}
}
