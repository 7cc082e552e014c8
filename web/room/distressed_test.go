package room

import (
	"testing"
	"time"
)

func TestTheHouseIsDistressedWhenSegmentsComeLateOverOneLink(t *testing.T) {
	now := time.Unix(1000, 0)
	h := NewHouse(Config{Now: func() time.Time { return now }, Role: "wired"})
	h.Open(over(cable, 1), 1, 4e6)
	h.Open(over(air, 1), 1, 4e6)
	pass := func(d time.Duration) {
		now = now.Add(d)
		h.Tick()
	}
	pass(startTime + time.Second)
	if h.Distressed() {
		t.Error("nobody has said that anything is late")
	}
	h.Late(over(air, 1))
	pass(time.Second)
	if !h.Distressed() {
		t.Error("a viewer's segment is late")
	}
	pass(2 * lateWithin)
	if h.Distressed() {
		t.Error("it was late long ago")
	}
}
