package publish

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

var errPower = errors.New("the power is gone")

// failing is the real disk until left operations are done; then nothing works
// any more, as when the program is killed or the card pulled. It knows what was
// synced.
type failing struct {
	osDisk
	t *testing.T

	mu     sync.Mutex
	left   int             // operations; below zero: the power is gone
	half   bool            // the operation that fails writes half of its bytes
	synced map[string]bool // files and folders, by path, since their last change
	ended  bool            // a playlist with ENDLIST has its name
}

func (d *failing) step() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.left--
	return d.left >= 0
}

func (d *failing) set(name string, synced bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.synced[name] = synced
}

func (d *failing) mkdir(name string) error {
	if !d.step() {
		return errPower
	}
	d.set(filepath.Dir(name), false)
	return d.osDisk.mkdir(name)
}

func (d *failing) create(name string) (file, error) {
	if !d.step() {
		return nil, errPower
	}
	f, err := d.osDisk.create(name)
	if err != nil {
		return nil, err
	}
	d.set(name, false)
	return &failingFile{file: f, d: d, name: name}, nil
}

func (d *failing) rename(from, to string) error {
	if !d.step() {
		return errPower
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.synced[to] = d.synced[from]
	delete(d.synced, from)
	if text, err := os.ReadFile(from); err == nil && strings.Contains(string(text), "#EXT-X-ENDLIST") {
		d.ended = true
		for name, synced := range d.synced {
			if !synced {
				d.t.Errorf("ENDLIST before %s is on the disk", name)
			}
		}
	}
	d.synced[filepath.Dir(to)] = false
	return d.osDisk.rename(from, to)
}

func (d *failing) syncFile(name string) error {
	if !d.step() {
		return errPower
	}
	d.set(name, true)
	return nil // what the real one does is not looked at here, and slow
}

func (d *failing) syncDir(name string) error {
	if !d.step() {
		return errPower
	}
	d.set(name, true)
	return d.osDisk.syncDir(name)
}

type failingFile struct {
	file
	d    *failing
	name string
}

func (f *failingFile) Write(p []byte) (int, error) {
	if !f.d.step() {
		if f.d.half {
			_, _ = f.file.Write(p[:len(p)/2])
		}
		return 0, errPower
	}
	f.d.set(f.name, false)
	return f.file.Write(p)
}

func (f *failingFile) Sync() error {
	if !f.d.step() {
		return errPower
	}
	f.d.set(f.name, true)
	return nil // what the real one does is not looked at here, and slow
}

// The power goes after each single operation in turn. What a reader finds then
// is true, and ENDLIST is there only when all is on the disk.
func TestACrashAtAnyMomentLeavesAFolderThatIsTrue(t *testing.T) {
	const segments = 6
	run := func(d *failing, dir string) (listed int, err error) {
		p, err := create(dir, d)
		if err != nil {
			return 0, err
		}
		for i := range segments {
			if err = p.Add(t.Context(), Segment{Number: i, Data: content(i, 3000), DurationSeconds: 4}); err != nil {
				break
			}
		}
		if err == nil {
			_, err = p.Finish(t.Context())
		}
		if wait := p.wait(t.Context()); wait != nil {
			t.Fatal(wait)
		}
		return len(p.Manifest().SegmentBytes), err
	}
	newDisk := func(left int, half bool) *failing {
		return &failing{t: t, left: left, half: half, synced: map[string]bool{}}
	}
	const plenty = 1_000_000
	d := newDisk(plenty, false)
	if _, err := run(d, newDir(t)); err != nil {
		t.Fatal(err)
	}
	for name, synced := range d.synced {
		if !synced {
			t.Errorf("finished before %s is on the disk", name)
		}
	}
	base := t.TempDir()
	// How often lists are written varies, so the end is where the power lasts
	// several times in a row.
	failed, inRow := 0, 0
	for left := 0; inRow < 20; left++ {
		for _, half := range []bool{false, true} {
			dir := filepath.Join(base, fmt.Sprint(left, half))
			d := newDisk(left, half)
			listed, err := run(d, dir)
			f, wrong := look(dir)
			if wrong != nil {
				t.Fatalf("after %d operations: %v", left, wrong)
			}
			if err != nil && !errors.Is(err, errPower) {
				t.Errorf("after %d operations: %v", left, err)
			}
			if len(f.names) < listed {
				t.Errorf("after %d operations %d segments are listed, and %d promised", left, len(f.names), listed)
			}
			if f.ended != d.ended || f.ended && len(f.names) != segments || err == nil && !f.ended {
				t.Errorf("after %d operations: ended %v, %d segments, %v", left, f.ended, len(f.names), err)
			}
			if err == nil {
				inRow++
			} else {
				failed, inRow = failed+1, 0
			}
		}
	}
	// Each segment is created, written, renamed and synced; a crash at each of
	// these, and at those of the end, was tried twice.
	if least := 2 * 4 * segments; failed < least {
		t.Errorf("only %d runs ended in a crash, %d at least were to", failed, least)
	}
}

// fullDisk is one that is full from the third segment on: /dev/full takes the
// writes and gives the kernel's own error.
type fullDisk struct{ osDisk }

func (d fullDisk) create(name string) (file, error) {
	if strings.Contains(name, "seg00002") {
		f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		return osFile{f}, err
	}
	return d.osDisk.create(name)
}

func TestAFullDiskEndsItAndWhatIsListedStays(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("not run here: no /dev/full (Linux has one)")
	}
	dir := newDir(t)
	p, err := create(dir, fullDisk{})
	must(t, err)
	p.Keep()
	for i := range 10 {
		for i == 1 && len(p.Manifest().SegmentBytes) == 0 { // the first is listed at once
			runtime.Gosched()
		}
		if err = p.Add(t.Context(), Segment{Number: i, Data: content(i, 3000), DurationSeconds: 4}); err != nil {
			break
		}
	}
	if _, finish := p.Finish(t.Context()); !errors.Is(finish, ErrNoSpace) || (err != nil && !errors.Is(err, ErrNoSpace)) {
		t.Errorf("Add: %v, Finish: %v", err, finish)
	}
	if f := mustLook(t, dir); len(f.names) > 2 || f.ended {
		t.Errorf("%d are listed, ended %v", len(f.names), f.ended)
	}
	if err = p.Suspend(); err != nil {
		t.Errorf("it cannot be gone on with: %v", err)
	}
	listed := len(p.Manifest().SegmentBytes)
	again, err := reopen(dir, osDisk{})
	must(t, err)
	for i := again.Next(); i < 10; i++ {
		must(t, again.Add(t.Context(), Segment{Number: i, Data: content(i, 3000), DurationSeconds: 4}))
	}
	if m, finish := again.Finish(t.Context()); finish != nil || len(m.SegmentBytes) != 10 || again.Next() != 10 || listed > 2 {
		t.Errorf("with room again: %d listed before, %d segments, %v", listed, len(m.SegmentBytes), finish)
	}
	must(t, p.Discard())
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder is still there")
	}
}
