package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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
	"streambox.local/transcode"
	"streambox.local/transcode/publish"
)

// spec is what the fake tools find in a fake film: its first line is one of these as JSON.
type spec struct {
	Name      string  `json:"name"`       // makes the content another one
	Seconds   float64 `json:"seconds"`    // 0: 40
	Codec     string  `json:"codec"`      // "h264" (remux) unless told otherwise
	AudioOnly bool    `json:"audioOnly"`  //
	Refuse    string  `json:"refuse"`     // Probe: a Refusal with this code
	Slow      int     `json:"slow"`       // seconds that Probe takes
	NoCut     bool    `json:"noCut"`      // Do: ErrNotSegmentable while it is not converted
	DoRefuse  string  `json:"doRefuse"`   // Do: a Refusal
	Fails     int     `json:"fails"`      // Do: so many failures first
	ProbeFail int     `json:"probeFails"` // Probe: so many failures first
	NoSpace   bool    `json:"noSpace"`    // Do: publish.ErrNoSpace half-way
	Cut       bool    `json:"cut"`        // Do: ends early without an error
	Warns     string  `json:"warns"`      // Do: codes of warnings
	Panics    string  `json:"panics"`     // "probe", "do" or "picture" panics
	Padding   int     `json:"padding"`    // bytes after the line
}

// content renders a spec as a file's content.
func content(s spec) []byte {
	line, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return append(append(line, '\n'), bytes.Repeat([]byte(s.Name+"."), s.Padding/(len(s.Name)+1))...)
}

// fakeTools plays ffmpeg: it really reads its input and really publishes segments.
type fakeTools struct {
	mu       sync.Mutex
	probed   []string
	jobs     []string // "name:rung", as they begin
	pictures []string
	fails    map[string]int
	running  map[transcode.Rung]int
	most     map[transcode.Rung]int
	probing  int
	mostProb int
	deaf     int // so many questions for the machine fail
	asked    int
	onDo     func(s spec) // called when a job begins
}

func newFakeTools() *fakeTools {
	return &fakeTools{fails: map[string]int{}, running: map[transcode.Rung]int{}, most: map[transcode.Rung]int{}}
}

func (t *fakeTools) Machine(context.Context) (transcode.Machine, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.asked++; t.asked <= t.deaf {
		return transcode.Machine{}, errors.New("ask ffmpeg: deadline exceeded")
	}
	return transcode.Machine{CPUs: 2, H264: true}, nil
}

func readSpec(in transcode.Input) (spec, int64, error) {
	files, err := in.Open()
	if err != nil {
		return spec{}, 0, err
	}
	defer closeAll(files)
	var all []byte
	for _, f := range files {
		data, err := io.ReadAll(f)
		if err != nil {
			return spec{}, 0, err
		}
		all = append(all, data...)
	}
	line, _, _ := bytes.Cut(all, []byte("\n"))
	s := spec{Seconds: 40, Codec: "h264"}
	if err := json.Unmarshal(line, &s); err != nil {
		return spec{}, 0, &transcode.Refusal{Reason: transcode.Reason{Code: transcode.CodeDamaged, Text: "This file is damaged"}, Err: err}
	}
	if s.Seconds == 0 {
		s.Seconds = 40
	}
	if s.Codec == "" {
		s.Codec = "h264"
	}
	return s, int64(len(all)), nil
}

// wait is time that a tool takes.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *fakeTools) Probe(ctx context.Context, in transcode.Input) (transcode.Media, error) {
	s, size, err := readSpec(in)
	if err != nil {
		return transcode.Media{}, err
	}
	t.mu.Lock()
	t.probed = append(t.probed, s.Name)
	t.probing++
	t.mostProb = max(t.mostProb, t.probing)
	t.fails["probe "+s.Name]++
	tries := t.fails["probe "+s.Name]
	t.mu.Unlock()
	defer func() { t.mu.Lock(); t.probing--; t.mu.Unlock() }()
	if err := wait(ctx, time.Duration(s.Slow)*time.Second); err != nil {
		return transcode.Media{}, err
	}
	if s.Panics == "probe" {
		panic("as told")
	}
	if tries <= s.ProbeFail {
		return transcode.Media{}, errors.New("ffprobe was killed")
	}
	if s.Refuse != "" {
		return transcode.Media{}, &transcode.Refusal{Reason: transcode.Reason{Code: s.Refuse, Text: "This file cannot be played"}, Err: errors.New("as told")}
	}
	m := transcode.Media{Container: "mov,mp4", SizeBytes: size, DurationSeconds: s.Seconds}
	m.Audio = []transcode.Audio{{Index: 1, Codec: "aac", Profile: "LC", Channels: 2, SampleRateHz: 48000, Language: "en"}}
	if !s.AudioOnly {
		m.Video = &transcode.Video{
			Codec: s.Codec, Profile: "High", PixelFormat: "yuv420p", BitDepth: 8, Width: 1280, Height: 720, FramesPerSecond: 25,
			FieldOrder: "progressive", SampleAspect: [2]int{1, 1}, KeyFramesRead: 3, IDRsRead: 3,
		}
	}
	return m, nil
}

