package library

import (
	"errors"
	"fmt"
	"maps"
	"time"

	"go.etcd.io/bbolt"
)

// batch is what has to be written.
type batch struct {
	places  map[placeKey]place
	files   map[fileKey]knownFile
	volumes map[volumeKey]uint64 // number of the last use
}

// maxBatch is when a caller writes itself, should Run be late or not run; at
// twice as many (the disk refuses) nothing more is taken.
const maxBatch = 5_000

var errTooMuchPending = errors.New("too much waits to be written to the state file")

func newBatch() batch {
	return batch{places: map[placeKey]place{}, files: map[fileKey]knownFile{}, volumes: map[volumeKey]uint64{}}
}

func (b *batch) size() int { return len(b.places) + len(b.files) + len(b.volumes) }

// add puts something into the pending batch, unless too much waits there.
func (s *StateDB) add(put func(*batch)) error {
	s.mu.Lock()
	size := s.pending.size()
	if size < 2*maxBatch {
		put(&s.pending)
	}
	s.mu.Unlock()
	if size < maxBatch {
		return nil
	}
	err := s.flush()
	if size >= 2*maxBatch {
		err = errors.Join(errTooMuchPending, err)
	}
	return err
}

// flush writes what is pending in one transaction. When that fails it stays pending.
func (s *StateDB) flush() error {
	s.commit.Lock()
	defer s.commit.Unlock()
	s.mu.Lock()
	b := s.pending
	s.writing, s.pending = b, newBatch()
	s.flushAt = time.Time{}
	s.mu.Unlock()
	if b.size() == 0 {
		return nil
	}
	err := s.update(func(tx *bbolt.Tx) error {
		if err := writePlaces(tx, b.places); err != nil {
			return fmt.Errorf("write resume points: %w", err)
		}
		if err := writeFiles(tx, b.files, b.volumes); err != nil {
			return fmt.Errorf("write known files: %w", err)
		}
		return nil
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writing = batch{}
	if err == nil {
		return nil
	}
	newer := s.pending // what came meanwhile holds against what failed
	s.pending = b
	maps.Copy(b.places, newer.places)
	maps.Copy(b.files, newer.files)
	maps.Copy(b.volumes, newer.volumes)
	s.flushAt = time.Time{}
	s.flushWithin(retryEvery)
	return err
}
