//go:build vm

package vmtest

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"streambox.local/image/boxtest"
	"streambox.local/image/vm"
)

// button presses as people do: the LED answers while the finger is still on it,
// and when it is gone the sticks are read again.
func (s *scenario) button(t *testing.T) {
	t.Helper()
	boxtest.Until(t, 2*boxtest.StepWait, "the LED is steadily on, as for a box that is ready", func() (bool, any) {
		before := s.GPIO.Now()
		boxtest.Hold(t, 1500*time.Millisecond)
		return s.GPIO.High(boxtest.LEDLine) && s.GPIO.Now() == before, s.phone.Box(t).State
	})
	rescans := strings.Count(s.Log(t), rescanLine)
	before := s.GPIO.Now()
	pressed := time.Now()
	boxtest.Must(t, s.GPIO.Set(boxtest.Within(t, boxtest.StepWait), boxtest.ButtonLine, false))
	edge, _, err := s.GPIO.Edge(boxtest.Within(t, boxtest.StepWait), boxtest.LEDLine, before)
	boxtest.Must(t, err)
	s.note("press → LED: %v (emulated)", edge.At.Sub(pressed).Round(time.Millisecond))
	if edge.High {
		t.Error("the LED was on and has not gone off")
	}
	boxtest.Must(t, s.GPIO.Set(boxtest.Within(t, boxtest.StepWait), boxtest.ButtonLine, true))
	boxtest.Until(t, boxtest.StepWait, "the log tells of a rescan", func() (bool, any) {
		return strings.Count(s.Log(t), rescanLine) > rescans, rescans
	})
	s.note("press, held for as long as that took → rescan in the log: %v (emulated, asked every 250 ms)", time.Since(pressed).Round(time.Millisecond))
	s.phone.UntilPlayable(t, "H264 AAC", "H264 MP3", "segments")
}

// rescanLine is what the service logs when it has read a stick.
const rescanLine = "Stick scanned"

// pulledInMidPlay: the stick is slow, so that a large segment, which nobody has
// read before, is being read when it is pulled.
func (s *scenario) pulledInMidPlay(t *testing.T) {
	t.Helper()
	defer func() {
		if t.Failed() { // the next steps shall find it pulled
			_ = s.Pull(boxtest.Within(t, boxtest.StepWait), "fat")
		}
	}()
	boxtest.Must(t, s.Pull(boxtest.Within(t, boxtest.StepWait), "fat"))
	s.untilGone(t)
	boxtest.Must(t, s.Plug(boxtest.Within(t, boxtest.StepWait), vm.Stick{ID: "fat", Image: s.image("fat"), BytesPerSecond: 200_000}))
	s.phone.UntilPlayable(t, "H264 AAC", "H264 MP3", "segments")
	names := s.phone.Segments(t, s.first["segments"])
	before := s.Sh(t, "systemctl show -p MainPID -p NRestarts streambox")
	s.Sh(t, "echo 3 > /proc/sys/vm/drop_caches")
	const someSectors = 400 // 200 KB of 2.6 MB, after one second of thirteen
	read := s.sectorsRead(t)

	type answer struct {
		status int
		body   []byte
		err    error
	}
	answers := make(chan answer, 1)
	ctx := boxtest.Within(t, 3*boxtest.StepWait)
	go func() {
		status, body, err := s.phone.Get(ctx, names[len(names)/2])
		answers <- answer{status, body, err}
	}()
	boxtest.Until(t, boxtest.StepWait, "the film is being read", func() (bool, any) {
		now := s.sectorsRead(t)
		return now > read+someSectors, now
	})
	select {
	case a := <-answers:
		t.Fatalf("the segment came before the stick was pulled: status %d, %d bytes, %v", a.status, len(a.body), a.err)
	default:
	}
	pulled := time.Now()
	boxtest.Must(t, s.Pull(boxtest.Within(t, boxtest.StepWait), "fat"))
	a := <-answers
	s.note("pull → the viewer is told: %v", time.Since(pulled).Round(time.Millisecond))
	var said struct{ Error, Code string }
	if err := errors.Join(a.err, json.Unmarshal(a.body, &said)); err != nil || a.status != 503 || said.Error == "" || said.Code == "" || strings.Contains(said.Error, "/") {
		t.Errorf("the viewer is told: status %d, %v, %.300s", a.status, err, a.body)
	}
	s.note("the viewer is told: %q (%s)", said.Error, said.Code)
	s.untilGone(t)
	status, body, err := s.phone.Get(boxtest.Within(t, boxtest.StepWait), "/healthz")
	if err != nil || status != 200 {
		t.Errorf("the box is not well: status %d, %v, %s", status, err, body)
	}
	if after := s.Sh(t, "systemctl show -p MainPID -p NRestarts streambox"); after != before {
		t.Errorf("the service was %q and is %q", before, after)
	}
	if mounts := s.Sh(t, "grep -c ' /media/streambox/' /proc/self/mountinfo || true"); mounts != "0" {
		t.Errorf("%s mounts are left behind", mounts)
	}
}