// Do publishes a segment of 4 s per second.
func (t *fakeTools) Do(ctx context.Context, job transcode.Job) error {
	s, _, err := readSpec(job.Input)
	if err != nil {
		return err
	}
	t.mu.Lock()
	t.jobs = append(t.jobs, s.Name+":"+string(job.Plan.Rung))
	t.fails[s.Name]++
	tries := t.fails[s.Name]
	t.running[job.Plan.Rung]++
	t.most[job.Plan.Rung] = max(t.most[job.Plan.Rung], t.running[job.Plan.Rung])
	onDo := t.onDo
	t.mu.Unlock()
	defer func() { t.mu.Lock(); t.running[job.Plan.Rung]--; t.mu.Unlock() }()
	if onDo != nil {
		onDo(s)
	}
	if s.Panics == "do" {
		panic("as told")
	}
	count := int(s.Seconds / 4)
	for n := range count {
		if err = wait(ctx, time.Second); err != nil {
			return err
		}
		if _, _, err = readSpec(job.Input); err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if n == count/2 {
			switch {
			case tries <= s.Fails:
				return fmt.Errorf("job: %w", transcode.ErrKilled)
			case s.NoCut && job.Plan.Rung != transcode.Convert:
				return fmt.Errorf("segment %d: %w", n, transcode.ErrNotSegmentable)
			case s.DoRefuse != "":
				return &transcode.Refusal{Reason: transcode.Reason{Code: s.DoRefuse, Text: "This file cannot be played"}, Err: errors.New("as told")}
			case s.NoSpace:
				return fmt.Errorf("publish: %w", publish.ErrNoSpace)
			case s.Cut:
				count = 0
			}
			if count == 0 {
				break
			}
		}
		if err = job.Out.Add(ctx, publish.Segment{Number: n, Data: fmt.Appendf(nil, "%s %d", s.Name, n), DurationSeconds: 4}); err != nil {
			return err
		}
		job.OnProgress(transcode.Progress{Fraction: float64(n+1) / float64(count), SecondsLeft: float64(count - n - 1)})
	}
	for code := range strings.FieldsSeq(s.Warns) {
		job.OnWarning(transcode.Reason{Code: code, Text: "something is wrong", Parameters: map[string]any{"minutes": 3}})
	}
	_, err = job.Out.Finish(ctx)
	return err
}

func (t *fakeTools) Thumbnail(_ context.Context, in transcode.Input, _ transcode.Media) ([]byte, error) {
	s, _, err := readSpec(in)
	if err != nil {
		return nil, err
	}
	if s.Panics == "picture" {
		panic("as told")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pictures = append(t.pictures, s.Name)
	return append([]byte{0xff, 0xd8, 0xff, 0xe0}, s.Name...), nil
}

// fakeMemory is what library.StateDB is, ids checked as it does.
type fakeMemory struct {
	mu     sync.Mutex
	files  map[string]string
	number uint64
}

func (m *fakeMemory) key(volume, path string, size int64, modified time.Time) string {
	return fmt.Sprint(volume, "|", path, "|", size, "|", modified.UnixNano())
}

func (m *fakeMemory) KnownFile(volume, path string, size int64, modified time.Time) (string, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	id, ok := m.files[m.key(volume, path, size, modified)]
	return id, ok
}

func (m *fakeMemory) RememberFile(volume, path string, size int64, modified time.Time, id string) error {
	if !library.ValidID(id) {
		return fmt.Errorf("%q is no id", id)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files[m.key(volume, path, size, modified)] = id
	return nil
}

func (m *fakeMemory) NextNumber(string) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.number++
	return m.number, nil
}

// fakeDemand counts the phones that have a title open.
type fakeDemand struct {
	mu   sync.Mutex
	open map[string]int
}

func (d *fakeDemand) Opened(id string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open[id]
}

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

	openMu sync.Mutex
	opened map[string]int // files opened, by name
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
	r.in.openTree = func(s usb.Stick) (tree, error) {
		t, err := openRootTree(s)
		if err != nil {
			return nil, err
		}
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

// halfWritten lists rendition folders on the disk that no record has complete.
func (r *rig) halfWritten() []string {
	r.t.Helper()
	folders, err := filepath.Glob(filepath.Join(r.dir, "library", "*", "video-*"))
	if err != nil {
		r.t.Fatal(err)
	}
	return slices.DeleteFunc(folders, func(f string) bool {
		rec, _ := r.lib.Record(filepath.Base(filepath.Dir(f)))
		return slices.ContainsFunc(rec.Renditions, func(o library.Rendition) bool { return o.Complete && o.Name == filepath.Base(f) })
	})
}

// segment reads a segment of what is played of a title.
func (r *rig) segment(name string, n int) (string, error) {
	r.t.Helper()
	t := r.title(name)
	rest, ok := strings.CutPrefix(t.Playlist, "/stream/"+t.ID+"/")
	if !ok {
		return "", fmt.Errorf("no playlist: %q", t.Playlist)
	}
	source, err := r.lib.Source(t.ID, strings.TrimSuffix(rest, "/index.m3u8"))
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
