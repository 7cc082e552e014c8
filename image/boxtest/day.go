package boxtest

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"streambox.local/image/vm"
)

// Day is a day of the box with one stick: what its steps share.
type Day struct {
	*Guest
	Phone  *Phone
	Stick  string           // image of the stick "KINO" with the three films, at least
	Titles int              // how many films it has
	First  map[string]Title // as the stick gave them the first time
	// Note keeps a figure or a sentence for a person to read.
	Note func(format string, values ...any)
}

// PageAnswers looks whether the page is there, and waits until the box is ready.
func (d *Day) PageAnswers(t *testing.T) {
	t.Helper()
	status, body, err := d.Phone.Get(Within(t, StepWait), "/")
	if err != nil || status != 200 || !strings.Contains(string(body), "<html") {
		t.Fatalf("status %d, %v: %.200s", status, err, body)
	}
	Until(t, StepWait, "the box is ready", func() (bool, any) {
		b := d.Phone.Box(t)
		return b.State == "ready", b
	})
}

// StickIn plugs the stick, and waits until its films can be played.
func (d *Day) StickIn(t *testing.T) {
	t.Helper()
	Must(t, d.Plug(Within(t, StepWait), vm.Stick{ID: "fat", Image: d.Stick}))
	d.First = d.Phone.UntilPlayable(t, "H264 AAC", "H264 MP3", "segments")
	b := d.Phone.Box(t)
	if len(b.Sticks) != 1 || b.Sticks[0].Label != "KINO" || b.Sticks[0].FileSystem != "vfat" || b.Sticks[0].State != "ready" || b.Sticks[0].Titles != d.Titles {
		t.Errorf("the box says of the stick: %+v", b.Sticks)
	}
	d.MountedReadOnly(t)
}

// MountedReadOnly holds the mounts below /media/streambox against decision 7.
func (d *Day) MountedReadOnly(t *testing.T) {
	t.Helper()
	out := d.Sh(t, "grep ' /media/streambox/' /proc/self/mountinfo")
	for line := range strings.Lines(out) {
		const optionsField = 5 // proc_pid_mountinfo(5)
		options := strings.Split(strings.Fields(line)[optionsField], ",")
		for _, wanted := range []string{"ro", "nosuid", "nodev", "noexec"} {
			if !slices.Contains(options, wanted) {
				t.Errorf("%s is missing: %s", wanted, line)
			}
		}
	}
}

// SegmentPlays asks for a segment, which must be picture and sound to ffprobe.
func (d *Day) SegmentPlays(t *testing.T) {
	t.Helper()
	names := d.Phone.Segments(t, d.First["H264 AAC"])
	status, body, err := d.Phone.Get(Within(t, StepWait), names[1])
	if err != nil || status != 200 {
		t.Fatalf("%s: status %d, %v: %.200s", names[1], status, err, body)
	}
	if got := Probe(t, body); got != "aac,h264" {
		t.Errorf("the second segment holds %q", got)
	}
}

// Button presses as people do: the LED answers while the finger is still on it,
// and when it is gone the sticks are read again.
func (d *Day) Button(t *testing.T) {
	t.Helper()
	Until(t, 2*StepWait, "the LED is steadily on, as for a box that is ready", func() (bool, any) {
		before := d.GPIO.Now()
		Hold(t, 1500*time.Millisecond)
		return d.GPIO.High(LEDLine) && d.GPIO.Now() == before, d.Phone.Box(t).State
	})
	rescans := strings.Count(d.Log(t), rescanLine)
	before := d.GPIO.Now()
	pressed := time.Now()
	Must(t, d.GPIO.Set(Within(t, StepWait), ButtonLine, false))
	edge, _, err := d.GPIO.Edge(Within(t, StepWait), LEDLine, before)
	Must(t, err)
	d.Note("press → LED: %v (emulated)", edge.At.Sub(pressed).Round(time.Millisecond))
	if edge.High {
		t.Error("the LED was on and has not gone off")
	}
	Must(t, d.GPIO.Set(Within(t, StepWait), ButtonLine, true))
	Until(t, StepWait, "the log tells of a rescan", func() (bool, any) {
		return strings.Count(d.Log(t), rescanLine) > rescans, rescans
	})
	d.Note("press, held for as long as that took → rescan in the log: %v (emulated, asked every 250 ms)", time.Since(pressed).Round(time.Millisecond))
	d.Phone.UntilPlayable(t, "H264 AAC", "H264 MP3", "segments")
}

