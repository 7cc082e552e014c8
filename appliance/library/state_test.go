package library

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"
)

var someDay = time.Date(2026, 11, 22, 20, 15, 0, 0, time.UTC)

func openStateAt(tb testing.TB, path string, clock *time.Time) *StateDB {
	tb.Helper()
	s, damaged, err := OpenStateDB(path, func() time.Time { return *clock })
	if err != nil || damaged {
		tb.Fatalf("damaged %v: %v", damaged, err)
	}
	return s
}

func openSomeState(tb testing.TB) (s *StateDB, path string, clock *time.Time) {
	tb.Helper()
	now := someDay
	path = filepath.Join(tb.TempDir(), "state", "state.db")
	s = openStateAt(tb, path, &now)
	tb.Cleanup(func() { _ = s.Close() })
	return s, path, &now
}

func mustClose(tb testing.TB, s *StateDB) {
	tb.Helper()
	if err := s.Close(); err != nil {
		tb.Fatal(err)
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
