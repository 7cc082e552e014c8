package library

// State db: small mutable state in one bbolt file (decision 5): resume points,
// files of known sticks, counters. See OpenStateDB.

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"go.etcd.io/bbolt"
)

// ErrStateInUse means that another process has the state file open.
var ErrStateInUse = errors.New("the state file is in use by another process; is the service running already?")

var errStateDamaged = errors.New("the state file is damaged")

// StateDB is the box's small mutable state. Safe for concurrent use.
//
// Resume points and known files are collected in memory and written together,
// within a second (files) or three minutes (resume points) by Run, at the latest by
// Close: a commit is a sync of the SD card, and 10,000 of them take minutes. A
// power cut costs what was not written yet; phones know their own places. NextNumber never gives a number twice.
type StateDB struct {
	Log *slog.Logger // optional; set before Run

	db   *bbolt.DB
	now  func() time.Time
	wake chan struct{}

	commit   sync.Mutex           // one flush at a time; taken before mu, never inside it
	counters map[string]*reserved // guarded by commit

	mu      sync.Mutex
	pending batch     // not yet taken by a flush
	writing batch     // taken by the flush that runs; still seen by readers
	flushAt time.Time // when Run is to flush; zero: nothing pending
	uses    uint64    // counts how often another volume was used
	recent  volumeKey // the volume used last
}

// The buckets of the file.
var (
	bucketMeta     = []byte("meta")        // "schema" → decimal
	bucketResume   = []byte("resume")      // placeKey → place
	bucketOrder    = []byte("resumeOrder") // number of the write → placeKey: who is oldest
	bucketFiles    = []byte("files")       // fileKey → knownFile
	bucketVolumes  = []byte("volumes")     // volumeKey → volume
	bucketCounters = []byte("counters")    // name → last number reserved
	bucketSettings = []byte("settings")    // key → text, chosen at the box (statesettings.go)
	allBuckets     = [][]byte{bucketMeta, bucketResume, bucketOrder, bucketFiles, bucketVolumes, bucketCounters, bucketSettings}
)

const (
	stateSchema = 1
	filesEvery  = time.Second
	// A page tells its place every 10 s, and a write costs a card some 40 KB: an hour of playing is to cost
	// it less than 1 MB. What a pulled plug takes is made up by the phones, which know their own places.
	resumeEvery = 3 * time.Minute
	retryEvery  = 30 * time.Second
	expireEvery = time.Hour
)

// Run writes what is pending and expires resume points after 30 days. An error
// of the disk is logged and tried again: the box plays on without it.
func (s *StateDB) Run(ctx context.Context) error {
	expire := time.NewTicker(expireEvery)
	defer expire.Stop()
	s.logged("Could not expire resume points", s.expire())
	write := time.NewTimer(idle)
	defer write.Stop()
	for {
		select {
		case <-ctx.Done():
			return s.flush()
		case <-expire.C:
			s.logged("Could not expire resume points", s.expire())
		case <-s.wake:
		case <-write.C:
			s.logged("Could not write resume points and known files", s.flush())
		}
		write.Reset(s.due())
	}
}

// Close writes what is pending and closes the file.
func (s *StateDB) Close() error {
	err := s.flush()
	if closeErr := s.db.Close(); closeErr != nil {
		err = errors.Join(err, fmt.Errorf("close the state file: %w", closeErr))
	}
	return err
}

func (s *StateDB) logged(message string, err error) {
	if err != nil && s.Log != nil {
		s.Log.Error(message, "error", err) //nolint:sloglint // one of the constants above
	}
}

// due is how long Run may sleep.
func (s *StateDB) due() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flushAt.IsZero() {
		return idle
	}
	return max(time.Until(s.flushAt), 0)
}

// flushWithin has Run flush after at most d. The lock is held.
func (s *StateDB) flushWithin(d time.Duration) {
	if at := time.Now().Add(d); s.flushAt.IsZero() || at.Before(s.flushAt) {
		s.flushAt = at
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

// view and update run a transaction. A page that has rotted since the file was
// opened makes bbolt panic, or the reading of the mapped file fault: both are
// an error of this one call.
func (s *StateDB) view(do func(*bbolt.Tx) error) error {
	return guarded(func() error { return s.db.View(do) })
}

func (s *StateDB) update(do func(*bbolt.Tx) error) error {
	return guarded(func() error { return s.db.Update(do) })
}

func guarded(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%w: %v", errStateDamaged, cause)
		}
	}()
	return do()
}
