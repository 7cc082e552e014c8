package publish

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// keptDisk is the failing disk, which moreover looks at each playlist that gets
// its name: all that it lists must have been synced before, and the names too.
type keptDisk struct {
	*failing
	named map[string]bool // files whose names are on the disk; guarded by failing.mu
}

func (d keptDisk) rename(from, to string) error {
	text, _ := os.ReadFile(from)
	err := d.failing.rename(from, to)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.named[to] = false
	if filepath.Base(to) != playlistName {
		return err
	}
	for name, named := range d.named {
		listed := strings.Contains(string(text), filepath.Base(name)+"\n") || filepath.Base(name) == hashesName
		if listed && (!named || !d.synced[name]) {
			d.t.Errorf("listed before %s is on the disk", filepath.Base(name))
		}
	}
	return err
}

func (d keptDisk) syncDir(name string) error {
	d.mu.Lock()
	before := slices.Collect(maps.Keys(d.named))
	d.mu.Unlock()
	err := d.failing.syncDir(name)
	if err == nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		for _, one := range before {
			d.named[one] = true
		}
	}
	return err
}

// The power goes after each single operation in turn, and the next life goes on
// with what it finds, until the film is whole.
func TestAKeptFolderGoesOnAfterAnyCrash(t *testing.T) {
	const segments = 5
	add := func(p *Publisher) (err error) {
		for i := p.Next(); i < segments && err == nil; i++ {
			err = p.Add(t.Context(), Segment{Number: i, Data: content(i, 3000), DurationSeconds: 4 + float64(i)/90_000, Discontinuity: i == 3})
		}
		if err == nil {
			_, err = p.Finish(t.Context())
		}
		return errors.Join(err, p.wait(t.Context()))
	}
	for left := range 70 {
		dir := newDir(t)
		d := keptDisk{&failing{t: t, left: left, half: left%2 == 0, synced: map[string]bool{}}, map[string]bool{}}
		p, err := create(dir, d)
		if err != nil {
			continue
		}
		p.Keep()
		_ = add(p) // as far as the power lasts
		seen, wrong := look(dir)
		if wrong != nil {
			t.Fatalf("after %d operations: %v", left, wrong)
		}
		if p, err = Reopen(dir); errors.Is(err, ErrNotWhole) {
			if len(seen.names) > 0 {
				t.Errorf("after %d operations %d segments were listed, and cannot be gone on with: %v", left, len(seen.names), err)
			}
			continue
		}
		must(t, err)
		if p.Next() < len(seen.names) {
			t.Errorf("after %d operations %d segments were listed, %d are known", left, len(seen.names), p.Next())
		}
		must(t, add(p))
		whole := mustLook(t, dir)
		if !whole.ended || len(whole.names) != segments || !strings.HasPrefix(whole.playlist, strings.TrimSuffix(seen.playlist, "#EXT-X-ENDLIST\n")) {
			t.Errorf("after %d operations: ended %v, %d segments; the playlist was\n%s\nand is\n%s", left, whole.ended, len(whole.names), seen.playlist, whole.playlist)
		}
		if strings.Count(whole.playlist, "#EXT-X-DISCONTINUITY\n#EXTINF:4.000033,\nseg00003.ts\n") != 1 {
			t.Errorf("the discontinuity is lost:\n%s", whole.playlist)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
			t.Errorf("what was being written is still there: %v", left)
		}
	}
}

