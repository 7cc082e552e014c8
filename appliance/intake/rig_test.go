package intake

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/appliance/usb"
)

// rig is a box without its hardware.
type rig struct {
	t      *testing.T
	dir    string
	lib    *library.Library
	mem    *fakeMemory
	tools  *fakeTools
	demand *fakeDemand
	in     *Intake
	plugs  uint64
	sticks []usb.Stick
	free   int64
	freeMu sync.Mutex
	log    *bytes.Buffer
	stop   func()
	change func(*Config)
	wrap   func(tree) tree
	piece  int       // frames of a piece of sound; 0: as usual
	random io.Reader // the library's; nil: as usual

	openMu sync.Mutex
	opened map[string]int // files opened, by name
	walked int            // times that a stick was opened
}

// countingTree counts what is opened of a stick.
type countingTree struct {
	tree
	r *rig
}

func (c countingTree) Open(name string) (*os.File, error) {
	c.r.openMu.Lock()
	if c.r.opened == nil {
		c.r.opened = map[string]int{}
	}
	c.r.opened[name]++
	c.r.openMu.Unlock()
	return c.tree.Open(name)
}

// inBox runs a test in a bubble where time costs nothing.
func inBox(t *testing.T, test func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		test(r)
		if r.stop != nil {
			r.stop()
		}
	})
}

func newRig(t *testing.T) *rig {
	t.Helper()
	return &rig{
		t: t, dir: t.TempDir(), tools: newFakeTools(), free: 1 << 40,
		mem:    &fakeMemory{files: map[string]string{}},
		demand: &fakeDemand{open: map[string]int{}}, log: &bytes.Buffer{},
	}
}

// start opens the library and runs intake.
func (r *rig) start() {
	r.t.Helper()
	lib, err := library.Open(library.Config{
		Dir:          filepath.Join(r.dir, "library"),
		ReserveBytes: func(int64) int64 { return 1000 },
		DiskSpace:    r.diskSpace,
		Random:       r.random,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.lib = lib
	cfg := Config{
		Library: lib, Memory: r.mem, Tools: r.tools, Demand: r.demand,
		Log: slog.New(slog.NewTextHandler(&lockedWriter{w: r.log}, nil)),
	}
	if r.change != nil {
		r.change(&cfg)
	}
	r.in = New(cfg)
	if r.piece > 0 {
		r.in.soundPiece = r.piece
	}
	r.in.openTree = func(s usb.Stick) (tree, error) {
		t, err := openRootTree(s)
		if err != nil {
			return nil, err
		}
		r.openMu.Lock()
		r.walked++
		r.openMu.Unlock()
		if r.wrap != nil {
			t = r.wrap(t)
		}
		return countingTree{t, r}, nil
	}
	ctx, cancel := context.WithCancel(r.t.Context())
	done := make(chan error, 1)
	go func() { done <- r.in.Run(ctx) }()
	r.stop = func() {
		cancel()
		if err := <-done; err != nil {
			r.t.Errorf("Run: %v", err)
		}
		r.stop = nil
	}
}

// restart is a new process on the same disk.
func (r *rig) restart() {
	r.t.Helper()
	r.stop()
	r.start()
	r.in.SetSticks(r.sticks)
}

// diskSpace counts the library's real files against free.
func (r *rig) diskSpace(string) (total, free int64, err error) {
	r.freeMu.Lock()
	defer r.freeMu.Unlock()
	free = r.free
	err = filepath.WalkDir(filepath.Join(r.dir, "library"), func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // files come and go while we look
		}
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() && strings.HasSuffix(d.Name(), ".ts") {
			free -= info.Size()
		}
		return nil
	})
	return 1 << 41, free, err
}

