package usbtest

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"streambox.local/appliance/usb"
	"streambox.local/appliance/usb/note"
)

// Content is what a stick of a test holds.
type Content struct {
	FileSystem string // vfat, exfat, ntfs, ext4; what Signature knows; "" blank
	Label      string // as the file system's tools take it
	Files      map[string][]byte
}

// Bench is a place where one stick can be plugged and pulled.
type Bench interface {
	// Folders is a watcher on this place; the suite sets OnChange and runs it.
	Folders() *usb.Folders
	// FileSystems are those that the bench can make readable sticks of.
	FileSystems() []string
	// Prepare makes the stick; it is not plugged yet.
	Prepare(t testing.TB, c Content)
	// Plug and Pull return when the hardware would: the system may be busy with it still.
	Plug(t testing.TB)
	Pull(t testing.TB)
	// Honest is true when a pulled stick's open files give errors, as real ones do.
	Honest() bool
}

// patience bounds every wait of the suite; nothing real takes as long.
const patience = 30 * time.Second

// Watch runs a watcher and keeps what it told last.
type Watch struct {
	tb     testing.TB
	mu     sync.Mutex
	sticks []usb.Stick
	news   chan struct{}
}

// NewWatch runs f until the test ends.
func NewWatch(tb testing.TB, f *usb.Folders) *Watch {
	tb.Helper()
	w := &Watch{tb: tb, news: make(chan struct{}, 1)}
	f.OnChange = func(s []usb.Stick) {
		w.mu.Lock()
		w.sticks = s
		w.mu.Unlock()
		select {
		case w.news <- struct{}{}:
		default:
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			tb.Errorf("Folders.Run: %v", err)
		}
	})
	return w
}

// Until waits until what is told is as wanted, and returns it.
func (w *Watch) Until(what string, wanted func([]usb.Stick) bool) []usb.Stick {
	w.tb.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		w.mu.Lock()
		now := slices.Clone(w.sticks)
		w.mu.Unlock()
		if wanted(now) {
			return now
		}
		select {
		case <-w.news:
		case <-limit.C:
			w.tb.Fatalf("waited %v for %s; last told: %+v", patience, what, now)
		}
	}
}

// One waits for exactly one stick, readable or not.
func (w *Watch) One(readable bool) usb.Stick {
	w.tb.Helper()
	return w.Until(fmt.Sprintf("one stick (readable: %v)", readable), func(s []usb.Stick) bool {
		return len(s) == 1 && (s[0].Reason == "") == readable
	})[0]
}

// None waits until nothing is plugged.
func (w *Watch) None() {
	w.tb.Helper()
	w.Until("no stick", func(s []usb.Stick) bool { return len(s) == 0 })
}

// Contract is what every stick does.
func Contract(t *testing.T, b Bench) {
	t.Helper()
	for _, fileSystem := range b.FileSystems() {
		t.Run("a stick with "+fileSystem+" comes, is read, goes, and comes back", func(t *testing.T) { comesAndGoes(t, b, fileSystem) })
	}
	for _, c := range []struct {
		fileSystem string
		reason     note.Reason
	}{
		{"", note.NoFileSystem},
		{"apfs", note.Apple},
		{"hfsplus", note.Apple},
		{"BitLocker", note.BitLocker},
		{"crypto_LUKS", note.Encrypted},
	} {
		t.Run("a stick is told as "+string(c.reason)+" ("+c.fileSystem+")", func(t *testing.T) {
			w := NewWatch(t, b.Folders())
			b.Prepare(t, Content{FileSystem: c.fileSystem})
			w.None()
			b.Plug(t)
			s := w.One(false)
			if s.Reason != c.reason || s.Ignored || s.Root != "" {
				t.Errorf("%+v, want the reason %s", s, c.reason)
			}
			b.Pull(t)
			w.None()
		})
	}
}

func comesAndGoes(t *testing.T, b Bench, fileSystem string) {
	t.Helper()
	film := make([]byte, 1<<20)
	for i := range film {
		film[i] = byte(i * 7 >> 8)
	}
	w := NewWatch(t, b.Folders())
	b.Prepare(t, Content{FileSystem: fileSystem, Label: "HOLIDAY", Files: map[string][]byte{"Films/Ünder sea.mp4": film}})
	w.None()
	var before usb.Stick
	for round := range 2 {
		plugged := time.Now()
		b.Plug(t)
		s := w.One(true)
		t.Logf("told %v after the plug", time.Since(plugged).Round(time.Millisecond))
		if s.Label != "HOLIDAY" || s.SizeBytes <= 0 || s.FileSystem == "" || s.Ignored {
			t.Errorf("%+v", s)
		}
		if b.Honest() && !s.ReadOnly {
			t.Error("mounted writable")
		}
		if round > 0 && (s.Volume != before.Volume || s.Plugged == before.Plugged) {
			t.Errorf("put back, it was %+v and is %+v", before, s)
		}
		before = s
		name := filepath.Join(s.Root, "Films", "Ünder sea.mp4")
		if got, err := os.ReadFile(name); err != nil || !slices.Equal(got, film) {
			t.Errorf("read %d bytes: %v", len(got), err)
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if b.Honest() {
			if err := os.WriteFile(filepath.Join(s.Root, "written"), nil, 0o644); err == nil {
				t.Error("the stick can be written")
			}
			forget(f)
		}
		pulled := time.Now()
		b.Pull(t)
		w.None()
		t.Logf("gone %v after the pull", time.Since(pulled).Round(time.Millisecond))
		if b.Honest() {
			if n, err := io.Copy(io.Discard, f); err == nil {
				t.Errorf("a pulled stick was read to the end (%d bytes)", n)
			}
		}
		_ = f.Close() // of a stick that is gone
	}
}
