//go:build card

package cardtest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"streambox.local/image/boxtest"
	"streambox.local/image/vm"
)

// updates is what the steps of TestUpdate share.
type updates struct {
	*day
	key   string // file of the private key that the card is told to believe
	built int64  // the card's own build
	dir   string

	keeping recorded // the start in which a new system is tried and kept
	words   []string // what autoboot.txt said before that, and after it
}

// TestUpdate updates the card from sticks: with what it must refuse, with a newer
// system, and with one that is not well.
func TestUpdate(t *testing.T) {
	boxtest.Need(t, "mksquashfs")
	d, diary := newDay(t, "update")
	u := &updates{day: d, dir: d.card.dir}
	diary.Step("keys and a newer system are made", u.make)
	said := &recorded{base: filepath.Join(d.card.dir, "before.img"), record: boxtest.Recording{Path: filepath.Join(d.card.dir, "writes.log")}}

	diary.Step("first start: READY", func(t *testing.T) {
		t.Helper()
		d.start(t, "")
		u.switchOff(t)
		boxtest.Tool(t, "cp", "--sparse=always", d.card.path, said.base)
	})
	diary.Step("second start: READY", func(t *testing.T) {
		t.Helper()
		d.start(t, said.record.Path)
		said.record.Guest = d.Guest
	})
	other := u.keyPair(t, "other")
	for _, bad := range []struct {
		name, code string
		options    []string
		spoil      func(bundle []byte) []byte
	}{
		{"signed by somebody else", "update_unsigned", []string{"-key", other}, nil},
		{"changed", "update_tampered", nil, func(b []byte) []byte { b[len(b)/2] ^= 1; return b }},
		{"cut short", "update_truncated", nil, func(b []byte) []byte { return b[:len(b)/3] }},
		{"older", "update_older", []string{"-build", "1000"}, nil},
		{"for another board", "update_wrong_board", []string{"-board", "raspberrypi,4-model-b"}, nil},
	} {
		diary.Try("refused: "+bad.name, func(t *testing.T) {
			t.Helper()
			u.plug(t, u.bundle(t, "boot.img", bad.options, bad.spoil))
			u.untilSaid(t, bad.code)
			u.unplug(t)
		})
	}
	good := u.bundle(t, "boot.img", nil, nil)
	diary.Try("the stick is pulled while the update is written", func(t *testing.T) {
		t.Helper()
		u.plug(t, good)
		u.untilSaid(t, "update_writing")
		u.unplug(t)
		u.Sh(t, "echo 3 > /proc/sys/vm/drop_caches") // what has been read twice may come from there, and would be written to its end
		u.untilSaid(t, "update_interrupted")
	})
	diary.Step("a newer system is written beside the old one", func(t *testing.T) {
		t.Helper()
		said.stretch(t, "", 0, func() {})
		said.stretch(t, "update", cutPoints, func() {
			u.plug(t, good)
			u.untilSaid(t, "update_waiting")
		})
		said.stretches = said.stretches[1:]
		u.runsFrom(t, "a")
	})
	diary.Step("switched off and on: it is tried, and stays", func(t *testing.T) {
		t.Helper()
		u.unplug(t)
		u.switchOff(t)
		u.keeping = recorded{base: filepath.Join(u.dir, "tried.img"), record: boxtest.Recording{Path: filepath.Join(u.dir, "keeping.log")}}
		u.words = []string{string(u.card.read(t, settingsPart, "autoboot.txt"))}
		u.tried(t, u.keeping.record.Path)
		u.untilSaid(t, "update_done")
		u.keeping.record.Guest = u.Guest
		// A start writes little: however few the moments are, all are looked at. "update" has its thousand.
		u.keeping.stretches = []boxtest.Stretch{{Name: "trying and keeping", To: u.keeping.record.Entries(t)}}
		u.words = append(u.words, string(u.card.read(t, settingsPart, "autoboot.txt")))
		u.runsFrom(t, "b")
		if now := d.card.bootPartition(t); now != 3 {
			t.Errorf("autoboot.txt names partition %d", now)
		}
	})
	diary.Step("an update that is not well", func(t *testing.T) {
		t.Helper()
		u.built++
		u.plug(t, u.bundle(t, u.unhealthy(t), nil, nil))
		u.untilSaid(t, "update_waiting")
		u.switchOff(t)
		u.tried(t, "")
	})
	diary.Step("the old one comes back, and it is not tried again", func(t *testing.T) {
		t.Helper()
		d.card.restarted(t, d.Guest)
		if d.card.once {
			t.Fatal("it asks for another try")
		}
		d.start(t, "")
		u.runsFrom(t, "b")
		u.untilSaid(t, "update_failed")
		u.Sh(t, "rm /run/streambox/update.json") // what is said next is about the stick
		u.plug(t, filepath.Join(u.dir, "update.streambox-update"))
		u.untilSaid(t, "update_failed")
		if out := d.Sh(t, "ls /state/system/update"); strings.Contains(out, "staged") {
			t.Errorf("it is to be tried again: %s", out)
		}
		u.switchOff(t)
	})
	u.lookAt(t, diary, said)
}

