//go:build vm

package vmtest

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"streambox.local/image/boxtest"
	"streambox.local/image/vm"
)

// dyingDisk is what the dying stick is made of: a disk of the machine's, which is no USB disk.
func dyingDisk(t *testing.T, films string) vm.Disk {
	t.Helper()
	image := cache(t, "dying.img")
	boxtest.Blank(t, image, 128)
	boxtest.Tool(t, "mkfs.vfat", "-F", "32", "-n", "DYING", image)
	boxtest.Tool(t, "mcopy", "-i", image, filepath.Join(films, boxtest.LargeFilm), "::"+boxtest.LargeFilm)
	return vm.Disk{Path: image, Format: "raw", Snapshot: true, Serial: "dying"}
}

// The dying stick is a USB disk of the kernel's own (dummy_hcd, g_mass_storage), whose firmware reads from a device
// that device-mapper can stop: what is asked of it is not answered, and neither is the reset that the kernel's drivers
// try then, as with a stick that is breaking.
const (
	plugDying = `set -e
		disk=$(readlink -f /dev/disk/by-id/virtio-dying)
		echo "0 $(blockdev --getsz "$disk") linear $disk 0" | dmsetup create dying
		modprobe dummy_hcd
		` + firmware
	firmware = `modprobe g_mass_storage file=/dev/mapper/dying removable=1 stall=0`
	hang     = `dmsetup suspend --nolockfs --noflush dying && echo 3 >/proc/sys/vm/drop_caches`
	revive   = `dmsetup resume dying`
	// By a process of its own: whoever hangs in a dying stick, the shell must not.
	pullDying = `systemd-run --quiet --collect sh -c 'echo disconnect >/sys/class/udc/dummy_udc.0/soft_connect'`
	// Not by soft_connect: dummy_hcd then answers nothing (kernel 6.12).
	putBack    = `set -e; modprobe -r g_mass_storage; ` + firmware
	throwAway  = `set -e; modprobe -r g_mass_storage; modprobe -r dummy_hcd; dmsetup remove --retry dying`
	whichServe = "systemctl show -p MainPID -p NRestarts streambox"
	// leftOver are the units of disks that are not there.
	leftOver = `systemctl list-units --all --plain --no-legend 'streambox-media@*' | while read -r unit rest; do
		name=${unit#*@}
		[ -e "/sys/class/block/${name%.service}" ] || echo "$unit $rest"
	done`
)

// dying: a stick whose reads hang while a film on it is watched. The page answers and names it, another stick is served,
// and when it is pulled, whoever waits for it is told; put back and well again, it is read as before.
func (s *scenario) dying(t *testing.T) {
	t.Helper()
	before := s.Sh(t, whichServe)
	s.Sh(t, plugDying)
	names := s.Phone.Segments(t, s.Phone.UntilPlayable(t, "segments")["segments"])
	s.Sh(t, hang)
	ended := make(chan int, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 4*boxtest.StepWait)
	defer cancel()
	began := time.Now()
	go func() {
		status, _, _ := s.Phone.Get(ctx, names[len(names)/2])
		ended <- status
	}()
	s.told(t, "stick_silent")
	s.Note("a stick hangs → the page names it: %v", time.Since(began).Round(time.Millisecond))
	if label := s.Phone.Box(t).Sticks[0].Label; label != "DYING" {
		t.Errorf("it is called %q", label)
	}

	boxtest.Must(t, s.Plug(boxtest.Within(t, boxtest.StepWait), vm.Stick{ID: "fat", Image: s.image("fat")}))
	titles := s.Phone.UntilPlayable(t, "H264 AAC", "H264 MP3", "segments")
	s.Note("a stick hangs → another one is plugged and played: %v", time.Since(began).Round(time.Millisecond))
	others := s.Phone.Segments(t, titles["segments"])
	for _, path := range []string{others[1], others[len(others)-2], "/", "/healthz", "/api/v1/titles"} {
		asked := time.Now()
		if status, body, err := s.Phone.Get(boxtest.Within(t, boxtest.StepWait), path); err != nil || status != 200 {
			t.Errorf("%s, beside a stick that hangs: status %d, %v: %.200s", path, status, err, body)
		}
		s.Note("%s: %v", path, time.Since(asked).Round(time.Millisecond))
	}
	if state := s.Sh(t, "dmsetup info -c --noheadings -o suspended dying"); state != "Suspended" {
		t.Fatalf("the dying stick is %s: this test proves nothing", state)
	}

	pulled := time.Now()
	s.Sh(t, pullDying)
	boxtest.Until(t, boxtest.StepWait, "the dying stick is gone", func() (bool, any) {
		b := s.Phone.Box(t)
		return len(b.Sticks) == 1 && b.Sticks[0].Label == "KINO", b.Sticks
	})
	s.Note("pulled → gone from the page: %v", time.Since(pulled).Round(time.Millisecond))
	select {
	case status := <-ended:
		s.Note("whoever watched it was answered by status %d", status)
	case <-boxtest.Within(t, boxtest.StepWait).Done():
		t.Error("whoever watched it waits yet")
	}
	boxtest.Until(t, boxtest.StepWait, "nothing hangs in it any more", func() (bool, any) {
		out := s.Sh(t, leftOver+"; grep ' /media/streambox/' /proc/self/mountinfo")
		return !strings.Contains(out, "streambox-media@") && strings.Count(out, " /media/streambox/") == 1, out
	})

	boxtest.Must(t, s.Pull(boxtest.Within(t, boxtest.StepWait), "fat"))
	s.UntilGone(t)
	s.Sh(t, revive)
	s.Sh(t, putBack)
	if again := s.Phone.UntilPlayable(t, "segments")["segments"].ID; again != s.First["segments"].ID {
		t.Errorf("its film was %s and is %s", s.First["segments"].ID, again)
	}
	s.Sh(t, throwAway)
	s.UntilGone(t)
	if after := s.Sh(t, whichServe); after != before {
		t.Errorf("the service was %q and is %q", before, after)
	}
}
