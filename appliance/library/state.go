package library

// State db: small mutable state in one bbolt file (decision 5): resume points,
// settings, files of known sticks, counters. See OpenStateDB.

import (
	"context"
	"time"
)

// StateDB is the box's small mutable state. Safe for concurrent use.
type StateDB struct{}

// OpenStateDB opens or makes the file; a damaged one is set aside and made anew (said in the error-free return damaged).
func OpenStateDB(path string, now func() time.Time) (db *StateDB, damaged bool, err error) {
	return &StateDB{}, false, nil
}

func (s *StateDB) Close() error { return nil }

// Run expires resume points after 30 days.
func (s *StateDB) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Resume and SetResume keep a viewer's place in a title (seconds); viewer is the cookie's value, stored hashed.
func (s *StateDB) Resume(viewer, id string) (seconds float64, found bool, err error) {
	return 0, false, nil
}
func (s *StateDB) SetResume(viewer, id string, seconds float64) error { return nil }

// KnownFile and RememberFile map (volume, path, size, mtime) to a title id.
func (s *StateDB) KnownFile(volume, path string, size int64, modified time.Time) (id string, found bool) {
	return "", false
}
func (s *StateDB) RememberFile(volume, path string, size int64, modified time.Time, id string) error {
	return nil
}

// NextNumber counts up, across restarts (queue order, watching order).
func (s *StateDB) NextNumber(counter string) (uint64, error) { return 0, nil }

// Setting and SetSetting keep a named small value.
func (s *StateDB) Setting(name string) (value []byte, found bool, err error) { return nil, false, nil }
func (s *StateDB) SetSetting(name string, value []byte) error                { return nil }
