package blklog

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// asItWas is the disk at a point, made the plain way.
func asItWas(t *testing.T, base []byte, l *Log, p Point) []byte {
	t.Helper()
	disk := bytes.Clone(base)
	put := func(entry int, most int64) {
		e := l.Entries[entry]
		content, err := io.ReadAll(l.Content(e))
		if err != nil {
			t.Fatal(err)
		}
		if most > 0 {
			content = content[:most]
		}
		copy(disk[e.Offset:], content)
	}
	for n := range p.Durable {
		put(n, 0)
	}
	for n, entry := range p.Extra {
		most := int64(0)
		if n == len(p.Extra)-1 {
			most = p.TornBytes
		}
		put(entry, most)
	}
	return disk
}

// Two parts of a random recording, one of which begins and ends within writes,
// are at each point what the plain way says, whatever was written into the image
// of the point before.
func TestReplayIsWhatWasWritten(t *testing.T) {
	for seed := range uint64(4) {
		random := chance(seed)
		const sectors = 96
		base := make([]byte, sectors*512)
		for n := range base[:20*512] {
			base[n] = byte(random.IntN(256))
		}
		r := &recorded{sector: 512}
		for range 40 {
			length := 1 + random.IntN(8)
			content := make([]byte, length*512)
			for n := range content {
				content[n] = byte(random.IntN(256))
			}
			switch first := random.IntN(sectors - length); random.IntN(5) {
			case 0:
				r.flush()
			case 1:
				r.add(first, length, flagDiscard, nil)
			default:
				r.add(first, length, 0, content)
			}
		}
		l := r.log(t)
		before := filepath.Join(t.TempDir(), "base")
		if err := os.WriteFile(before, base, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(before)
		if err != nil {
			t.Fatal(err)
		}
		parts := []Part{{Name: "one", Offset: 0, Bytes: 32 * 512}, {Name: "two", Offset: 33 * 512, Bytes: 50 * 512}}
		dir := t.TempDir()
		replay, err := NewReplay(l, file, dir, parts...)
		if err != nil {
			t.Fatal(err)
		}
		keys := []map[string][]byte{{}, {}}
		for _, p := range append(l.Points(0, len(l.Entries)+1, 100, random), l.End()) {
			if err := replay.Visit(p); err != nil {
				t.Fatal(err)
			}
			want := asItWas(t, base, l, p)
			for n, part := range parts {
				path, err := replay.Image(n)
				if err != nil {
					t.Fatal(err)
				}
				got, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want[part.Offset:part.Offset+part.Bytes]) {
					t.Fatalf("seed %d, part %s: another disk at %v", seed, part.Name, p)
				}
				key := replay.Key(n)
				if known, seen := keys[n][key]; seen && !bytes.Equal(known, got) {
					t.Fatalf("seed %d, part %s: two disks of the key %q", seed, part.Name, key)
				}
				keys[n][key] = got
				if err := os.WriteFile(path, bytes.Repeat([]byte("!"), 4096), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := replay.Visit(Point{}); err == nil {
			t.Error("it went backwards")
		}
		if err := replay.Close(); err != nil {
			t.Error(err)
		}
		if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || !slices.Equal(left, nil) {
			t.Errorf("left behind: %v, %v", left, err)
		}
		_ = file.Close()
	}
}

// Of a large disk only what was written takes room.
func TestReplayKeepsHoles(t *testing.T) {
	const size = 1 << 30
	base, err := os.Create(filepath.Join(t.TempDir(), "base"))
	if err != nil {
		t.Fatal(err)
	}
	defer base.Close()
	if err = base.Truncate(size); err != nil {
		t.Fatal(err)
	}
	if _, err = base.WriteAt([]byte("here"), size/2); err != nil {
		t.Fatal(err)
	}
	r := &recorded{sector: 512}
	r.write(1000, filled("a", 1))
	replay, err := NewReplay(r.log(t), base, t.TempDir(), Part{Name: "all", Bytes: size})
	if err != nil {
		t.Fatal(err)
	}
	if err = replay.Visit(Point{Extra: []int{0}}); err != nil {
		t.Fatal(err)
	}
	path, err := replay.Image(0)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() != size {
		t.Fatalf("%v, %v", info, err)
	}
	if blocks := allocated(info); blocks > 1<<20 {
		t.Errorf("it takes %d bytes", blocks)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got := make([]byte, 4)
	if _, err := f.ReadAt(got, size/2); err != nil || string(got) != "here" {
		t.Errorf("%q, %v", got, err)
	}
	if err := replay.Close(); err != nil {
		t.Error(err)
	}
}
