package library

import (
	"fmt"
	"testing"
	"time"
)

func TestKnownFiles(t *testing.T) {
	s, path, clock := openSomeState(t)
	changed := someDay.Add(-time.Hour + 7)
	if err := s.RememberFile("v1", "a/b.mkv", 100, changed, testID(1)); err != nil {
		t.Fatal(err)
	}
	look := func(s *StateDB) {
		t.Helper()
		for name, test := range map[string]struct {
			volume, path string
			size         int64
			modified     time.Time
			found        bool
		}{
			"the same file":           {"v1", "a/b.mkv", 100, changed, true},
			"in another time zone":    {"v1", "a/b.mkv", 100, changed.In(time.FixedZone("x", 3600)), true},
			"another size":            {"v1", "a/b.mkv", 101, changed, false},
			"another time":            {"v1", "a/b.mkv", 100, changed.Add(1), false},
			"another path":            {"v1", "a/B.mkv", 100, changed, false},
			"another volume":          {"v2", "a/b.mkv", 100, changed, false},
			"the border moved":        {"v1a", "/b.mkv", 100, changed, false},
			"a path that is no UTF-8": {"v1", "\xff\x00", 100, changed, false},
		} {
			id, found := s.KnownFile(test.volume, test.path, test.size, test.modified)
			if found != test.found || found != (id == testID(1)) {
				t.Errorf("%s: %q %v", name, id, found)
			}
		}
	}
	look(s)
	if err := s.flush(); err != nil {
		t.Fatal(err)
	}
	look(s)
	mustClose(t, s)
	s = openStateAt(t, path, clock)
	defer mustClose(t, s)
	look(s)
	if err := s.RememberFile("v1", "a/b.mkv", 100, changed, "../../etc/passwd"); err == nil {
		t.Error("anything is an id")
	}
	if err := s.RememberFile("v1", "a/b.mkv", 200, changed, testID(2)); err != nil {
		t.Fatal(err)
	}
	if id, found := s.KnownFile("v1", "a/b.mkv", 200, changed); !found || id != testID(2) {
		t.Errorf("a changed file keeps its old id %q", id)
	}
}

func TestVolumesAreForgottenOldestFirst(t *testing.T) {
	s, path, clock := openSomeState(t)
	volume := func(n int) string { return fmt.Sprint("volume ", n) }
	for n := range maxVolumes {
		if err := s.RememberFile(volume(n), "f", 1, someDay, testID(n)); err != nil {
			t.Fatal(err)
		}
	}
	if _, found := s.KnownFile(volume(0), "f", 1, someDay); !found { // plugged again: not the oldest any more
		t.Fatal("not found")
	}
	mustClose(t, s)
	s = openStateAt(t, path, clock)
	defer mustClose(t, s)
	if err := s.RememberFile("new", "f", 1, someDay, testID(0)); err != nil {
		t.Fatal(err)
	}
	if err := s.flush(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{volume(0): true, volume(1): false, volume(2): true, "new": true} {
		if _, found := s.KnownFile(name, "f", 1, someDay); found != want {
			t.Errorf("%s: %v", name, found)
		}
	}
	if files, volumes := count(t, s, bucketFiles), count(t, s, bucketVolumes); files != maxVolumes || volumes != maxVolumes {
		t.Errorf("%d files of %d volumes", files, volumes)
	}
}

func TestAVolumeWithTooManyFilesBeginsAnew(t *testing.T) {
	s, _, _ := openSomeState(t)
	for n := range maxFilesPerVolume + 1 {
		if err := s.RememberFile("v", fmt.Sprint(n), 1, someDay, testID(0)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.flush(); err != nil {
		t.Fatal(err)
	}
	n := count(t, s, bucketFiles)
	if n == 0 || n > maxFilesPerVolume {
		t.Errorf("%d files", n)
	}
	if err := s.RememberFile("v", "last", 1, someDay, testID(0)); err != nil {
		t.Fatal(err)
	}
	if _, found := s.KnownFile("v", "last", 1, someDay); !found {
		t.Error("the newest is not known")
	}
}