// sectorsRead is how much the guest has read of the stick, in sectors of 512 bytes.
func (s *scenario) sectorsRead(t *testing.T) int {
	t.Helper()
	columns := strings.Fields(s.Sh(t, `cat /sys/bus/usb/devices/*/*/host*/target*/*/block/sd*/stat`))
	const sectorsColumn = 2 // Documentation/admin-guide/iostats: of a disk's stat, from 0
	n, err := strconv.Atoi(columns[sectorsColumn])
	boxtest.Must(t, err)
	return n
}

// untilGone waits until the page knows that no stick is in.
func (s *scenario) untilGone(t *testing.T) {
	t.Helper()
	boxtest.Until(t, boxtest.StepWait, "the box knows that the stick is gone", func() (bool, any) {
		titles, err := s.phone.Titles()
		if err != nil {
			return false, err
		}
		for _, one := range titles {
			if one.State != "unplugged" {
				return false, titles
			}
		}
		return len(s.phone.Box(t).Sticks) == 0, titles
	})
}

// putBack: the same films have the same ids, and play.
func (s *scenario) putBack(t *testing.T) {
	t.Helper()
	boxtest.Must(t, s.Plug(boxtest.Within(t, boxtest.StepWait), vm.Stick{ID: "fat", Image: s.image("fat")}))
	now := s.phone.UntilPlayable(t, "H264 AAC", "H264 MP3", "segments")
	for name, one := range s.first {
		if now[name].ID != one.ID {
			t.Errorf("%q was %s and is %s", name, one.ID, now[name].ID)
		}
	}
	names := s.phone.Segments(t, now["segments"])
	status, body, err := s.phone.Get(boxtest.Within(t, boxtest.StepWait), names[len(names)/2])
	if err != nil || status != 200 {
		t.Fatalf("the segment that failed: status %d, %v: %.200s", status, err, body)
	}
	if got := boxtest.Probe(t, body); got != "aac,h264" {
		t.Errorf("the segment that failed holds %q", got)
	}
	boxtest.Must(t, s.Pull(boxtest.Within(t, boxtest.StepWait), "fat"))
	s.untilGone(t)
}

// putBackEarly puts the stick back while systemd still ends the unit of its last
// life: it refuses what udev wants of it then, but not what is asked for.
func (s *scenario) putBackEarly(t *testing.T) {
	t.Helper()
	const dropIn = "/run/systemd/system/streambox-media@.service.d"
	s.Sh(t, "mkdir -p "+dropIn+"; printf '[Service]\nExecStopPost=sleep 6\n' > "+dropIn+"/slow.conf; systemctl daemon-reload")
	boxtest.Must(t, s.Plug(boxtest.Within(t, boxtest.StepWait), vm.Stick{ID: "fat", Image: s.image("fat")}))
	s.phone.UntilPlayable(t, "H264 AAC")
	boxtest.Must(t, s.Pull(boxtest.Within(t, boxtest.StepWait), "fat"))
	s.untilGone(t)
	if out := s.Sh(t, "systemctl list-units --all --plain --no-legend 'streambox-media@*'"); !strings.Contains(out, "deactivating") {
		t.Fatalf("the unit should still be stopping: %s", out)
	}
	boxtest.Must(t, s.Plug(boxtest.Within(t, boxtest.StepWait), vm.Stick{ID: "fat", Image: s.image("fat")}))
	s.phone.UntilPlayable(t, "H264 AAC")
	s.note("%s", s.Sh(t, "journalctl -b -o cat --no-pager -u 'streambox-media@*' | tail -n 3"))
	s.Sh(t, "rm -r "+dropIn+"; systemctl daemon-reload")
	boxtest.Must(t, s.Pull(boxtest.Within(t, boxtest.StepWait), "fat"))
	s.untilGone(t)
}

// otherStick is one of another file system.
type otherStick struct{ id, fileSystem, label string }

// plugOther: mounted, listed, played, and not written to.
func (s *scenario) plugOther(t *testing.T, stick otherStick) {
	t.Helper()
	image := s.image(stick.id)
	before := boxtest.Digest(t, image)
	boxtest.Must(t, s.Plug(boxtest.Within(t, boxtest.StepWait), vm.Stick{ID: stick.id, Image: image}))
	titles := s.phone.UntilPlayable(t, "H264 MP3")
	if titles["H264 MP3"].ID != s.first["H264 MP3"].ID {
		t.Error("the same film on another stick is another title")
	}
	b := s.phone.Box(t)
	if len(b.Sticks) != 1 || b.Sticks[0].Label != stick.label || !strings.HasPrefix(b.Sticks[0].FileSystem, stick.fileSystem) {
		t.Errorf("the box says of the stick: %+v", b.Sticks)
	}
	s.mountedReadOnly(t)
	names := s.phone.Segments(t, titles["H264 MP3"])
	if status, body, err := s.phone.Get(boxtest.Within(t, boxtest.StepWait), names[0]); err != nil || status != 200 {
		t.Errorf("its first segment: status %d, %v: %.200s", status, err, body)
	}
	boxtest.Must(t, s.Pull(boxtest.Within(t, boxtest.StepWait), stick.id))
	s.untilGone(t)
	if boxtest.Digest(t, image) != before {
		t.Error("something was written to the stick")
	}
}