func TestReopenRefusesWhatIsNotWhole(t *testing.T) {
	for name, spoil := range map[string]func(dir string) error{
		"a segment is missing": func(dir string) error { return os.Remove(filepath.Join(dir, "seg00001.ts")) },
		"a segment is shorter": func(dir string) error { return os.Truncate(filepath.Join(dir, "seg00000.ts"), 7) },
		"a segment has other bytes": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "seg00001.ts"), content(9, 3000), 0o600)
		},
		"no hashes":            func(dir string) error { return os.Remove(filepath.Join(dir, hashesName)) },
		"hashes that are none": func(dir string) error { return os.WriteFile(filepath.Join(dir, hashesName), make([]byte, 300), 0o600) },
		"hashes of a release that noted no lengths": func(dir string) error {
			text, err := os.ReadFile(filepath.Join(dir, hashesName))
			return errors.Join(err, os.WriteFile(filepath.Join(dir, hashesName), []byte(strings.ReplaceAll(string(text), `"seconds"`, `"other"`)), 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := newDir(t)
			p, err := Create(dir)
			must(t, err)
			p.Keep()
			for i := range 3 {
				must(t, p.Add(t.Context(), Segment{Number: i, Data: content(i, 3000), DurationSeconds: 4}))
			}
			must(t, p.Suspend())
			must(t, spoil(dir))
			if _, err := Reopen(dir); !errors.Is(err, ErrNotWhole) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A job that hangs is left behind; what another one goes on with is not touched
// by it any more.
func TestSuspendBesideAdd(t *testing.T) {
	dir := newDir(t)
	p, err := Create(dir)
	must(t, err)
	p.Keep()
	must(t, p.Add(t.Context(), Segment{Data: content(0, 3000), DurationSeconds: 4}))
	for len(p.Manifest().SegmentBytes) == 0 {
		runtime.Gosched()
	}
	var job sync.WaitGroup
	job.Go(func() {
		for i := 1; ; i++ {
			if p.Add(t.Context(), Segment{Number: i, Data: content(i, 3000), DurationSeconds: 4}) != nil {
				return
			}
		}
	})
	must(t, p.Suspend())
	before := mustLook(t, dir)
	again, err := Reopen(dir)
	must(t, err)
	job.Wait()
	if after := mustLook(t, dir); !slices.Equal(before.names, after.names) || len(after.names) != again.Next() {
		t.Errorf("%v became %v, %d are known", before.names, after.names, again.Next())
	}
	if _, err = p.Finish(t.Context()); err == nil {
		t.Error("a suspended publisher was finished")
	}
	must(t, again.Discard())
}

// cutDisk is one whose job is told to end in the moment in which the last segments
// are made safe.
type cutDisk struct {
	osDisk
	cancel func()
}

func (d cutDisk) syncFile(name string) error {
	d.cancel()
	return d.osDisk.syncFile(name)
}

func TestAJobThatEndsWhileItFinishesKeepsWhatItMade(t *testing.T) {
	const segments = 20
	dir := filepath.Join(t.TempDir(), "video-00000001")
	ctx, cancel := context.WithCancel(t.Context())
	p, err := create(dir, cutDisk{cancel: cancel})
	if err != nil {
		t.Fatal(err)
	}
	p.Keep()
	for n := range segments {
		if err = p.Add(ctx, Segment{Number: n, Data: []byte("data"), DurationSeconds: 4}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err = p.Finish(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("finish: %v", err)
	}
	if err = p.Suspend(); err != nil {
		t.Fatalf("it is thrown away: %v", err)
	}
	again, err := Reopen(dir)
	if err != nil {
		t.Fatal(err)
	}
	if again.Next() != segments {
		t.Errorf("%d of %d segments are left", again.Next(), segments)
	}
	if _, err = again.Finish(t.Context()); err != nil {
		t.Error(err)
	}
}

// Reopen reads the newest segments only; Verify reads all, and touches nothing.
func TestVerifyReadsEverySegment(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "video-00000001")
	p, err := Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	p.Keep()
	const segments = reread + 3
	for n := range segments {
		if err := p.Add(t.Context(), Segment{Number: n, Data: []byte{byte(n), 1, 2}, DurationSeconds: 4}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m, err := Verify(dir); err != nil || len(m.SegmentBytes) != segments || m.DurationSeconds != 4*segments {
		t.Fatalf("%+v, %v", m, err)
	}
	half := filepath.Join(dir, ".seg00099.ts.part")
	for _, name := range []string{half, filepath.Join(dir, segmentName(0))} {
		if err := os.WriteFile(name, []byte{9, 9, 9}, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Verify(dir); !errors.Is(err, ErrNotWhole) {
		t.Errorf("the first segment is another one: %v", err)
	}
	if _, err := os.Stat(half); err != nil {
		t.Error("something was removed")
	}
}
