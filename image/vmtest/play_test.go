//go:build vm

package vmtest

import (
	"strings"
	"testing"

	"streambox.local/image/boxtest"
	"streambox.local/image/vm"
)

// putBack: the same films have the same ids, and play.
func (s *scenario) putBack(t *testing.T) {
	t.Helper()
	boxtest.Must(t, s.Plug(boxtest.Within(t, boxtest.StepWait), vm.Stick{ID: "fat", Image: s.image("fat")}))
	now := s.Phone.UntilPlayable(t, "H264 AAC", "H264 MP3", "segments")
	for name, one := range s.First {
		if now[name].ID != one.ID {
			t.Errorf("%q was %s and is %s", name, one.ID, now[name].ID)
		}
	}
	names := s.Phone.Segments(t, now["segments"])
	status, body, err := s.Phone.Get(boxtest.Within(t, boxtest.StepWait), names[len(names)/2])
	if err != nil || status != 200 {
		t.Fatalf("the segment that failed: status %d, %v: %.200s", status, err, body)
	}
	if got := boxtest.Probe(t, body); got != "aac,h264" {
		t.Errorf("the segment that failed holds %q", got)
	}
	boxtest.Must(t, s.Pull(boxtest.Within(t, boxtest.StepWait), "fat"))
	s.UntilGone(t)
}

// putBackEarly puts the stick back while systemd still ends the unit of its last
// life: it refuses what udev wants of it then, but not what is asked for.
func (s *scenario) putBackEarly(t *testing.T) {
	t.Helper()
	const dropIn = "/run/systemd/system/streambox-media@.service.d"
	s.Sh(t, "mkdir -p "+dropIn+"; printf '[Service]\nExecStopPost=sleep 6\n' > "+dropIn+"/slow.conf; systemctl daemon-reload")
	boxtest.Must(t, s.Plug(boxtest.Within(t, boxtest.StepWait), vm.Stick{ID: "fat", Image: s.image("fat")}))
	s.Phone.UntilPlayable(t, "H264 AAC")
	boxtest.Must(t, s.Pull(boxtest.Within(t, boxtest.StepWait), "fat"))
	s.UntilGone(t)
	if out := s.Sh(t, "systemctl list-units --all --plain --no-legend 'streambox-media@*'"); !strings.Contains(out, "deactivating") {
		t.Fatalf("the unit should still be stopping: %s", out)
	}
	boxtest.Must(t, s.Plug(boxtest.Within(t, boxtest.StepWait), vm.Stick{ID: "fat", Image: s.image("fat")}))
	s.Phone.UntilPlayable(t, "H264 AAC")
	s.Note("%s", s.Sh(t, "journalctl -b -o cat --no-pager -u 'streambox-media@*' | tail -n 3"))
	s.Sh(t, "rm -r "+dropIn+"; systemctl daemon-reload")
	boxtest.Must(t, s.Pull(boxtest.Within(t, boxtest.StepWait), "fat"))
	s.UntilGone(t)
}

// otherStick is one of another file system.
type otherStick struct{ id, fileSystem, label string }

// plugOther: mounted, listed, played, and not written to.
func (s *scenario) plugOther(t *testing.T, stick otherStick) {
	t.Helper()
	image := s.image(stick.id)
	before := boxtest.Digest(t, image)
	boxtest.Must(t, s.Plug(boxtest.Within(t, boxtest.StepWait), vm.Stick{ID: stick.id, Image: image}))
	titles := s.Phone.UntilPlayable(t, "H264 MP3")
	if titles["H264 MP3"].ID != s.First["H264 MP3"].ID {
		t.Error("the same film on another stick is another title")
	}
	b := s.Phone.Box(t)
	if len(b.Sticks) != 1 || b.Sticks[0].Label != stick.label || !strings.HasPrefix(b.Sticks[0].FileSystem, stick.fileSystem) {
		t.Errorf("the box says of the stick: %+v", b.Sticks)
	}
	s.MountedReadOnly(t)
	names := s.Phone.Segments(t, titles["H264 MP3"])
	if status, body, err := s.Phone.Get(boxtest.Within(t, boxtest.StepWait), names[0]); err != nil || status != 200 {
		t.Errorf("its first segment: status %d, %v: %.200s", status, err, body)
	}
	boxtest.Must(t, s.Pull(boxtest.Within(t, boxtest.StepWait), stick.id))
	s.UntilGone(t)
	if boxtest.Digest(t, image) != before {
		t.Error("something was written to the stick")
	}
}
