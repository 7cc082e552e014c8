package intake

import (
	"context"
	"testing"
	"time"

	"streambox.local/transcode/packager"
)

func shelvedFilm() *packedFilm {
	return &packedFilm{turn: make(chan struct{}, 1), source: &packager.Source{}}
}

func TestShelf(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := newShelf()
	s.mostBytes = 1000
	var films []*packedFilm
	for range 6 {
		films = append(films, shelvedFilm())
	}
	films[1].await = func(context.Context, *packager.Title, string) {} // its sound is being made
	films[2].turn <- struct{}{}                                        // it is being opened
	for i, film := range films[:5] {
		s.use(film, 200, now.Add(time.Duration(i)*time.Second))
	}
	s.use(films[0], 250, now.Add(5*time.Second))
	open := func() (list string) {
		for i, film := range films {
			if film.source != nil {
				list += string(rune('0' + i))
			}
		}
		return list
	}
	if s.bytes != 850 || open() != "01245" {
		t.Errorf("the least recently used one that may go is not closed: %d bytes, open are %s", s.bytes, open())
	}
	s.use(films[5], 5000, now.Add(6*time.Second))
	if open() != "125" {
		t.Errorf("a film that alone is too large: open are %s", open())
	}
	s.drop(films[5])
	<-films[2].turn
	s.sweep(now.Add(shelfIdle + time.Second))
	if open() != "125" || len(s.films) != 2 {
		t.Errorf("before its time: open are %s, %d on the shelf", open(), len(s.films))
	}
	s.sweep(now.Add(shelfIdle + 2*time.Second))
	if open() != "15" || len(s.films) != 1 || s.bytes != 200 || s.order.Len() != 1 {
		t.Errorf("after its time: open are %s, %d on the shelf with %d bytes", open(), len(s.films), s.bytes)
	}
}
