package usb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
	"unicode/utf8"

	"streambox.local/appliance/usb/mounts"
)

// fakeDevices are folders that can be mounted, go away and hang.
type fakeDevices struct {
	mu      sync.Mutex
	sights  map[string]sight // by folder; missing: not there
	hang    map[string]chan struct{}
	looking map[string]int
	most    int
	below   []string
}

func (d *fakeDevices) look(dir string, _ bool) (sight, error) {
	d.mu.Lock()
	d.looking[dir]++
	d.most = max(d.most, d.looking[dir])
	hang := d.hang[dir]
	d.mu.Unlock()
	defer func() { d.mu.Lock(); d.looking[dir]--; d.mu.Unlock() }()
	if hang != nil {
		<-hang
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s, ok := d.sights[dir]
	if !ok {
		return sight{}, errors.New("input/output error")
	}
	return s, nil
}

func (d *fakeDevices) set(dir string, s sight) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sights[dir] = s
}

func (d *fakeDevices) remove(dir string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.sights, dir)
}

// watched runs Folders over fake devices and keeps what it reports.
type watched struct {
	*fakeDevices
	t       *testing.T
	mu      sync.Mutex
	reports [][]Stick
	told    []time.Time // when each report came
	wake    func()      // the kernel's word that something has changed
}

func (w *watched) all() [][]Stick {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.reports)
}

func (w *watched) last() []Stick {
	all := w.all()
	return all[len(all)-1]
}

func run(t *testing.T, test func(w *watched), f *Folders) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &watched{t: t, fakeDevices: &fakeDevices{sights: map[string]sight{}, hang: map[string]chan struct{}{}, looking: map[string]int{}}}
		f.look = w.look
		f.list = func(string) ([]string, error) {
			w.fakeDevices.mu.Lock()
			defer w.fakeDevices.mu.Unlock()
			return w.below, nil
		}
		f.events = func(ctx context.Context, _ *Folders, wake func()) {
			w.mu.Lock()
			w.wake = wake
			w.mu.Unlock()
			<-ctx.Done()
		}
		f.OnChange = func(s []Stick) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.reports, w.told = append(w.reports, s), append(w.told, time.Now())
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- f.Run(ctx) }()
		test(w)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func pass(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // the bubble's clock
}

func ids(sticks []Stick) string {
	var out []string
	for _, s := range sticks {
		out = append(out, s.ID)
	}
	return strings.Join(out, " ")
}

func TestSticksComeAndGo(t *testing.T) {
	run(t, func(w *watched) {
		t := w.t
		pass(time.Millisecond)
		if all := w.all(); len(all) != 1 || len(all[0]) != 0 {
			t.Fatalf("not told at once: %v", all)
		}
		w.set("/media/a", sight{device: 1, inode: 1})
		w.set("/media/b", sight{device: 2, inode: 1})
		pass(time.Second)
		if got := ids(w.last()); got != "a b" {
			t.Errorf("%q", got)
		}
		pass(time.Minute)
		if n := len(w.all()); n != 2 {
			t.Errorf("told %d times, 2 are changes", n)
		}
		w.remove("/media/a")
		pass(time.Second)
		if got := ids(w.last()); got != "b" {
			t.Errorf("%q", got)
		}
	}, &Folders{Dirs: []string{"/media/a", "/media/b"}})
}

func TestAStickPutBackBetweenTwoLooksIsAnotherOne(t *testing.T) {
	cases := []struct {
		name string
		now  sight
		same bool
	}{
		{"nothing happened", sight{device: 1, inode: 1}, true},
		{"another device", sight{device: 2, inode: 1}, false},
		{"another folder", sight{device: 1, inode: 9}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			run(t, func(w *watched) {
				t := w.t
				w.set("/media/a", sight{device: 1, inode: 1})
				pass(1500 * time.Millisecond)
				before := w.last()[0]
				w.set("/media/a", c.now)
				pass(time.Second)
				after := w.last()[0]
				if after.ID != before.ID || (after.Plugged == before.Plugged) != c.same {
					t.Errorf("%+v, then %+v", before, after)
				}
			}, &Folders{Dirs: []string{"/media/a"}})
		})
	}
}

func TestADeadStickHoldsNobodyUp(t *testing.T) {
	run(t, func(w *watched) {
		t := w.t
		release := make(chan struct{})
		w.set("/media/a", sight{device: 1, inode: 1})
		pass(1500 * time.Millisecond)
		w.fakeDevices.mu.Lock()
		w.hang["/media/a"] = release
		w.fakeDevices.mu.Unlock()
		w.set("/media/b", sight{device: 2, inode: 1})
		pass(time.Second)
		if got := ids(w.last()); got != "a b" {
			t.Errorf("after 1 s: %q", got)
		}
		pass(17 * time.Second)
		if got := ids(w.last()); got != "b" {
			t.Errorf("after 18 s: %q", got)
		}
		w.fakeDevices.mu.Lock()
		if w.most != 1 {
			t.Errorf("%d looks at a time at one folder", w.most)
		}
		delete(w.hang, "/media/a")
		w.fakeDevices.mu.Unlock()
		close(release)
		pass(3 * time.Second)
		if got := ids(w.last()); got != "a b" {
			t.Errorf("after it answered: %q", got)
		}
	}, &Folders{Dirs: []string{"/media/a", "/media/b"}})
}

