//go:build vm

package vmtest

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"streambox.local/image/vm"
)

// need skips or fails without a tool of the host.
func need(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		absent(t, name)
	}
}

// probe says which codecs are in a segment, by the host's ffprobe.
func probe(t *testing.T, segment []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "segment.ts")
	must(t, os.WriteFile(file, segment, 0o600))
	out, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", file).Output()
	must(t, err)
	// Each stream is told twice, as the programme's and as the file's.
	all := strings.Fields(strings.ReplaceAll(string(out), ",", " "))
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ",")
}

// button presses as people do: the LED answers while the finger is still on it,
// and when it is gone the sticks are read again.
func (s *scenario) button(t *testing.T) {
	t.Helper()
	until(t, 2*stepWait, "the LED is steadily on, as for a box that is ready", func() (bool, any) {
		before := s.GPIO.Now()
		hold(t, 1500*time.Millisecond)
		return s.GPIO.High(ledLine) && s.GPIO.Now() == before, s.phone.box(t).State
	})
	rescans := strings.Count(s.log(t), rescanLine)
	before := s.GPIO.Now()
	pressed := time.Now()
	must(t, s.GPIO.Set(within(t, stepWait), buttonLine, false))
	edge, _, err := s.GPIO.Edge(within(t, stepWait), ledLine, before)
	must(t, err)
	s.note("press → LED: %v (emulated)", edge.At.Sub(pressed).Round(time.Millisecond))
	if edge.High {
		t.Error("the LED was on and has not gone off")
	}
	must(t, s.GPIO.Set(within(t, stepWait), buttonLine, true))
	until(t, stepWait, "the log tells of a rescan", func() (bool, any) {
		return strings.Count(s.log(t), rescanLine) > rescans, rescans
	})
	s.note("press, held for as long as that took → rescan in the log: %v (emulated, asked every 250 ms)", time.Since(pressed).Round(time.Millisecond))
	s.phone.untilPlayable(t, "H264 AAC", "H264 MP3", "segments")
}

// rescanLine is what the service logs when it has read a stick.
const rescanLine = "Stick scanned"

// pulledInMidPlay: the stick is slow, so that a large segment, which nobody has
// read before, is being read when it is pulled.
func (s *scenario) pulledInMidPlay(t *testing.T) {
	t.Helper()
	defer func() {
		if t.Failed() { // the next steps shall find it pulled
			_ = s.Pull(within(t, stepWait), "fat")
		}
	}()
	must(t, s.Pull(within(t, stepWait), "fat"))
	s.untilGone(t)
	must(t, s.Plug(within(t, stepWait), vm.Stick{ID: "fat", Image: s.image("fat"), BytesPerSecond: 200_000}))
	s.phone.untilPlayable(t, "H264 AAC", "H264 MP3", "segments")
	names := s.phone.segments(t, s.first["segments"])
	before := s.sh(t, "systemctl show -p MainPID -p NRestarts streambox")
	s.sh(t, "echo 3 > /proc/sys/vm/drop_caches")
	const someSectors = 400 // 200 KB of 2.6 MB, after one second of thirteen
	read := s.sectorsRead(t)

	type answer struct {
		status int
		body   []byte
		err    error
	}
	answers := make(chan answer, 1)
	ctx := within(t, 3*stepWait)
	go func() {
		status, body, err := s.phone.get(ctx, names[len(names)/2])
		answers <- answer{status, body, err}
	}()
	until(t, stepWait, "the film is being read", func() (bool, any) {
		now := s.sectorsRead(t)
		return now > read+someSectors, now
	})
	select {
	case a := <-answers:
		t.Fatalf("the segment came before the stick was pulled: status %d, %d bytes, %v", a.status, len(a.body), a.err)
	default:
	}
	pulled := time.Now()
	must(t, s.Pull(within(t, stepWait), "fat"))
	a := <-answers
	s.note("pull → the viewer is told: %v", time.Since(pulled).Round(time.Millisecond))
	var said struct{ Error, Code string }
	if err := errors.Join(a.err, json.Unmarshal(a.body, &said)); err != nil || a.status != 503 || said.Error == "" || said.Code == "" || strings.Contains(said.Error, "/") {
		t.Errorf("the viewer is told: status %d, %v, %.300s", a.status, err, a.body)
	}
	s.note("the viewer is told: %q (%s)", said.Error, said.Code)
	s.untilGone(t)
	status, body, err := s.phone.get(within(t, stepWait), "/healthz")
	if err != nil || status != 200 {
		t.Errorf("the box is not well: status %d, %v, %s", status, err, body)
	}
	if after := s.sh(t, "systemctl show -p MainPID -p NRestarts streambox"); after != before {
		t.Errorf("the service was %q and is %q", before, after)
	}
	if mounts := s.sh(t, "grep -c ' /media/streambox/' /proc/self/mountinfo || true"); mounts != "0" {
		t.Errorf("%s mounts are left behind", mounts)
	}
}

