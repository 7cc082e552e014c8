package intake

import (
	"testing"
	"time"
)

func TestYield(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(s float64) time.Time { return now.Add(time.Duration(s * float64(time.Second))) }
	var y yield
	if !y.calm(at(0)) {
		t.Error("nobody is there, and nothing begins")
	}
	y.answer()
	if y.calm(at(1)) || !y.waiting() {
		t.Error("work begins while a segment is made")
	}
	if !y.calm(at(2)) {
		t.Error("a stream of requests keeps work back for ever")
	}
	if y.calm(at(2.5)) {
		t.Error("once it was let begin, all of it begins")
	}
	y.answer()
	if y.answered("a", false) {
		t.Error("woken while another request is being answered")
	}
	y.hurry("b", at(3))
	if y.answered("a", true) || !y.hurries("b") || y.hurries("a") {
		t.Error("woken while somebody waits for a film")
	}
	if y.calm(at(12.9)) {
		t.Error("work begins while somebody waits for a film")
	}
	y.answer()
	if !y.answered("b", true) || y.hurries("b") || y.waiting() {
		t.Error("not woken when the film is seen")
	}
	if !y.calm(at(13)) {
		t.Error("the film is seen, and nothing begins")
	}
	y.hurry("c", at(14))
	if y.calm(at(23)) || !y.calm(at(24)) {
		t.Error("a film that never plays keeps work back for another time than 10 s")
	}
	if !y.waiting() {
		t.Error("who was kept back never looks again")
	}
	if y.waiting() {
		t.Error("nothing is kept back, and workers look again every second")
	}
}
