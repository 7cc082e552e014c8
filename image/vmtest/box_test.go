//go:build vm

package vmtest

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"streambox.local/image/boxtest"
	"streambox.local/image/vm"
)

// scenario is a day of the box: what its steps share.
type scenario struct {
	boxtest.Day
	clips  string // the folder with the films
	disk   string // the image with program and suites
	sticks string // the folder with the sticks' images
}

// TestTheBox is the scenario of issue "The box": power on, stick, film, button,
// the stick pulled in mid-play, put back, other file systems, switched off by the button.
func TestTheBox(t *testing.T) {
	for _, needed := range []string{"qemu-system-aarch64", "ffmpeg", "mkfs.vfat", "mcopy", "mkfs.exfat", "mkntfs", "mke2fs", "sfdisk"} {
		boxtest.Need(t, needed)
	}
	diary := boxtest.NewDiary(t, cache(t, "times.txt"))
	s := &scenario{Day: boxtest.Day{Note: diary.Note, Titles: 3}}
	diary.Failed = func(t *testing.T) {
		t.Helper()
		if s.Guest != nil {
			s.KeepEvidence(t)
		}
	}
	step, try := diary.Step, diary.Try

	step("films and machine are made", s.prepare)
	step("program and suites are built for it", s.build)
	s.Guest = start(t, s.disk, dyingDisk(t, s.clips)) // lives longer than a step
	step("the machine boots", s.boot)
	step("sticks are made", s.makeSticks)
	try("the panel keeps its contract on a real chip", s.panelContract)
	step("it is installed", s.install)
	step("power on: READY without a login", s.powerOn)
	step("the page answers", s.PageAnswers)
	try("streambox.local answers on the cable", s.answersByName)
	try("and beside systemd-resolved, whoever came first", s.besideResolved)
	step("stick in: its films can be played", s.StickIn)
	try("a segment is what it says", s.SegmentPlays)
	try("button: the LED answers, the sticks are read again", s.Button)
	try("pulled while a film is read", s.PulledInMidPlay)
	try("put back: the same titles", s.putBack)
	try("put back while its unit still stops", s.putBackEarly)
	for _, one := range []otherStick{{"exfat", "exfat", "Camera"}, {"ntfs", "ntfs", "Urlaub"}, {"ext4", "ext4", "linux"}} {
		try("a stick with "+one.id, func(t *testing.T) {
			t.Helper()
			s.plugOther(t, one)
		})
	}
	try("two sticks with one UUID", s.clones)
	for _, one := range strangers {
		try("a disk of somebody's: "+one.id, func(t *testing.T) {
			t.Helper()
			s.leftAlone(t, one)
		})
	}
	try("a desktop's disk", s.desktops)
	try("a stick whose reads hang", s.dying)
	try("a stick with a loose contact", s.loose)
	try("what reads a film is held by its unit's group", s.workersLimits)
	try("the sticks keep their contract on a real port", s.stickContract)
	step("held: it switches off", s.longPress)
}

func (s *scenario) prepare(t *testing.T) {
	t.Helper()
	s.clips = boxtest.Films(t)
	machineFiles(t)
}

func (s *scenario) build(t *testing.T) {
	t.Helper()
	s.disk = payload(t, s.clips)
}

func (s *scenario) boot(t *testing.T) {
	t.Helper()
	s.Booted(t)
	s.Sh(t, mountPayload)
}

const mountPayload = "mountpoint -q /mnt || mount -o ro /dev/disk/by-id/virtio-payload /mnt"

// makeSticks makes one of each kind.
func (s *scenario) makeSticks(t *testing.T) {
	t.Helper()
	s.sticks = boxtest.Fresh(t, "vm", "sticks")
	s.Stick = s.image("fat")
	boxtest.FATStick(t, s.image("fat"), s.clips)
	boxtest.ExFATStick(t, s.image("exfat"))
	boxtest.NTFSStick(t, s.image("ntfs"), s.clips)
	boxtest.Ext4Stick(t, s.image("ext4"), s.clips)
	boxtest.Must(t, s.Plug(boxtest.Within(t, boxtest.StepWait), vm.Stick{ID: "camera", Image: s.image("exfat")}))
	s.fillExFAT(t)
	boxtest.Must(t, s.Pull(boxtest.Within(t, boxtest.StepWait), "camera"))
	// All of them were pulled without asking the last time; ext4Stick says it of the fourth.
	dirty(t, s.image("fat"), "vfat")
	dirty(t, s.image("exfat"), "exfat")
	dirty(t, s.image("ntfs"), "ntfs")
}

func (s *scenario) image(id string) string { return filepath.Join(s.sticks, id+".img") }

func (s *scenario) powerOn(t *testing.T) {
	t.Helper()
	s.Sh(t, "systemd-run --quiet --on-active=1 systemctl reboot")
	s.Booted(t)
	boxtest.Until(t, 2*boxtest.StepWait, "the unit is active", func() (bool, any) {
		out, err := s.Shell.Run(boxtest.Within(t, boxtest.StepWait), "systemctl is-active streambox; systemctl show -p StatusText -p MainPID -p NRestarts streambox")
		return err == nil && strings.HasPrefix(out, "active\n"), fmt.Sprint(out, err)
	})
	s.Note("%s", s.Sh(t, `systemctl show -p User -p StatusText streambox; systemd-analyze time | head -n 1
		eval $(systemctl show -p ExecMainStartTimestampMonotonic -p ActiveEnterTimestampMonotonic streambox)
		echo "start → READY: $(((ActiveEnterTimestampMonotonic - ExecMainStartTimestampMonotonic) / 1000)) ms (emulated, while the machine boots)"`))
	if strings.Contains(s.Log(t), "The button is down already") {
		t.Error("a button that nobody presses is taken for pressed at boot")
	}
	s.Phone = boxtest.NewPhone(t, s.Guest)
}

// longPress holds the button for 4 s: 3 to 8 s mean "switch off".
func (s *scenario) longPress(t *testing.T) {
	t.Helper()
	s.Press(t, 4*time.Second)
	s.UntilOff(t, 2*boxtest.StepWait)
}

// start switches on the machine that machineFiles has made. It ends with the test.
func start(t *testing.T, payload string, more ...vm.Disk) *boxtest.Guest {
	t.Helper()
	files := machineFiles(t)
	return boxtest.Start(t, t, vm.Config{
		Board: vm.Virt(), Kernel: filepath.Join(files, "vmlinuz"), Initrd: filepath.Join(files, "initrd.img"),
		Append: "root=/dev/vda rw panic=-1 audit=0",
		Disks: append([]vm.Disk{
			{Path: filepath.Join(files, "root.ext4"), Format: "raw", Snapshot: true},
			{Path: payload, Format: "raw", ReadOnly: true, Serial: "payload"},
		}, more...),
		Forward: []int{boxtest.ServicePort}, Shell: true, Cable: true, ReachHost: true,
		Dir: boxtest.Fresh(t, "vm", "last"),
	})
}

// answersByName: who asks on the cable gets the address of the cable, and not
// the one of the other network, which it could not reach.
func (s *scenario) answersByName(t *testing.T) {
	t.Helper()
	if got := boxtest.Resolve(t, s.Guest, "streambox.local"); len(got) != 1 || got[0] != vm.GuestAddress {
		t.Errorf("streambox.local is %v, want %v", got, vm.GuestAddress)
	}
}