// sectorsRead is how much the guest has read of the stick, in sectors of 512 bytes.
func (s *scenario) sectorsRead(t *testing.T) int {
	t.Helper()
	columns := strings.Fields(s.sh(t, `cat /sys/bus/usb/devices/*/*/host*/target*/*/block/sd*/stat`))
	const sectorsColumn = 2 // Documentation/admin-guide/iostats: of a disk's stat, from 0
	n, err := strconv.Atoi(columns[sectorsColumn])
	must(t, err)
	return n
}

// untilGone waits until the page knows that no stick is in.
func (s *scenario) untilGone(t *testing.T) {
	t.Helper()
	until(t, stepWait, "the box knows that the stick is gone", func() (bool, any) {
		titles, err := s.phone.titles()
		if err != nil {
			return false, err
		}
		for _, one := range titles {
			if one.State != "unplugged" {
				return false, titles
			}
		}
		return len(s.phone.box(t).Sticks) == 0, titles
	})
}

// putBack: the same films have the same ids, and play.
func (s *scenario) putBack(t *testing.T) {
	t.Helper()
	must(t, s.Plug(within(t, stepWait), vm.Stick{ID: "fat", Image: s.image("fat")}))
	now := s.phone.untilPlayable(t, "H264 AAC", "H264 MP3", "segments")
	for name, one := range s.first {
		if now[name].ID != one.ID {
			t.Errorf("%q was %s and is %s", name, one.ID, now[name].ID)
		}
	}
	names := s.phone.segments(t, now["segments"])
	status, body, err := s.phone.get(within(t, stepWait), names[len(names)/2])
	if err != nil || status != 200 {
		t.Fatalf("the segment that failed: status %d, %v: %.200s", status, err, body)
	}
	if got := probe(t, body); got != "aac,h264" {
		t.Errorf("the segment that failed holds %q", got)
	}
	must(t, s.Pull(within(t, stepWait), "fat"))
	s.untilGone(t)
}

// putBackEarly puts the stick back while systemd still ends the unit of its last
// life: it refuses what udev wants of it then, but not what is asked for.
func (s *scenario) putBackEarly(t *testing.T) {
	t.Helper()
	const dropIn = "/run/systemd/system/streambox-media@.service.d"
	s.sh(t, "mkdir -p "+dropIn+"; printf '[Service]\nExecStopPost=sleep 6\n' > "+dropIn+"/slow.conf; systemctl daemon-reload")
	must(t, s.Plug(within(t, stepWait), vm.Stick{ID: "fat", Image: s.image("fat")}))
	s.phone.untilPlayable(t, "H264 AAC")
	must(t, s.Pull(within(t, stepWait), "fat"))
	s.untilGone(t)
	if out := s.sh(t, "systemctl list-units --all --plain --no-legend 'streambox-media@*'"); !strings.Contains(out, "deactivating") {
		t.Fatalf("the unit should still be stopping: %s", out)
	}
	must(t, s.Plug(within(t, stepWait), vm.Stick{ID: "fat", Image: s.image("fat")}))
	s.phone.untilPlayable(t, "H264 AAC")
	s.note("%s", s.sh(t, "journalctl -b -o cat --no-pager -u 'streambox-media@*' | tail -n 3"))
	s.sh(t, "rm -r "+dropIn+"; systemctl daemon-reload")
	must(t, s.Pull(within(t, stepWait), "fat"))
	s.untilGone(t)
}

// otherStick is one of another file system.
type otherStick struct{ id, fileSystem, label string }

// plugOther: mounted, listed, played, and not written to.
func (s *scenario) plugOther(t *testing.T, stick otherStick) {
	t.Helper()
	image := s.image(stick.id)
	before := digest(t, image)
	must(t, s.Plug(within(t, stepWait), vm.Stick{ID: stick.id, Image: image}))
	titles := s.phone.untilPlayable(t, "H264 MP3")
	if titles["H264 MP3"].ID != s.first["H264 MP3"].ID {
		t.Error("the same film on another stick is another title")
	}
	b := s.phone.box(t)
	if len(b.Sticks) != 1 || b.Sticks[0].Label != stick.label || !strings.HasPrefix(b.Sticks[0].FileSystem, stick.fileSystem) {
		t.Errorf("the box says of the stick: %+v", b.Sticks)
	}
	s.mountedReadOnly(t)
	names := s.phone.segments(t, titles["H264 MP3"])
	if status, body, err := s.phone.get(within(t, stepWait), names[0]); err != nil || status != 200 {
		t.Errorf("its first segment: status %d, %v: %.200s", status, err, body)
	}
	must(t, s.Pull(within(t, stepWait), stick.id))
	s.untilGone(t)
	if digest(t, image) != before {
		t.Error("something was written to the stick")
	}
}
