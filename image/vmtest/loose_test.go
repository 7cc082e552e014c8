//go:build vm

package vmtest

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"streambox.local/image/boxtest"
	"streambox.local/image/vm"
)

// looseContact plugs and pulls: two times out of three for a part of a second, each time another one, so that the pull
// meets the kernel, udev, the unit and the mount at work; and every third time for as long as it takes until the stick is
// mounted and a little more, so that it meets the scan, thumbnails and a stick that is in use. The USB port's
// authorization is the hand.
const looseContact = `set -e
	port=$(ls -d /sys/bus/usb/devices/*/*/host*/target*/*/block/sd* | sed 's|^\(/sys/bus/usb/devices/[^/]*\)/.*|\1|')
	cd "$port"
	mounted() { grep -q ' /media/streambox/' /proc/self/mountinfo; }
	n=0
	while [ "$n" -lt 60 ]; do
		echo 0 >authorized
		sleep "0.$((n * 3 % 4))"
		echo 1 >authorized
		if [ "$((n % 3))" -eq 2 ]; then
			tries=0
			until mounted; do
				tries=$((tries + 1))
				[ "$tries" -lt 600 ] || exit 1
				sleep 0.1
			done
		fi
		sleep "0.$((n * 7 % 10))"
		n=$((n + 1))
	done
	echo "$n"`

// looseMounts is how many of its plugs come as far as a mount of their own, at least: a wait may be ended by the mount that
// is just going.
const looseMounts = 12

// held is what a service may leak.
type held struct{ goroutines, descriptors int }

// holds asks for it, when nothing is plugged and what a pull has left behind has ended: the least of some looks. (The
// service has a capability and so may not count its own descriptors: /metrics tells none.)
func (s *scenario) holds(t *testing.T) held {
	t.Helper()
	least := held{1 << 30, 1 << 30}
	for range 12 {
		status, body, err := s.Phone.Get(boxtest.Within(t, boxtest.StepWait), "/metrics")
		if err != nil || status != 200 {
			t.Fatalf("/metrics: status %d, %v", status, err)
		}
		found := regexp.MustCompile(`(?m)^go_goroutines (\d+)$`).FindSubmatch(body)
		if found == nil {
			t.Fatal("/metrics does not tell how many goroutines there are")
		}
		goroutines, err := strconv.Atoi(string(found[1]))
		boxtest.Must(t, err)
		descriptors, err := strconv.Atoi(s.Sh(t, `ls "/proc/$(systemctl show --value -p MainPID streambox)/fd" | wc -l`))
		boxtest.Must(t, err)
		least = held{min(least.goroutines, goroutines), min(least.descriptors, descriptors)}
		boxtest.Hold(t, 250*time.Millisecond)
	}
	return least
}

// loose: a stick with a loose contact. What is told in the end is right, and nothing is left behind.
func (s *scenario) loose(t *testing.T) {
	t.Helper()
	before, serving := s.holds(t), s.Sh(t, whichServe)
	failed := s.Sh(t, `systemctl list-units --failed --plain --no-legend | cut -d ' ' -f 1`)
	boxtest.Must(t, s.Plug(boxtest.Within(t, boxtest.StepWait), vm.Stick{ID: "fat", Image: s.image("fat")}))
	s.Phone.UntilPlayable(t, "H264 AAC", "H264 MP3", "segments")
	// A second's wait of the driver, for slow disks, would leave only plugs that are none.
	s.Sh(t, "echo 0 >/sys/module/usb_storage/parameters/delay_use")
	mounted := strings.Count(s.unitLog(t), "Stick mounted")
	began := time.Now()
	cycles, err := s.Shell.Run(boxtest.Within(t, 6*boxtest.StepWait), looseContact)
	boxtest.Must(t, err)
	lasted := time.Since(began).Round(time.Second)
	// The last plug is seen when udev has come to its end, and the units of the lives before have stopped.
	_, err = s.Shell.Run(boxtest.Within(t, 5*boxtest.StepWait), "udevadm settle --timeout=540")
	boxtest.Must(t, err)
	boxtest.Until(t, 2*boxtest.StepWait, "the stick is read", func() (bool, any) {
		b := s.Phone.Box(t)
		return len(b.Sticks) == 1 && b.Sticks[0].State == "ready" && b.Sticks[0].Titles == s.Titles, b.Sticks
	})
	now := s.Phone.UntilPlayable(t, "H264 AAC", "H264 MP3", "segments")
	for name, one := range s.First {
		if now[name].ID != one.ID {
			t.Errorf("%q was %s and is %s", name, one.ID, now[name].ID)
		}
	}
	mounts := strings.Count(s.unitLog(t), "Stick mounted") - mounted
	s.Note("%s plugs and pulls in %v, %d of them mounted", cycles, lasted, mounts)
	if mounts < looseMounts {
		t.Errorf("%d mounts: the pulls met nothing that is mounted", mounts)
	}
	s.MountedReadOnly(t)
	boxtest.Must(t, s.Pull(boxtest.Within(t, boxtest.StepWait), "fat"))
	s.UntilGone(t)
	boxtest.Until(t, boxtest.StepWait, "its units, mounts, folders and notes are gone", func() (bool, any) {
		out := s.Sh(t, leftOver+`; grep ' /media/streambox/' /proc/self/mountinfo
			ls -A /media/streambox /run/streambox/sticks | grep -v : || true`)
		return strings.TrimSpace(out) == "", out
	})
	if after := s.Sh(t, `systemctl list-units --failed --plain --no-legend | cut -d ' ' -f 1`); after != failed {
		t.Errorf("failed units: %q before, %q after", failed, after)
	}
	if after := s.Sh(t, whichServe); after != serving {
		t.Errorf("the service was %q and is %q", serving, after)
	}
	after := s.holds(t)
	s.Note("before: %+v, after: %+v", before, after)
	const aside = 3 // connections of this phone, which may be idle or not
	if after.goroutines > before.goroutines+2*aside || after.descriptors > before.descriptors+aside {
		t.Errorf("grown: %+v, then %+v", before, after)
	}
}

// unitLog is what the sticks' units have said since this boot.
func (s *scenario) unitLog(t *testing.T) string {
	t.Helper()
	return s.Sh(t, "journalctl -b -o cat --no-pager -u 'streambox-media@*' | grep 'Stick mounted' || true")
}
