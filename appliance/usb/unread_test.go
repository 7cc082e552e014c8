package usb

import (
	"path/filepath"
	"testing"
	"time"

	"streambox.local/appliance/usb/note"
)

func TestWhatNotesSay(t *testing.T) {
	notes := t.TempDir()
	write := func(n note.Note) {
		t.Helper()
		if err := note.Write(notes, n); err != nil {
			t.Fatal(err)
		}
	}
	run(t, func(w *watched) {
		t := w.t
		pass(time.Millisecond)
		write(note.Note{Device: "sda1", Label: "FILMS", State: note.Mounted, MountPoint: "/media/streambox/sda1"})
		pass(2 * time.Second)
		if got := w.last(); len(got) != 0 {
			t.Errorf("a note is no mount: %+v", got)
		}
		w.set("/media/streambox/sda1", sight{device: 1, inode: 1})
		w.mounted("sda1")
		pass(2 * time.Second)
		if got := w.last(); len(got) != 1 || got[0].Label != "FILMS" || got[0].Reason != "" {
			t.Errorf("%+v", got)
		}
		write(note.Note{Device: "sdb", State: note.Unreadable, Reason: note.Apple, SizeBytes: 5, FileSystem: "apfs"})
		write(note.Note{Device: "sdc1", Label: "BACKUP", State: note.Ignored, Reason: note.InUse, MountPoint: "/media/pi/BACKUP"})
		pass(2 * time.Second)
		got := w.last()
		if ids(got) != "sda1 sdb sdc1" || got[1].Reason != note.Apple || got[1].Ignored || got[1].Label != "sdb" || got[1].Root != "" || got[1].SizeBytes != 5 {
			t.Errorf("%+v", got)
		}
		if got[2].Reason != note.InUse || !got[2].Ignored {
			t.Errorf("a disk that only its owner may read: %+v", got[2])
		}
		w.set("/media/pi/BACKUP", sight{device: 3, inode: 1})
		pass(2 * time.Second)
		if got = w.last(); len(got) != 3 || got[1].ID != "sdc1" || got[1].Root != "/media/pi/BACKUP" || got[1].Label != "BACKUP" || got[1].Reason != "" {
			t.Errorf("a disk that everybody may read is read where it is: %+v", got)
		}
		if err := note.Remove(notes, "sdb"); err != nil {
			t.Fatal(err)
		}
		pass(2 * time.Second)
		if got := ids(w.last()); got != "sda1 sdc1" {
			t.Error(got)
		}
	}, &Folders{Below: "/media/streambox", Notes: notes})
}

func TestAMountedStickThatGivesOnlyErrors(t *testing.T) {
	run(t, func(w *watched) {
		t := w.t
		w.mounted("sda1", "sdb1")
		w.set("/media/streambox/sdb1", sight{device: 2, inode: 1})
		pass(1500 * time.Millisecond)
		if got := ids(w.last()); got != "sdb1" {
			t.Errorf("told after a second, which a pull takes: %s", got)
		}
		pass(5 * time.Second)
		if got := w.last(); ids(got) != "sda1 sdb1" || got[0].Reason != note.Damaged {
			t.Errorf("%+v", got)
		}
		told := len(w.all())
		pass(10 * time.Second)
		if n := len(w.all()); n != told {
			t.Errorf("told %d times more", n-told)
		}
		w.set("/media/streambox/sda1", sight{device: 1, inode: 1})
		pass(2 * time.Second)
		if got := w.last(); got[0].Reason != "" || got[0].Root != filepath.Join("/media/streambox", "sda1") {
			t.Errorf("%+v", got)
		}
		w.mounted()
		pass(time.Second)
		if got := w.last(); len(got) != 0 {
			t.Errorf("%+v", got)
		}
	}, &Folders{Below: "/media/streambox"})
}

func TestAMountedStickThatDoesNotAnswerIsToldAndGoesWithItsMount(t *testing.T) {
	run(t, func(w *watched) {
		t := w.t
		release := make(chan struct{})
		w.set("/media/streambox/sda1", sight{device: 1, inode: 1})
		w.mounted("sda1")
		pass(1500 * time.Millisecond)
		w.fakeDevices.mu.Lock()
		w.hang["/media/streambox/sda1"] = release
		w.fakeDevices.mu.Unlock()
		pass(15 * time.Second)
		if got := w.last(); len(got) != 1 || got[0].Reason != note.Silent {
			t.Errorf("%+v", got)
		}
		w.mounted() // unmounted lazily: nobody waits for the stick
		pass(2500 * time.Millisecond)
		if got := w.last(); len(got) != 0 {
			t.Errorf("%+v", got)
		}
		close(release)
	}, &Folders{Below: "/media/streambox"})
}

// mounted says what is mounted below.
func (w *watched) mounted(names ...string) {
	w.fakeDevices.mu.Lock()
	defer w.fakeDevices.mu.Unlock()
	w.below = names
}