func (r *rig) setFree(n int64) {
	r.freeMu.Lock()
	defer r.freeMu.Unlock()
	r.free = n
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// put writes a file to a stick with a time of an hour ago.
func (r *rig) put(stick, name string, content []byte) {
	r.t.Helper()
	full := filepath.Join(r.dir, "sticks", stick, name)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(full, content, 0o644); err != nil {
		r.t.Fatal(err)
	}
	r.touch(stick, name, time.Now().Add(-time.Hour))
}

func (r *rig) touch(stick, name string, at time.Time) {
	r.t.Helper()
	if err := os.Chtimes(filepath.Join(r.dir, "sticks", stick, name), at, at); err != nil {
		r.t.Fatal(err)
	}
}

// plug tells intake of one more stick; its files must have been put before.
func (r *rig) plug(name string) {
	r.t.Helper()
	gone := filepath.Join(r.dir, "sticks", name+".gone")
	if _, err := os.Stat(gone); err == nil {
		if err := os.Rename(gone, filepath.Join(r.dir, "sticks", name)); err != nil {
			r.t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(r.dir, "sticks", name), 0o755); err != nil {
		r.t.Fatal(err)
	}
	r.plugs++
	r.sticks = append(r.sticks, usb.Stick{
		ID: name, Root: filepath.Join(r.dir, "sticks", name), Label: name, FileSystem: "vfat", SizeBytes: 1 << 30,
		Volume: "volume of " + name, Plugged: r.plugs,
	})
	if r.in != nil {
		r.in.SetSticks(r.sticks)
	}
}

// yank makes a stick's files vanish; intake does not know yet.
func (r *rig) yank(name string) {
	r.t.Helper()
	full := filepath.Join(r.dir, "sticks", name)
	if err := os.Rename(full, full+".gone"); err != nil {
		r.t.Fatal(err)
	}
}

// pull is yank, and intake is told.
func (r *rig) pull(name string) {
	r.t.Helper()
	r.yank(name)
	r.tellGone(name)
}

func (r *rig) tellGone(name string) {
	r.sticks = slices.DeleteFunc(slices.Clone(r.sticks), func(s usb.Stick) bool { return s.ID == name })
	r.in.SetSticks(r.sticks)
}

// settle lets everything happen that happens within d.
func (r *rig) settle(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // the bubble's clock: the tests' way of letting time pass
	synctest.Wait()
}

// titles are the listed ones by name.
func (r *rig) titles() map[string]library.Title {
	out := map[string]library.Title{}
	after := ""
	for {
		p := r.lib.Titles(library.Query{After: after})
		for _, t := range p.Titles {
			out[t.Title] = t
		}
		if after = p.Next; after == "" {
			return out
		}
	}
}

// title is one listed title; it must be there.
func (r *rig) title(name string) library.Title {
	r.t.Helper()
	t, ok := r.titles()[name]
	if !ok {
		r.t.Fatalf("%q is not listed; log:\n%s", name, r.log)
	}
	return t
}

// want checks a title's state.
func (r *rig) want(name string, state library.State) library.Title {
	r.t.Helper()
	t := r.title(name)
	if t.State != state {
		r.t.Fatalf("%q is %s (%v), want %s; log:\n%s", name, t.State, t.Reason, state, r.log)
	}
	return t
}

// stick is how the page sees a stick.
func (r *rig) stick(id string) library.Stick {
	r.t.Helper()
	for _, s := range r.lib.Sticks() {
		if s.ID == id {
			return s
		}
	}
	r.t.Fatalf("no stick %q", id)
	return library.Stick{}
}

func (r *rig) open(name string, phones int) {
	id := r.title(name).ID
	r.demand.mu.Lock()
	r.demand.open[id] = phones
	r.demand.mu.Unlock()
	r.in.DemandChanged(id)
}

func (r *rig) jobs() []string {
	r.tools.mu.Lock()
	defer r.tools.mu.Unlock()
	return slices.Clone(r.tools.jobs)
}

// halfWritten lists rendition folders on the disk that no record has complete, or
// as what a conversion goes on with.
func (r *rig) halfWritten() []string {
	r.t.Helper()
	folders, err := filepath.Glob(filepath.Join(r.dir, "library", "*", "video-*"))
	if err != nil {
		r.t.Fatal(err)
	}
	return slices.DeleteFunc(folders, func(f string) bool {
		rec, _ := r.lib.Record(filepath.Base(filepath.Dir(f)))
		return slices.ContainsFunc(rec.Renditions, func(o library.Rendition) bool { return (o.Complete || o.By != "") && o.Name == filepath.Base(f) })
	})
}

// segment reads a segment of what is played of a title.
func (r *rig) segment(name string, n int) (string, error) {
	r.t.Helper()
	source, err := r.source(name)
	if err != nil {
		return "", err
	}
	f, err := source.Segment(r.t.Context(), segmentFile(n))
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	return string(data), err
}

// source is what is played of a title.
func (r *rig) source(name string) (library.Source, error) {
	r.t.Helper()
	t := r.title(name)
	rest, ok := strings.CutPrefix(t.Playlist, "/stream/"+t.ID+"/")
	if !ok {
		return nil, fmt.Errorf("no playlist: %q", t.Playlist)
	}
	return r.lib.Source(t.ID, strings.TrimSuffix(rest, "/index.m3u8"))
}
