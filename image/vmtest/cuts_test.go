//go:build vm

package vmtest

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"streambox.local/image/blklog"
	"streambox.local/image/boxtest"
	"streambox.local/image/vm"
	"streambox.local/transcode/clips"
)

// cutPoints is how many moments are looked at for each thing that the box does.
const cutPoints = 1000

// acknowledged is what the box had said that it keeps, and how much of the
// recording was on the disk by then.
type acknowledged struct {
	entries int
	name    string
}

// cuts is what the steps of TestPowerCuts share.
type cuts struct {
	*scenario
	record    boxtest.Recording
	base      string
	stretches []boxtest.Stretch
	names     []acknowledged
	finished  int // entries when the conversion was said to be finished
}

// TestPowerCuts records what the box writes while it starts for the first time,
// reads a stick, converts a film and is given names, and looks at what a power cut
// would have left at every moment of that.
func TestPowerCuts(t *testing.T) {
	for _, needed := range []string{"qemu-system-aarch64", "ffmpeg", "mkfs.vfat", "mcopy", "mke2fs", "e2fsck", "debugfs", "sfdisk"} {
		boxtest.Need(t, needed)
	}
	c := &cuts{scenario: &scenario{}}
	program := cache(t, "streambox-host")
	boxtest.HostBuild(t, program, "build", "./cmd/streambox")
	c.clips = boxtest.Films(t)
	disk := payload(t, c.clips)
	stick := c.stick(t)

	c.base = cache(t, "cuts-base.img")
	boxtest.Blank(t, c.base, stateMiB)
	boxtest.Tool(t, "mke2fs", "-q", "-F", "-t", "ext4", "-L", "state", "-N", "8192", "-E", "lazy_itable_init=0", c.base)
	state := cache(t, "cuts-state.img")
	boxtest.Tool(t, "cp", "--sparse=always", c.base, state)
	c.record.Path = cache(t, "cuts.log")
	c.Guest = start(t, disk, vm.Disk{Path: state, Format: "raw", Serial: "state", WriteLog: c.record.Path})
	c.record.Guest = c.Guest
	c.boot(t)
	c.Sh(t, "mkdir -p /var/lib/streambox; mount /dev/disk/by-id/virtio-state /var/lib/streambox")

	c.stretch(t, "first start", func() {
		c.install(t)
		c.Sh(t, "systemctl start streambox")
		c.Phone = boxtest.NewPhone(t, c.Guest)
		boxtest.Until(t, 2*boxtest.StepWait, "the page answers", func() (bool, any) {
			status, _, err := c.Phone.Get(boxtest.Within(t, boxtest.StepWait), "/healthz")
			return status == 200, err
		})
	})
	c.stretch(t, "scan", func() {
		boxtest.Must(t, c.Plug(boxtest.Within(t, boxtest.StepWait), vm.Stick{ID: "stick", Image: stick}))
		c.Phone.UntilPlayable(t, "H264 AAC", "H264 MP3")
	})
	c.stretch(t, "conversion", func() {
		boxtest.Until(t, 8*boxtest.StepWait, "the film is converted", func() (bool, any) {
			titles, err := c.Phone.Titles()
			return titles["MPEG-4 MP3"].State == "ready", fmt.Sprint(titles, err)
		})
	})
	c.finished = c.record.Flushed(t)
	c.stretch(t, "settings", func() { c.giveNames(t) })
	c.Cut()

	recording := boxtest.Cuts{
		Log: boxtest.ReadLog(t, c.record.Path), Base: c.base,
		Parts: []blklog.Part{{Name: "state", Bytes: stateMiB * boxtest.Mebibyte}},
		Check: func(dir string, images []string, at blklog.Point) error {
			found, err := boxtest.Whole(program, dir, images[0])
			if err != nil {
				return err
			}
			return c.kept(found, at)
		},
	}
	for _, s := range c.stretches {
		t.Run(s.Name, func(t *testing.T) { t.Log(recording.Run(t, s, cutPoints)) })
	}
}

// stateMiB: 1 GiB stays free on any disk, so there must be more.
const stateMiB = 2048

// stick has two films that play as they are and one that is converted, a short one: the machine is emulated.
func (c *cuts) stick(t *testing.T) string {
	t.Helper()
	const seconds = 9
	dir := cache(t, "cuts-clips")
	var all []clips.Clip
	for _, one := range clips.Set("twelve", seconds) {
		if one.FileName == "MPEG-4 MP3.avi" {
			all = append(all, one)
		}
	}
	boxtest.Must(t, clips.Write(dir, all, func(missing []clips.Clip) error { return clips.MakeAll(t.Context(), dir, missing, nil) }))
	image := cache(t, "cuts-stick.img")
	boxtest.FATStickOf(t, image, filepath.Join(c.clips, boxtest.SmallFilm), filepath.Join(c.clips, boxtest.OtherFilm), filepath.Join(dir, all[0].FileName))
	return image
}

// stretch notes which entries of the recording something has made.
func (c *cuts) stretch(t *testing.T, name string, do func()) {
	t.Helper()
	from, began := c.record.Entries(t), time.Now()
	do()
	c.stretches = append(c.stretches, boxtest.Stretch{Name: name, From: from, To: c.record.Entries(t)})
	t.Logf("%s: %v, entries %d to %d", name, time.Since(began).Round(time.Second), from, c.record.Flushed(t))
}

// giveNames is a host who cannot decide, and a viewer who goes on.
func (c *cuts) giveNames(t *testing.T) {
	t.Helper()
	c.Press(t, 400*time.Millisecond)
	boxtest.Hold(t, 2*time.Second)
	c.Phone.Send(t, "POST", "/api/v1/host", "")
	titles, err := c.Phone.Titles()
	boxtest.Must(t, err)
	for n := range 12 {
		name := fmt.Sprintf("cinema-%d", n)
		c.Phone.Send(t, "PUT", "/api/v1/settings", `{"name":"`+name+`"}`)
		c.names = append(c.names, acknowledged{c.record.Flushed(t), name})
		c.Phone.Send(t, "PUT", "/api/v1/resume/"+titles["H264 AAC"].ID, fmt.Sprintf(`{"seconds":%d}`, n))
	}
	boxtest.Hold(t, 6*time.Second) // resume points are written every 5 s
}

// kept holds what is found against what the box had promised.
func (c *cuts) kept(found boxtest.State, at blklog.Point) error {
	had := -1
	for n, a := range c.names {
		if at.Durable >= a.entries {
			had = n
		}
	}
	if had >= 0 {
		now := -1
		for n, a := range c.names {
			if a.name == found.ChosenName {
				now = n
			}
		}
		if now < had {
			return fmt.Errorf("the box is called %q; %q had been acknowledged", found.ChosenName, c.names[had].name)
		}
	}
	if c.finished > 0 && at.Durable >= c.finished && found.Finished != 1 {
		return fmt.Errorf("the finished conversion is lost: %+v", found)
	}
	return nil
}
