package library

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"go.etcd.io/bbolt"
)

// Bounds of the resume points. Anybody in the room can make up viewers.
const (
	maxPlaces          = 100_000
	maxPlacesPerViewer = 2_000
	maxResumeSeconds   = 1e6
	keepPlaces         = 30 * 24 * time.Hour
)

// clockIsSet: a Pi without a battery clock starts in the past (1970, or the
// day its software was made) until somebody tells it the time. Before this
// day a clock says nothing.
const clockIsSet int64 = 1767225600 // 2026-01-01 00:00 UTC

// placeKey is whose place in what: 16 bytes of the SHA-256 of the viewer's
// cookie, then the title's id. The cookie itself is never stored.
type placeKey [32]byte

// place is where a viewer is in a title.
//
// stamp is when it was set, in Unix seconds, 0 when the clock was not set then.
// Three rules make wrong clocks harmless: while the clock is not set nothing
// expires; a place without a stamp gets today's as soon as there is one; a stamp
// in the future (the clock has gone back since) counts as now, and is not
// rewritten, because it is probably the true one. What remains: a clock that
// was behind and is put right ages the places set meanwhile by that much.
type place struct {
	seconds float64
	stamp   int64
	number  uint64 // of the write; the oldest goes first where there are too many
}

const placeBytes = 24

func newPlaceKey(viewer, id string) (k placeKey) {
	sum := sha256.Sum256([]byte(viewer))
	copy(k[:16], sum[:])
	copy(k[16:], id)
	return k
}

func (p place) bytes() []byte {
	b := make([]byte, 0, placeBytes)
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(p.seconds))
	b = binary.BigEndian.AppendUint64(b, uint64(p.stamp)) //nolint:gosec // G115: back the same way
	return binary.BigEndian.AppendUint64(b, p.number)
}

func parsePlace(b []byte) (p place, ok bool) {
	if len(b) != placeBytes {
		return place{}, false
	}
	return place{
		seconds: math.Float64frombits(binary.BigEndian.Uint64(b)),
		stamp:   int64(binary.BigEndian.Uint64(b[8:])), //nolint:gosec // G115: back the same way
		number:  binary.BigEndian.Uint64(b[16:]),
	}, true
}

// stamp is the time to note; 0 while the clock is not set.
func (s *StateDB) stamp() int64 {
	if now := s.now().Unix(); now >= clockIsSet {
		return now
	}
	return 0
}

// expired is the rule; now is 0 while the clock is not set.
func (p place) expired(now int64) bool {
	return now != 0 && p.stamp != 0 && now-p.stamp > int64(keepPlaces/time.Second)
}

// Resume returns a viewer's place in a title in seconds; viewer is the cookie's value.
func (s *StateDB) Resume(viewer, id string) (seconds float64, found bool, err error) {
	if viewer == "" || !ValidID(id) {
		return 0, false, nil
	}
	key := newPlaceKey(viewer, id)
	s.mu.Lock()
	p, found := s.pending.places[key]
	if !found {
		p, found = s.writing.places[key]
	}
	s.mu.Unlock()
	if !found {
		err = s.view(func(tx *bbolt.Tx) error {
			p, found = parsePlace(tx.Bucket(bucketResume).Get(key[:]))
			return nil
		})
		if err != nil {
			return 0, false, fmt.Errorf("read a resume point: %w", err)
		}
	}
	if !found || p.expired(s.stamp()) {
		return 0, false, nil
	}
	return p.seconds, true, nil
}

// SetResume keeps a viewer's place in a title: 0 to 1,000,000 seconds. A viewer
// has 2,000 places; the oldest makes room.
func (s *StateDB) SetResume(viewer, id string, seconds float64) error {
	if viewer == "" || !ValidID(id) {
		return fmt.Errorf("keep a resume point: %w", ErrUnknownTitle)
	}
	if !(seconds >= 0 && seconds <= maxResumeSeconds) { // also what is not a number
		return fmt.Errorf("keep a resume point: %v is no place in a film", seconds)
	}
	p := place{seconds: seconds, stamp: s.stamp()}
	return s.add(func(b *batch) {
		b.places[newPlaceKey(viewer, id)] = p
		s.flushWithin(resumeEvery)
	})
}

func writePlaces(tx *bbolt.Tx, places map[placeKey]place) error {
	resume, order := tx.Bucket(bucketResume), tx.Bucket(bucketOrder)
	viewers := map[[16]byte]bool{}
	for key, p := range places {
		if err := removePlace(resume, order, key[:]); err != nil {
			return err
		}
		number, err := resume.NextSequence()
		if err != nil {
			return err
		}
		p.number = number
		if err := resume.Put(key[:], p.bytes()); err != nil {
			return err
		}
		if err := order.Put(binary.BigEndian.AppendUint64(nil, number), key[:]); err != nil {
			return err
		}
		viewers[[16]byte(key[:16])] = true
	}
	for viewer := range viewers {
		if err := boundViewer(resume, order, viewer[:]); err != nil {
			return err
		}
	}
	return boundPlaces(resume, order)
}

func removePlace(resume, order *bbolt.Bucket, key []byte) error {
	old, ok := parsePlace(resume.Get(key))
	if !ok {
		return nil
	}
	if err := order.Delete(binary.BigEndian.AppendUint64(nil, old.number)); err != nil {
		return err
	}
	return resume.Delete(key)
}

// boundViewer removes a viewer's oldest places above the bound.
func boundViewer(resume, order *bbolt.Bucket, viewer []byte) error {
	for {
		count := 0
		var oldest []byte
		lowest := uint64(math.MaxUint64)
		c := resume.Cursor()
		for key, value := c.Seek(viewer); bytes.HasPrefix(key, viewer); key, value = c.Next() {
			count++
			if p, ok := parsePlace(value); ok && p.number < lowest {
				lowest, oldest = p.number, bytes.Clone(key)
			}
		}
		if count <= maxPlacesPerViewer || oldest == nil {
			return nil
		}
		if err := removePlace(resume, order, oldest); err != nil {
			return err
		}
	}
}

// boundPlaces removes the oldest places of all above the bound.
func boundPlaces(resume, order *bbolt.Bucket) error {
	for over := order.Stats().KeyN - maxPlaces; over > 0; over-- {
		_, key := order.Cursor().First()
		if err := removePlace(resume, order, bytes.Clone(key)); err != nil {
			return err
		}
	}
	return nil
}

// expire removes the places that are too old, and gives a stamp to those without one.
func (s *StateDB) expire() error {
	now := s.stamp()
	if now == 0 {
		return nil
	}
	var old, unstamped [][]byte
	err := s.view(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketResume).ForEach(func(key, value []byte) error {
			switch p, ok := parsePlace(value); {
			case !ok || p.expired(now):
				old = append(old, bytes.Clone(key))
			case p.stamp == 0:
				unstamped = append(unstamped, bytes.Clone(key))
			}
			return nil
		})
	})
	if err != nil || len(old)+len(unstamped) == 0 {
		return err
	}
	return s.update(func(tx *bbolt.Tx) error {
		resume, order := tx.Bucket(bucketResume), tx.Bucket(bucketOrder)
		for _, key := range old {
			if p, ok := parsePlace(resume.Get(key)); ok && !p.expired(now) {
				continue // set again meanwhile
			}
			if err := removePlace(resume, order, key); err != nil {
				return err
			}
		}
		for _, key := range unstamped {
			if p, ok := parsePlace(resume.Get(key)); ok && p.stamp == 0 {
				p.stamp = now
				if err := resume.Put(key, p.bytes()); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