// rescanLine is what the service logs when it has read a stick.
const rescanLine = "Stick scanned"

// PulledInMidPlay pulls a stick that is read: it is slow, so that a large segment, which nobody has
// read before, is being read when it is pulled.
func (d *Day) PulledInMidPlay(t *testing.T) {
	t.Helper()
	defer func() {
		if t.Failed() { // the next steps shall find it pulled
			_ = d.Pull(Within(t, StepWait), "fat")
		}
	}()
	Must(t, d.Pull(Within(t, StepWait), "fat"))
	d.UntilGone(t)
	Must(t, d.Plug(Within(t, StepWait), vm.Stick{ID: "fat", Image: d.Stick, BytesPerSecond: 200_000}))
	d.Phone.UntilPlayable(t, "H264 AAC", "H264 MP3", "segments")
	names := d.Phone.Segments(t, d.First["segments"])
	before := d.Sh(t, "systemctl show -p MainPID -p NRestarts streambox")
	d.Sh(t, "echo 3 > /proc/sys/vm/drop_caches")
	const someSectors = 400 // 200 KB of 2.6 MB, after one second of thirteen
	read := d.sectorsRead(t)

	type answer struct {
		status int
		body   []byte
		err    error
	}
	answers := make(chan answer, 1)
	ctx := Within(t, 3*StepWait)
	go func() {
		status, body, err := d.Phone.Get(ctx, names[len(names)/2])
		answers <- answer{status, body, err}
	}()
	Until(t, StepWait, "the film is being read", func() (bool, any) {
		now := d.sectorsRead(t)
		return now > read+someSectors, now
	})
	select {
	case a := <-answers:
		t.Fatalf("the segment came before the stick was pulled: status %d, %d bytes, %v", a.status, len(a.body), a.err)
	default:
	}
	pulled := time.Now()
	Must(t, d.Pull(Within(t, StepWait), "fat"))
	a := <-answers
	d.Note("pull → the viewer is told: %v", time.Since(pulled).Round(time.Millisecond))
	var said struct{ Error, Code string }
	if err := errors.Join(a.err, json.Unmarshal(a.body, &said)); err != nil || a.status != 503 || (said.Code != "cannot_read" && said.Code != "unplugged") || said.Error == "" || strings.Contains(said.Error, "/") {
		t.Errorf("the viewer is told: status %d, %v, %.300s", a.status, err, a.body)
	}
	d.Note("the viewer is told: %q (%s)", said.Error, said.Code)
	d.UntilGone(t)
	status, body, err := d.Phone.Get(Within(t, StepWait), "/healthz")
	if err != nil || status != 200 {
		t.Errorf("the box is not well: status %d, %v, %s", status, err, body)
	}
	if after := d.Sh(t, "systemctl show -p MainPID -p NRestarts streambox"); after != before {
		t.Errorf("the service was %q and is %q", before, after)
	}
	if mounts := d.Sh(t, "grep -c ' /media/streambox/' /proc/self/mountinfo || true"); mounts != "0" {
		t.Errorf("%s mounts are left behind", mounts)
	}
}

// sectorsRead is how much the guest has read of the stick, in sectors of 512 bytes.
func (d *Day) sectorsRead(t *testing.T) int {
	t.Helper()
	columns := strings.Fields(d.Sh(t, `cat /sys/bus/usb/devices/*/*/host*/target*/*/block/sd*/stat`))
	const sectorsColumn = 2 // Documentation/admin-guide/iostats: of a disk's stat, from 0
	n, err := strconv.Atoi(columns[sectorsColumn])
	Must(t, err)
	return n
}

// UntilGone waits until the page knows that no stick is in.
func (d *Day) UntilGone(t *testing.T) {
	t.Helper()
	Until(t, StepWait, "the box knows that the stick is gone", func() (bool, any) {
		titles, err := d.Phone.Titles()
		if err != nil {
			return false, err
		}
		for _, one := range titles {
			if one.State != "unplugged" {
				return false, titles
			}
		}
		return len(d.Phone.Box(t).Sticks) == 0, titles
	})
}
