package library

import (
	"encoding/binary"
	"fmt"
	"regexp"

	"go.etcd.io/bbolt"
)

// reserveNumbers is the size of a block.
const reserveNumbers = 256

var counterPattern = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_.-]{0,63}$`)

// reserved are numbers that the file already counts as given.
type reserved struct{ last, upTo uint64 }

// NextNumber counts up from 1, across restarts (queue order, watching order).
// Numbers are reserved in blocks, each one commit; those of a block that a
// restart cuts off are never given, so there are gaps.
func (s *StateDB) NextNumber(counter string) (uint64, error) {
	if !counterPattern.MatchString(counter) {
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
