package library

import (
	"path/filepath"
	"testing"
	"time"
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
