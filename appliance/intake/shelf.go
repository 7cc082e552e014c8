package intake

import (
	"container/list"
	"sync"
	"time"
)

// Bounds of the indexes of films that are kept in memory, so that the next
// segment need not read the stick's index again.
const (
	// shelfBytes for all together; a film of two hours takes 60 to 250 KB.
	shelfBytes = 16 << 20
	// shelfIdle without a request: nobody watches it any more.
	shelfIdle = 10 * time.Minute
)

// shelf keeps the films open that are watched: the last used ones, bounded by
// their bytes, each until nobody has asked for it for a while. What leaves it is read
// again when somebody comes.
type shelf struct {
	mostBytes int64
	idle      time.Duration

	mu    sync.Mutex
	bytes int64
	films map[*packedFilm]*list.Element
	order list.List // of shelved, the least recently used one at the back
}

type shelved struct {
	film  *packedFilm
	bytes int64
	used  time.Time
}

func newShelf() *shelf {
	return &shelf{mostBytes: shelfBytes, idle: shelfIdle, films: map[*packedFilm]*list.Element{}}
}

// use notes that a film of so many bytes is read from now, and lets others go for it.
func (s *shelf) use(film *packedFilm, bytes int64, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.films[film]
	if e == nil {
		e = s.order.PushFront(&shelved{film: film})
		s.films[film] = e
	}
	s.order.MoveToFront(e)
	one := e.Value.(*shelved)
	s.bytes += bytes - one.bytes
	one.bytes, one.used = bytes, now
	for e = s.order.Back(); e != nil && s.bytes > s.mostBytes; {
		before := e.Prev()
		if e.Value.(*shelved).film != film {
			s.release(e)
		}
		e = before
	}
}

// has tells whether a film's index is in memory.
func (s *shelf) has(film *packedFilm) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.films[film] != nil
}

// sweep lets films go that nobody has asked for.
func (s *shelf) sweep(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for e := s.order.Back(); e != nil && now.Sub(e.Value.(*shelved).used) >= s.idle; {
		before := e.Prev()
		s.release(e)
		e = before
	}
}

// drop forgets a film that is not served any more.
func (s *shelf) drop(film *packedFilm) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.films[film]; e != nil {
		s.forget(e)
	}
}

// release closes a film, unless it is being opened or its sound is being made.
// Holds mu.
func (s *shelf) release(e *list.Element) {
	if e.Value.(*shelved).film.release() {
		s.forget(e)
	}
}

func (s *shelf) forget(e *list.Element) {
	one := s.order.Remove(e).(*shelved)
	delete(s.films, one.film)
	s.bytes -= one.bytes
}

// release lets the film's index go, which is read again when somebody comes.
// False: not now.
func (p *packedFilm) release() bool {
	if p.await != nil && p.lazy == nil { // its sound is here alone, until it is whole
		return false
	}
	select {
	case p.turn <- struct{}{}:
		p.source = nil
		<-p.turn
		return true
	default:
		return false
	}
}