// make has the keys and another root, which differs from the card's by its build.
func (u *updates) make(t *testing.T) {
	t.Helper()
	u.key = u.keyPair(t, "test")
	public, err := os.ReadFile(u.key + ".pub")
	boxtest.Must(t, err)
	lines := strings.Split(strings.TrimSpace(string(public)), "\n")
	u.card.units = append(u.card.units, keyUnit(lines[len(lines)-1])) // above it is a remark
	parts := boxtest.Cache(t, "card", "debian", "parts", "root.tar")
	const build = "usr/share/streambox/update/build"
	out, err := exec.CommandContext(t.Context(), "tar", "-x", "-O", "-f", parts, build).Output()
	boxtest.Must(t, err)
	u.built, err = strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	boxtest.Must(t, err)
	u.built++
	tar, newer := filepath.Join(u.dir, "root.tar"), t.TempDir()
	boxtest.Must(t, os.MkdirAll(filepath.Join(newer, filepath.Dir(build)), 0o755))
	boxtest.Must(t, os.WriteFile(filepath.Join(newer, build), fmt.Appendln(nil, u.built), 0o600))
	boxtest.Tool(t, "cp", parts, tar)
	boxtest.Tool(t, "tar", "--delete", "-f", tar, build)
	boxtest.Tool(t, "tar", "--append", "-f", tar, "-C", newer, "--owner=0", "--group=0", "--mode=0644", build)
	in, err := os.Open(tar)
	boxtest.Must(t, err)
	defer in.Close()
	c := exec.CommandContext(t.Context(), "mksquashfs", "-", u.root(), "-tar", "-quiet", "-no-progress", "-comp", "zstd", "-Xcompression-level", "1", "-b", "128K",
		"-root-mode", "0755", "-root-uid", "0", "-root-gid", "0")
	c.Stdin = in
	boxtest.Command(t, c)
	boxtest.Must(t, os.Remove(tar))
}

func (u *updates) root() string { return filepath.Join(u.dir, "root.squashfs") }

func (u *updates) keyPair(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(u.dir, name+".key")
	u.bundler(t, "key", "-out", path)
	return path
}

// bundler runs image/bundle.
func (u *updates) bundler(t *testing.T, args ...string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "go", append([]string{"run", "./image/bundle"}, args...)...)
	c.Dir = boxtest.Repository
	boxtest.Command(t, c)
}

// bundle makes one of a boot image; options replace those of a good one.
func (u *updates) bundle(t *testing.T, boot string, options []string, spoil func([]byte) []byte) string {
	t.Helper()
	if !filepath.IsAbs(boot) {
		boot = boxtest.Cache(t, "card", "debian", boot)
	}
	given := strings.Join(options, " ")
	args := []string{"make", "-boot", boot, "-root", u.root(), "-version", "9.9", "-out", u.dir}
	if !strings.Contains(given, "-key") {
		args = append(args, "-key", u.key)
	}
	if !strings.Contains(given, "-build") {
		args = append(args, "-build", strconv.FormatInt(u.built, 10))
	}
	u.bundler(t, append(args, options...)...)
	made := filepath.Join(u.dir, "update.streambox-update")
	boxtest.Must(t, os.Rename(filepath.Join(u.dir, "streambox_9.9_debian.streambox-update"), made))
	if spoil != nil {
		data, err := os.ReadFile(made)
		boxtest.Must(t, err)
		boxtest.Must(t, os.WriteFile(made, spoil(data), 0o600))
	}
	return made
}

