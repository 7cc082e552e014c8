//go:build card

package cardtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"streambox.local/image/boxtest"
	"streambox.local/image/vm"
	"streambox.local/transcode/clips"
)

// cardGiB is the size of the card that the image is written to.
const cardGiB = 4

// day is what the steps share.
type day struct {
	boxtest.Day
	card  *card
	films []string // the files on the stick
}

var tools = []string{"qemu-system-aarch64", "ffmpeg", "mkfs.vfat", "mcopy", "sfdisk", "e2fsck", "debugfs"}

// newDay flashes a card and makes the stick.
func newDay(t *testing.T, name string) (*day, *boxtest.Diary) {
	t.Helper()
	whole := t
	for _, needed := range tools {
		boxtest.Need(t, needed)
	}
	diary := boxtest.NewDiary(t, boxtest.Cache(t, "cardtest", name+".txt"))
	d := &day{Day: boxtest.Day{Note: diary.Note}}
	diary.Failed = func(t *testing.T) {
		t.Helper()
		if d.Guest != nil {
			d.KeepEvidence(t)
		}
	}
	diary.Step("the image is written to a card", func(t *testing.T) {
		t.Helper()
		d.card = flash(t, name)
		d.card.whole = whole
	})
	return d, diary
}

// flash writes the image to a card of its own and makes the settings fit this board, on a laptop.
func flash(t *testing.T, name string) *card {
	t.Helper()
	image := boxtest.Cache(t, "card", "debian", "card.img")
	if _, err := os.Stat(image); err != nil {
		boxtest.Absent(t, "the card (make image)")
	}
	dir := boxtest.Fresh(t, "cardtest", name)
	c := &card{path: filepath.Join(dir, "card.img"), dir: dir}
	boxtest.Tool(t, "cp", "--sparse=always", image, c.path)
	boxtest.Must(t, os.Truncate(c.path, cardGiB<<30))
	settings := string(c.read(t, settingsPart, "streambox.toml"))
	c.put(t, settingsPart, "streambox.toml", []byte(settings+"\r\npanel-button = \""+boxtest.ButtonName+"\"\r\npanel-led = \""+boxtest.LEDName+"\"\r\n"))
	return c
}

// makeStick makes the stick: two films that play as they are, a large one, and one
// that is converted, a short one since the machine is emulated.
func (d *day) makeStick(t *testing.T) {
	t.Helper()
	folder := boxtest.Films(t)
	for _, name := range []string{boxtest.SmallFilm, boxtest.OtherFilm, boxtest.LargeFilm} {
		d.films = append(d.films, filepath.Join(folder, name))
	}
	d.films = append(d.films, convertible(t))
	d.Titles = len(d.films)
	d.Stick = filepath.Join(d.card.dir, "stick.img")
	boxtest.FATStickOf(t, d.Stick, d.films...)
}

// convertible is the film that is converted, and convertedName its title.
func convertible(t *testing.T) string {
	t.Helper()
	const seconds = 9
	dir := boxtest.Cache(t, "cardtest-clips")
	boxtest.Must(t, os.MkdirAll(dir, 0o755))
	var all []clips.Clip
	for _, one := range clips.Set("twelve", seconds) {
		if one.FileName == convertedName+".avi" {
			all = append(all, one)
		}
	}
	boxtest.Must(t, clips.Write(dir, all, func(missing []clips.Clip) error { return clips.MakeAll(t.Context(), dir, missing, nil) }))
	return filepath.Join(dir, convertedName+".avi")
}

const convertedName = "MPEG-4 MP3"

// start switches the machine on and waits until the box says READY.
func (d *day) start(t *testing.T, record string) {
	t.Helper()
	began := time.Now()
	d.Guest = d.card.powerOn(t, record)
	d.ready(t)
	d.Note("power on → READY: %.0f s (emulated)", time.Since(began).Seconds())
}

// ready waits until the box, started a moment ago, answers.
func (d *day) ready(t *testing.T) {
	t.Helper()
	d.Phone = boxtest.NewPhone(t, d.Guest)
	boxtest.Until(t, boxtest.BootWait, "the page answers", func() (bool, any) {
		status, body, err := d.Phone.Get(boxtest.Within(t, 20*time.Second), "/healthz")
		return status == 200, fmt.Sprint(string(body), err)
	})
}

