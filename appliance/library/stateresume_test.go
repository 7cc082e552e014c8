package library

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"
)

// keeps tells what Resume says, from memory and again from the disk.
func keeps(t *testing.T, s *StateDB, viewer, id string, want float64, wantFound bool) {
	t.Helper()
	for _, from := range []string{"memory", "disk"} {
		got, found, err := s.Resume(viewer, id)
		if err != nil || got != want || found != wantFound {
			t.Errorf("from %s: %v, %v, %v; not %v, %v", from, got, found, err, want, wantFound)
		}
		if err := s.flush(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestResume(t *testing.T) {
	s, path, clock := openSomeState(t)
	id := testID(1)
	keeps(t, s, "ada", id, 0, false)
	for _, seconds := range []float64{0, 1.5, 3600, 1e6} {
		if err := s.SetResume("ada", id, seconds); err != nil {
			t.Fatal(err)
		}
		keeps(t, s, "ada", id, seconds, true)
	}
	keeps(t, s, "bob", id, 0, false)
	keeps(t, s, "ada", testID(2), 0, false)
	for _, seconds := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1, 1e6 + 1} {
		if err := s.SetResume("ada", id, seconds); err == nil {
			t.Errorf("%v is a place in a film", seconds)
		}
	}
	for _, bad := range badIDs() {
		if err := s.SetResume("ada", bad, 1); err == nil {
			t.Errorf("%q is a title", bad)
		}
	}
	if err := s.SetResume("", id, 1); err == nil {
		t.Error("nobody has a place")
	}
	mustClose(t, s)
	data, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(data), "ada") {
		t.Errorf("the cookie is in the file: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	s = openStateAt(t, path, clock)
	defer mustClose(t, s)
	keeps(t, s, "ada", id, 1e6, true)
}

func TestResumePointsAndTheClock(t *testing.T) {
	const day = 24 * time.Hour
	unset := time.Date(1970, 1, 1, 0, 5, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		set   time.Time
		later []time.Time // the clock at each hourly look
		found bool
	}{
		"29 days later":                                    {someDay, []time.Time{someDay.Add(29 * day)}, true},
		"31 days later":                                    {someDay, []time.Time{someDay.Add(31 * day)}, false},
		"the clock was lost on the way":                    {someDay, []time.Time{unset, unset.Add(40 * day)}, true},
		"the clock was lost and found again":               {someDay, []time.Time{unset, someDay.Add(2 * day)}, true},
		"lost, found again, and time went by":              {someDay, []time.Time{unset, someDay.Add(31 * day)}, false},
		"the clock went back":                              {someDay, []time.Time{someDay.Add(-60 * day)}, true},
		"the clock went back and was put right":            {someDay, []time.Time{someDay.Add(-60 * day), someDay.Add(day)}, true},
		"set without a clock, which then jumps by decades": {unset, []time.Time{someDay}, true},
		"set without a clock, a month after it was found":  {unset, []time.Time{someDay, someDay.Add(31 * day)}, false},
		"set without a clock, days after it was found":     {unset, []time.Time{someDay, someDay.Add(20 * day)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			s, _, clock := openSomeState(t)
			*clock = test.set
			if err := s.SetResume("ada", testID(1), 5); err != nil {
				t.Fatal(err)
			}
			if err := s.flush(); err != nil {
				t.Fatal(err)
			}
			for _, *clock = range test.later {
				_, before, err := s.Resume("ada", testID(1))
				if err != nil {
					t.Fatal(err)
				}
				if err := s.expire(); err != nil {
					t.Fatal(err)
				}
				if _, after, err := s.Resume("ada", testID(1)); err != nil || after != before {
					t.Errorf("found %v before the look, %v after it (%v)", before, after, err)
				}
			}
			if _, found, err := s.Resume("ada", testID(1)); err != nil || found != test.found {
				t.Errorf("found %v, %v", found, err)
			}
			left := count(t, s, bucketResume)
			if order := count(t, s, bucketOrder); order != left || (left == 1) != test.found {
				t.Errorf("%d places, %d in their order", left, order)
			}
		})
	}
}

func count(tb testing.TB, s *StateDB, bucket []byte) (n int) {
	tb.Helper()
	err := s.view(func(tx *bbolt.Tx) error {
		n = tx.Bucket(bucket).Stats().KeyN
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func TestResumePointsAreBounded(t *testing.T) {
	s, _, _ := openSomeState(t)
	set := func(viewer string, from, to int) {
		t.Helper()
		for n := from; n < to; n++ {
			if err := s.SetResume(viewer, testID(n), 1); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.flush(); err != nil {
			t.Fatal(err)
		}
	}
	set("bob", 0, 3)
	set("ada", 0, 50)
	set("ada", 50, maxPlacesPerViewer+10)
	if n := count(t, s, bucketResume); n != maxPlacesPerViewer+3 {
		t.Errorf("%d places", n)
	}
	missing := 0
	for n := range 50 {
		if _, found, _ := s.Resume("ada", testID(n)); !found {
			missing++
		}
	}
	if missing != 10 {
		t.Errorf("%d of the oldest are gone, not the 10 that were too many", missing)
	}
	keeps(t, s, "ada", testID(maxPlacesPerViewer+9), 1, true)
	keeps(t, s, "bob", testID(0), 1, true)
}

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

func TestNumbersNeverRepeat(t *testing.T) {
	s, path, clock := openSomeState(t)
	last := map[string]uint64{}
	for round := range 3 {
		for _, counter := range []string{"queue", "watching"} {
			for range 2*reserveNumbers - 100 {
				n, err := s.NextNumber(counter)
				if err != nil || n <= last[counter] {
					t.Fatalf("%s: %d after %d, %v", counter, n, last[counter], err)
				}
				last[counter] = n
			}
		}
		if round == 0 && last["queue"] != 2*reserveNumbers-100 {
			t.Errorf("gaps without a restart: %d", last["queue"])
		}
		mustClose(t, s)
		s = openStateAt(t, path, clock)
	}
	mustClose(t, s)
	for _, name := range []string{"", "a b", "../x", strings.Repeat("a", 65)} {
		if _, err := s.NextNumber(name); err == nil {
			t.Errorf("%q is a counter", name)
		}
	}
	if n, err := s.NextNumber("another"); err == nil {
		t.Errorf("%d from a closed file", n)
	}
}

func TestSettings(t *testing.T) {
	s, path, clock := openSomeState(t)
	if _, found, err := s.Setting("name"); found || err != nil {
		t.Errorf("%v %v", found, err)
	}
	value := []byte("Kino")
	if err := s.SetSetting("name", value); err != nil {
		t.Fatal(err)
	}
	if err := s.SetSetting("empty", []byte{}); err != nil {
		t.Fatal(err)
	}
	value[0] = 'X'
	mustClose(t, s)
	s = openStateAt(t, path, clock)
	defer mustClose(t, s)
	got, found, err := s.Setting("name")
	if err != nil || !found || string(got) != "Kino" {
		t.Errorf("%q %v %v", got, found, err)
	}
	got[0] = 'Y'
	if again, _, _ := s.Setting("name"); string(again) != "Kino" {
		t.Errorf("%q", again)
	}
	if got, found, err := s.Setting("empty"); err != nil || !found || len(got) != 0 {
		t.Errorf("%q %v %v", got, found, err)
	}
	if err := s.SetSetting("name", nil); err != nil {
		t.Fatal(err)
	}
	if _, found, _ := s.Setting("name"); found {
		t.Error("not removed")
	}
	for name, value := range map[string][]byte{"": {1}, "a/b": {1}, "big": make([]byte, maxSettingBytes+1)} {
		if err := s.SetSetting(name, value); err == nil {
			t.Errorf("%q with %d bytes is a setting", name, len(value))
		}
	}
}

func TestDamagedStateIsSetAside(t *testing.T) {
	fill := func(t *testing.T, path string) int64 {
		t.Helper()
		clock := someDay
		s := openStateAt(t, path, &clock)
		for n := range 3000 {
			if err := s.RememberFile("v", fmt.Sprint(n), 1, someDay, testID(n)); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.SetResume("ada", testID(1), 7); err != nil {
			t.Fatal(err)
		}
		if err := s.flush(); err != nil {
			t.Fatal(err)
		}
		var used int64 // bbolt makes the file larger than what it has used
		if err := s.view(func(tx *bbolt.Tx) error { used = tx.Size(); return nil }); err != nil {
			t.Fatal(err)
		}
		mustClose(t, s)
		return used
	}
	overwrite := func(t *testing.T, path string, from, to int64) {
		t.Helper()
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		noise := make([]byte, to-from)
		for i := range noise {
			noise[i] = byte(i*7 + 13)
		}
		if _, err := f.WriteAt(noise, from); err != nil {
			t.Fatal(err)
		}
	}
	truncate := func(t *testing.T, path string, size int64) {
		t.Helper()
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
	}
	for name, damage := range map[string]func(t *testing.T, path string, size int64){
		"text": func(t *testing.T, path string, _ int64) {
			t.Helper()
			put(t, path, strings.Repeat("not a database\n", 9000))
		},
		"a few bytes":       func(t *testing.T, path string, _ int64) { t.Helper(); put(t, path, "x") },
		"zeroes":            func(t *testing.T, path string, size int64) { t.Helper(); put(t, path, string(make([]byte, size))) },
		"one page":          func(t *testing.T, path string, _ int64) { t.Helper(); truncate(t, path, 4096) },
		"four pages":        func(t *testing.T, path string, _ int64) { t.Helper(); truncate(t, path, 4*4096) },
		"half":              func(t *testing.T, path string, size int64) { t.Helper(); truncate(t, path, size/2) },
		"short by a page":   func(t *testing.T, path string, size int64) { t.Helper(); truncate(t, path, size-4096) },
		"noise in the head": func(t *testing.T, path string, _ int64) { t.Helper(); overwrite(t, path, 0, 8192) },
		"noise in the body": func(t *testing.T, path string, size int64) { t.Helper(); overwrite(t, path, 8192, size) },
		"a newer schema": func(t *testing.T, path string, _ int64) {
			t.Helper()
			db, err := bbolt.Open(path, 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			err = db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(bucketMeta).Put([]byte("schema"), []byte("2")) })
			if err = errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.db")
			damage(t, path, fill(t, path))
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s, damaged, err := OpenStateDB(path, nil)
			if err != nil || !damaged {
				t.Fatalf("damaged %v, %v", damaged, err)
			}
			aside, err := os.ReadFile(path + damagedSuffix)
			if err != nil || len(aside) != len(before) {
				t.Errorf("%d bytes were set aside of %d: %v", len(aside), len(before), err)
			}
			if err = s.SetResume("ada", testID(1), 7); err != nil {
				t.Error(err)
			}
			mustClose(t, s)
			if _, damaged, err = OpenStateDB(path, nil); damaged || err != nil {
				t.Errorf("the new one: damaged %v, %v", damaged, err)
			}
		})
	}
	t.Run("an empty file is a new one", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state.db")
		put(t, path, "")
		s, damaged, err := OpenStateDB(path, nil)
		if err != nil || damaged {
			t.Fatalf("damaged %v, %v", damaged, err)
		}
		mustClose(t, s)
	})
	t.Run("a folder is an error, and stays", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state.db")
		put(t, filepath.Join(path, "file"), "x")
		if _, damaged, err := OpenStateDB(path, nil); err == nil || damaged || !exists(filepath.Join(path, "file")) {
			t.Errorf("damaged %v, %v", damaged, err)
		}
	})
}

func TestStateInUse(t *testing.T) {
	s, path, _ := openSomeState(t)
	if err := s.SetSetting("name", []byte("x")); err != nil {
		t.Fatal(err)
	}
	_, damaged, err := OpenStateDB(path, nil) // a second open file has its own lock, as that of a second process
	if !errors.Is(err, ErrStateInUse) || damaged || exists(path+damagedSuffix) {
		t.Errorf("damaged %v, %v", damaged, err)
	}
	if _, found, err := s.Setting("name"); !found || err != nil {
		t.Errorf("the first one suffers: %v %v", found, err)
	}
}

func TestRunWritesWithinASecond(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	synctest.Test(t, func(t *testing.T) {
		s, _, err := OpenStateDB(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		synctest.Wait()
		commits := func() int64 { stats := s.db.Stats(); return stats.TxStats.GetWrite() }
		before := commits()
		for n := range 1000 {
			if err := s.RememberFile("v", fmt.Sprint(n), 1, someDay, testID(n)); err != nil {
				t.Fatal(err)
			}
			wait(t, time.Millisecond)
		}
		wait(t, filesEvery)
		if n := count(t, s, bucketFiles); n != 1000 {
			t.Errorf("%d of 1000 files are on the disk", n)
		}
		if writes := commits() - before; writes > 200 {
			t.Errorf("%d pages were written for 1000 files", writes)
		}
		if err := s.SetResume("ada", testID(1), 1); err != nil {
			t.Fatal(err)
		}
		wait(t, resumeEvery-time.Second)
		if n := count(t, s, bucketResume); n != 0 {
			t.Error("each place is written at once")
		}
		wait(t, time.Second)
		if n := count(t, s, bucketResume); n != 1 {
			t.Error("the place is not written")
		}
		if err := s.SetResume("ada", testID(2), 1); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if n := count(t, s, bucketResume); n != 2 {
			t.Error("the end of Run loses a place")
		}
		mustClose(t, s)
	})
}

func TestADiskThatRefuses(t *testing.T) {
	s, path, clock := openSomeState(t)
	if err := s.SetResume("ada", testID(1), 1); err != nil {
		t.Fatal(err)
	}
	mustClose(t, s) // from now on every write fails
	if err := s.SetResume("ada", testID(1), 2); err != nil {
		t.Fatal(err)
	}
	if err := s.flush(); err == nil {
		t.Error("no error")
	}
	if seconds, found, err := s.Resume("ada", testID(1)); err != nil || !found || seconds != 2 {
		t.Errorf("what could not be written is forgotten: %v %v %v", seconds, found, err)
	}
	var refused error
	for n := range 3 * maxBatch {
		refused = s.RememberFile("v", fmt.Sprint(n), 1, someDay, testID(1))
	}
	if !errors.Is(refused, errTooMuchPending) || s.pending.size() > 2*maxBatch+1 {
		t.Errorf("%d wait in memory: %v", s.pending.size(), refused)
	}
	mustClose(t, openStateAt(t, path, clock))
}

func TestStateFromManyGoroutines(t *testing.T) {
	s, path, clock := openSomeState(t)
	var work sync.WaitGroup
	for worker := range 6 {
		work.Go(func() {
			viewer := fmt.Sprint("viewer ", worker)
			for n := range 200 {
				if err := errors.Join(
					s.SetResume(viewer, testID(n), float64(n)),
					s.RememberFile(viewer, fmt.Sprint(n), int64(n), someDay, testID(n)),
				); err != nil {
					t.Error(err)
				}
				if n%50 == worker {
					if err := s.flush(); err != nil {
						t.Error(err)
					}
				}
				if seconds, found, err := s.Resume(viewer, testID(n)); err != nil || !found || seconds != float64(n) {
					t.Errorf("%v %v %v", seconds, found, err)
				}
				if id, found := s.KnownFile(viewer, fmt.Sprint(n), int64(n), someDay); !found || id != testID(n) {
					t.Errorf("%v %v", id, found)
				}
			}
		})
	}
	work.Wait()
	mustClose(t, s)
	s = openStateAt(t, path, clock)
	defer mustClose(t, s)
	if n := count(t, s, bucketResume); n != 1200 {
		t.Errorf("%d places", n)
	}
}