// unhealthy is the boot image of a system whose program never starts.
func (u *updates) unhealthy(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(boxtest.Cache(t, "card", "debian", "boot.img"))
	boxtest.Must(t, err)
	// In its place: the file keeps its size, and the slot's letter stands there once.
	const was, is = "systemd.journald.max_level_console=emerg", "systemd.mask=streambox.service          "
	if bytes.Count(data, []byte(was)) != 1 || len(was) != len(is) {
		t.Fatal("the command line in the boot image is another")
	}
	path := filepath.Join(u.dir, "unhealthy.img")
	boxtest.Must(t, os.WriteFile(path, bytes.Replace(data, []byte(was), []byte(is), 1), 0o600))
	return path
}

func (u *updates) plug(t *testing.T, bundle string) {
	t.Helper()
	image := filepath.Join(u.dir, "stick.img")
	info, err := os.Stat(bundle)
	boxtest.Must(t, err)
	partition := image + ".part"
	const least = 384 // MiB: FAT32 begins at so many clusters
	boxtest.Blank(t, partition, max(least, info.Size()/boxtest.Mebibyte+64))
	boxtest.Tool(t, "mkfs.vfat", "-F", "32", "-s", "8", "-n", "UPDATE", partition)
	boxtest.Tool(t, "mcopy", "-i", partition, bundle, "::")
	boxtest.Partitioned(t, image, "c", partition)
	boxtest.Must(t, u.Plug(boxtest.Within(t, boxtest.StepWait), vm.Stick{ID: "update", Image: image}))
}

func (u *updates) unplug(t *testing.T) {
	t.Helper()
	boxtest.Must(t, u.Pull(boxtest.Within(t, boxtest.StepWait), "update"))
}

// untilSaid waits until the page says something of updates, as a problem or as a note.
func (u *updates) untilSaid(t *testing.T, code string) {
	t.Helper()
	boxtest.Until(t, 6*boxtest.StepWait, "the page says "+code, func() (bool, any) {
		var b boxtest.Box
		err := u.Phone.Ask("/api/v1/box", &b)
		for _, said := range slices.Concat(b.Problems, b.Notes) {
			if said.Code == code {
				return true, nil
			}
		}
		return false, fmt.Sprint(b.Problems, b.Notes, err)
	})
}

func (u *updates) runsFrom(t *testing.T, slot string) {
	t.Helper()
	if out := u.Sh(t, "cat /proc/cmdline"); !strings.Contains(out, "streambox.slot="+slot+" ") {
		t.Errorf("it should run from slot %s: %s", slot, out)
	}
}

func (u *updates) switchOff(t *testing.T) {
	t.Helper()
	u.Sh(t, "systemd-run --quiet --on-active=1 systemctl poweroff")
	u.UntilOff(t, 2*boxtest.StepWait)
}

// tried: the old system starts, asks for the other slot once, and that is started; its writes are recorded if so said.
func (u *updates) tried(t *testing.T, record string) {
	t.Helper()
	u.Guest = u.card.powerOn(t, "")
	u.card.restarted(t, u.Guest)
	if !u.card.once {
		t.Fatal("the system has restarted without asking for the other slot")
	}
	before := u.card.bootPartition(t)
	if record != "" {
		boxtest.Tool(t, "cp", "--sparse=always", u.card.path, u.keeping.base)
	}
	u.Note("tried: boot partition %d", before)
	u.Guest = u.card.powerOn(t, record)
	if !u.unwell() {
		u.ready(t)
	}
}

// unwell: what is tried never says READY.
func (u *updates) unwell() bool { return exists(filepath.Join(u.dir, "unhealthy.img")) }

// keyUnit makes the card believe a key, which only a card made with it does otherwise.
func keyUnit(public string) string {
	unit := `[Unit]
DefaultDependencies=no
Before=streambox.service streambox-trial.service streambox-update.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'mount -t tmpfs -o mode=755 tmpfs /usr/share/streambox/update-keys && echo ` + public + ` >/usr/share/streambox/update-keys/test.pub'
`
	return "systemd.set_credential_binary=systemd.extra-unit.test-key.service:" + base64.StdEncoding.EncodeToString([]byte(unit)) + " systemd.wants=test-key.service"
}
