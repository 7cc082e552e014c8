package library

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"regexp"

	"go.etcd.io/bbolt"
)

// Bounds of settings and counters. The names are the program's own.
const (
	maxSettingBytes = 64 << 10
	reserveNumbers  = 256
)

var statePattern = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_.-]{0,63}$`)

// reserved are numbers that the file already counts as given.
type reserved struct{ last, upTo uint64 }

// NextNumber counts up from 1, across restarts (queue order, watching order).
// Numbers are reserved in blocks, each one commit; those of a block that a
// restart cuts off are never given, so there are gaps.
func (s *StateDB) NextNumber(counter string) (uint64, error) {
	if !statePattern.MatchString(counter) {
		return 0, fmt.Errorf("count: %q is no name of a counter", counter)
	}
	s.commit.Lock()
	defer s.commit.Unlock()
	r := s.counters[counter]
	if r == nil {
		r = &reserved{}
	}
	if r.last == r.upTo {
		var last uint64
		err := s.update(func(tx *bbolt.Tx) error {
			b := tx.Bucket(bucketCounters)
			if value := b.Get([]byte(counter)); len(value) == 8 {
				last = binary.BigEndian.Uint64(value)
			}
			return b.Put([]byte(counter), binary.BigEndian.AppendUint64(nil, last+reserveNumbers))
		})
		if err != nil {
			return 0, fmt.Errorf("count %s: %w", counter, err)
		}
		r = &reserved{last: last, upTo: last + reserveNumbers}
		s.counters[counter] = r
	}
	r.last++
	return r.last, nil
}

// Setting returns a named small value.
func (s *StateDB) Setting(name string) (value []byte, found bool, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		stored := tx.Bucket(bucketSettings).Get([]byte(name))
		value, found = bytes.Clone(stored), stored != nil // bbolt's slice is valid inside only
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("read setting %q: %w", name, err)
	}
	return value, found, nil
}

// SetSetting keeps a value of at most 64 KiB under a name; nil removes it.
func (s *StateDB) SetSetting(name string, value []byte) error {
	if !statePattern.MatchString(name) || len(value) > maxSettingBytes {
		return fmt.Errorf("keep setting %q of %d bytes: not a name, or too large", name, len(value))
	}
	err := s.update(func(tx *bbolt.Tx) error {
		if value == nil {
			return tx.Bucket(bucketSettings).Delete([]byte(name))
		}
		return tx.Bucket(bucketSettings).Put([]byte(name), value)
	})
	if err != nil {
		return fmt.Errorf("keep setting %q: %w", name, err)
	}
	return nil
}