func TestSubFoldersBelow(t *testing.T) {
	run(t, func(w *watched) {
		t := w.t
		w.fakeDevices.mu.Lock()
		w.below = []string{"sda1"}
		w.fakeDevices.mu.Unlock()
		w.set("/media/streambox/sda1", sight{device: 1, inode: 1})
		pass(3 * time.Second)
		if got := ids(w.last()); got != "sda1" {
			t.Errorf("%q", got)
		}
	}, &Folders{Below: "/media/streambox"})
}

func TestRunEndsWhileAStickHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		f := &Folders{
			Dirs: []string{"/x"}, look: func(string, bool) (sight, error) { <-release; return sight{}, nil },
			events: func(ctx context.Context, _ *Folders, _ func()) { <-ctx.Done() },
		}
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		if err := f.Run(ctx); err != nil {
			t.Error(err)
		}
		close(release)
	})
}

func TestIDsAreSafeAndUnique(t *testing.T) {
	safe := regexp.MustCompile(`^[a-zA-Z0-9_-][a-zA-Z0-9_.-]*$`)
	taken := map[string]bool{}
	for _, name := range []string{
		"sda1", "sda1", "sda1-2", "My Stick", "My_Stick", "..", ".", ".hidden", "", "/", "füße", "日本", "日本語", "-i", "a\nb", "a\x00b",
		"<script>", strings.Repeat("x", 300), strings.Repeat("x", 300), "\xff\xfe",
	} {
		id := uniqueID(name, taken)
		if taken[id] || !safe.MatchString(id) || len(id) > idRunes+4 {
			t.Errorf("%q gives %q", name, id)
		}
		taken[id] = true
	}
}

func TestLabelsAreText(t *testing.T) {
	cases := []struct{ name, want string }{
		{"Holidays 2024", "Holidays 2024"},
		{"a\x1b[31mb\nc", "a[31mbc"},
		{"evil\u202egpj", "evilgpj"},
		{"\xff", "\uFFFD"},
		{"", "stick"},
		{strings.Repeat("ü", 100), strings.Repeat("ü", 64)},
	}
	for _, c := range cases {
		if got := cleanLabel(c.name); got != c.want || !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("%q gives %q, want %q", c.name, got, c.want)
		}
	}
}

// Kernels before 6.8 give the number of a mount that went to the next one.
func TestOnlyANumberThatNobodyElseHadIsTheSameMount(t *testing.T) {
	s := sight{device: 1, inode: 2, mounting: 3, unique: true}
	old, other := s, s
	old.unique, other.mounting = false, 4
	if !s.isStill(s) || old.isStill(old) || s.isStill(other) || new(sight).isStill(sight{}) {
		t.Error("another mount is taken for the one before")
	}
}

// A real folder, as --media names one.
func TestARealFolder(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "Stick")
	if _, err := new(Folders).lookAt(dir, false, sight{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	first, err := new(Folders).lookAt(dir, false, sight{})
	if err != nil {
		t.Fatal(err)
	}
	if first.sizeBytes <= 0 || first.fileSystem == "" || first.volume == "" || first.readOnly {
		t.Errorf("%+v", first)
	}
	if _, err = new(Folders).lookAt(dir, true, sight{}); !errors.Is(err, errNotMounted) {
		t.Errorf("a plain folder below: %v", err)
	}
	if err = os.Rename(dir, dir+".away"); err != nil {
		t.Fatal(err)
	}
	if err = os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	second, err := new(Folders).lookAt(dir, false, sight{})
	if err != nil || second.inode == first.inode {
		t.Errorf("a replaced folder looks the same: %+v %v", second, err)
	}
	if second.volume != first.volume {
		t.Errorf("the same place on the same volume has two keys: %s, %s", first.volume, second.volume)
	}
	if err = os.WriteFile(filepath.Join(parent, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err = new(Folders).lookAt(filepath.Join(parent, "file"), false, sight{}); err == nil {
		t.Error("a file was taken for a stick")
	}
}

func TestVolumeKeysOfOneDiskDiffer(t *testing.T) {
	m := mounts.Mount{Root: "/", Point: "/media", FileSystem: "ext4", Source: "none"}
	seen := map[string]bool{}
	for _, dir := range []string{"/media", "/media/a", "/media/b"} {
		seen[volumeKey(m, dir, [2]int32{1, 2}, 100)] = true
	}
	if len(seen) != 3 {
		t.Error(fmt.Sprint(seen))
	}
}
