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
	if y.calm(at(1)) || !y.waiting(at(1)) {
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
	if !y.answered("b", true) || y.hurries("b") || y.waiting(at(12.9)) {
		t.Error("not woken when the film is seen")
	}
	if !y.calm(at(13)) {
		t.Error("the film is seen, and nothing begins")
	}
	y.hurry("c", at(14))
	if y.calm(at(23)) || !y.calm(at(24)) {
		t.Error("a film that never plays keeps work back for another time than 10 s")
	}
	if !y.waiting(at(24)) {
		t.Error("who was kept back never looks again")
	}
	if y.waiting(at(24)) {
		t.Error("nothing is kept back, and workers look again every second")
	}
}

func TestAFilmThatNobodyComesToSeeHoldsNobodyBack(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var y yield
	y.hurry("a", now)
	y.hurry("a", now.Add(9*time.Second))
	calmed := y.calmed
	y.waiting(now.Add(9 * time.Second))
	select {
	case <-calmed:
		t.Error("its time is over before 10 s")
	default:
	}
	y.waiting(now.Add(10 * time.Second)) // a tick: no worker has anything to begin
	select {
	case <-calmed:
	default:
		t.Error("reads wait for it though its 10 s are over")
	}
	if y.hurries("a") {
		t.Error("opened again it is waited for longer")
	}
}

// One page goes to and fro between two films, neither of which comes.
func TestFilmsOpenedOneAfterAnotherDoNotHoldForEver(t *testing.T) {
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var y yield
	calm, calledOff := 0, 0
	w := &work{cancel: func(error) { calledOff++ }}
	for second := range 200 {
		now := began.Add(time.Duration(second) * time.Second)
		y.hurry([]string{"a", "b"}[second%2], now)
		if y.calm(now) {
			calm++
			before := calledOff
			y.givesWay(w, "c")
			y.hurry("d", now)
			if calledOff != before {
				t.Fatalf("what begins after %d s is called off at once", second)
			}
			y.over(w)
		}
	}
	if calm != 50 {
		t.Errorf("work may begin in %d of 200 seconds, want a quarter", calm)
	}
}