// settled: all that starts at boot has started, and nothing has failed.
func (d *day) settled(t *testing.T) {
	t.Helper()
	out, err := d.Shell.Run(boxtest.Within(t, 2*boxtest.StepWait), `systemctl is-system-running --wait; systemctl --failed --no-legend --plain`)
	if err != nil || strings.TrimSpace(out) != "running" {
		t.Errorf("the system is %s (%v)", out, err)
	}
	d.Note("%s", d.Sh(t, `systemctl show -p User -p StatusText streambox; systemd-analyze time | head -n 1
		df -h /state /var/lib/streambox/library | tail -n 2; free -m | head -n 2; ls /run/streambox-card`))
}

// readOnly: nothing but the two partitions for it is written.
func (d *day) readOnly(t *testing.T) {
	t.Helper()
	out := d.Sh(t, `findmnt -rn -o TARGET,FSTYPE,OPTIONS -t squashfs,ext4,vfat; touch /usr/proof 2>&1 || true; swapon --show --noheadings`)
	for _, wanted := range []string{"/ squashfs ro,", "/state ext4 rw,", "/var/lib/streambox/library ext4 rw,", "/boot/streambox vfat ro,", "Read-only file system"} {
		if !strings.Contains(out, wanted) {
			t.Errorf("%q is missing in\n%s", wanted, out)
		}
	}
}

// answersByName: a phone on the cable finds the box by its name, and the box itself does.
func (d *day) answersByName(t *testing.T) {
	t.Helper()
	// The cable has no DHCP server: the machine gets its address by hand.
	d.Sh(t, `dev=$(for n in /sys/class/net/*; do grep -qi 52:54:00:12:34:57 $n/address && basename $n; done)
		mkdir -p /run/systemd/network
		printf '[Match]\nName=%s\n[Network]\nAddress=`+vm.GuestAddress.String()+`/24\nLinkLocalAddressing=no\n' $dev > /run/systemd/network/05-test.network
		networkctl reload && networkctl reconfigure $dev`)
	if got := boxtest.Resolve(t, d.Guest, "streambox.local"); len(got) != 1 || got[0] != vm.GuestAddress {
		t.Errorf("streambox.local is %v, want %v", got, vm.GuestAddress)
	}
}

// plays: a real browser on the host plays a film of the stick.
func (d *day) plays(t *testing.T) {
	t.Helper()
	boxtest.Need(t, "node")
	at, err := d.Forwarded(boxtest.Within(t, boxtest.StepWait), boxtest.ServicePort)
	boxtest.Must(t, err)
	c := exec.CommandContext(boxtest.Within(t, 3*boxtest.StepWait), "node", "play.mjs", "http://"+at, d.First["H264 AAC"].ID)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	d.Note("%s", out)
}

// converted waits until the film that no browser plays is prepared, and looks into it.
func (d *day) converted(t *testing.T) {
	t.Helper()
	var film boxtest.Title
	boxtest.Until(t, 8*boxtest.StepWait, "the film is converted", func() (bool, any) {
		titles, err := d.Phone.Titles()
		film = titles[convertedName]
		return film.State == "ready", fmt.Sprint(film, err)
	})
	names := d.Phone.Segments(t, film)
	status, body, err := d.Phone.Get(boxtest.Within(t, boxtest.StepWait), names[0])
	if err != nil || status != 200 {
		t.Fatalf("%s: status %d, %v: %.200s", names[0], status, err, body)
	}
	if got := boxtest.Probe(t, body); got != "aac,h264" {
		t.Errorf("its first segment holds %q", got)
	}
}

// moreFilms is how many further films a scan finds: what it writes of a handful has fewer moments than are looked at.
const moreFilms = 20

// manyFilms plugs a second stick, with films of which each is another one to the box (a box "free" behind the film
// carries its number), and pulls it when all can be played.
func (d *day) manyFilms(t *testing.T) {
	t.Helper()
	film, err := os.ReadFile(d.films[0])
	boxtest.Must(t, err)
	dir := boxtest.Fresh(t, "cardtest", "more")
	var files, names []string
	for n := range moreFilms {
		name := fmt.Sprintf("Number %d", n)
		names = append(names, name)
		files = append(files, filepath.Join(dir, name+".mp4"))
		free := append([]byte{0, 0, 0, 12, 'f', 'r', 'e', 'e'}, fmt.Sprintf("%04d", n)...)
		boxtest.Must(t, os.WriteFile(files[n], slices.Concat(film, free), 0o600))
	}
	image := filepath.Join(dir, "stick.img")
	boxtest.FATStickOf(t, image, files...)
	boxtest.Must(t, d.Plug(boxtest.Within(t, boxtest.StepWait), vm.Stick{ID: "more", Image: image}))
	d.Phone.UntilPlayable(t, names...)
	boxtest.Must(t, d.Pull(boxtest.Within(t, boxtest.StepWait), "more"))
	boxtest.Until(t, boxtest.StepWait, "the second stick is gone", func() (bool, any) {
		b := d.Phone.Box(t)
		return len(b.Sticks) == 1, b.Sticks
	})
}

// switchedOff holds the button for 4 s: 3 to 8 s mean "switch off".
func (d *day) switchedOff(t *testing.T) {
	t.Helper()
	d.Press(t, 4*time.Second)
	d.UntilOff(t, 2*boxtest.StepWait)
}

// TestSmoke: the card starts, and a title of a stick is played.
func TestSmoke(t *testing.T) {
	d, diary := newDay(t, "smoke")
	diary.Step("the stick is made", d.makeStick)
	diary.Step("first start: READY", func(t *testing.T) {
		t.Helper()
		d.start(t, "")
	})
	diary.Step("the page answers", d.PageAnswers)
	diary.Try("everything has started", d.settled)
	diary.Step("stick in: its films can be played", d.StickIn)
	diary.Step("a segment is what it says", d.SegmentPlays)
	diary.Step("the button held: it switches off", d.switchedOff)
}

// TestCard is a day of the box from its first start on, with all that the card writes
// recorded; then each moment at which the power could have gone is looked at.
func TestCard(t *testing.T) {
	d, diary := newDay(t, "day")
	diary.Step("the stick is made", d.makeStick)
	said := &recorded{base: filepath.Join(d.card.dir, "before.img"), record: boxtest.Recording{Path: filepath.Join(d.card.dir, "writes.log")}}
	boxtest.Tool(t, "cp", "--sparse=always", d.card.path, said.base)

	diary.Step("first start: READY", func(t *testing.T) {
		t.Helper()
		said.stretch(t, "first start", cutPoints, func() {
			d.start(t, said.record.Path)
			said.record.Guest = d.Guest
			d.settled(t)
		})
	})
	diary.Try("only state and library can be written", d.readOnly)
	diary.Step("the page answers", d.PageAnswers)
	diary.Try("streambox.local answers on the cable", d.answersByName)
	diary.Step("stick in: its films can be played", func(t *testing.T) {
		t.Helper()
		said.stretch(t, "stick in", 0, func() { d.StickIn(t) })
	})
	diary.Try("a segment is what it says", d.SegmentPlays)
	diary.Try("a real browser plays a film", d.plays)
	diary.Try("an AVI is converted", func(t *testing.T) {
		t.Helper()
		said.stretch(t, "conversion", cutPoints, func() { d.converted(t) })
		said.finished = said.record.Flushed(t)
	})
	diary.Try("a stick with more films", func(t *testing.T) {
		t.Helper()
		said.stretch(t, "scan", cutPoints, func() { d.manyFilms(t) })
	})
	diary.Try("button: the LED answers, the sticks are read again", d.Button)
	diary.Try("names and places are kept", func(t *testing.T) {
		t.Helper()
		said.stretch(t, "settings", cutPoints, func() { said.names = d.giveNames(t, said.record, 160) })
	})
	diary.Try("pulled while a film is read", d.PulledInMidPlay)
	diary.Step("the button held: it switches off", func(t *testing.T) {
		t.Helper()
		d.switchedOff(t)
		said.rest(t, "places, switching off") // places are written every few minutes, and then
	})
	newChecker(t, d.card, said).lookAt(t, diary)
}
