package mdns

import (
	"net/netip"
	"testing"
	"time"
)

func sender(n int) netip.Addr { return netip.AddrFrom4([4]byte{192, 168, byte(n >> 8), byte(n)}) }

// One sends ten thousand packets a second, and forty phones ask as phones do.
func TestAFloodOfOneTakesNothingFromTheOthers(t *testing.T) {
	const seconds, flood, phones = 10, 10_000, 40
	s := newSources(midnight)
	flooded, asked, heard := 0, 0, 0
	for i := range seconds * flood {
		now := midnight.Add(time.Duration(i) * time.Second / flood)
		if s.admit(now, sender(0)) {
			flooded++
		}
		if i%(flood/phones/5) == 0 { // five questions a second of each phone
			asked++
			if s.admit(now, sender(1+asked%phones)) {
				heard++
			}
		}
	}
	if heard != asked || asked != seconds*phones*5 {
		t.Errorf("of %d packets of the phones %d were looked into", asked, heard)
	}
	if most := (seconds + 1) * sourceRate; flooded > most || flooded < most/2 {
		t.Errorf("of the flood %d were looked into", flooded)
	}
}

func TestSendersWithoutNumberAreBounded(t *testing.T) {
	s := newSources(midnight)
	taken := 0
	for i := range 100_000 { // in ten seconds, each of another address
		if s.admit(midnight.Add(time.Duration(i)*100*time.Microsecond), sender(i)) {
			taken++
		}
		if len(s.each) > mostSource {
			t.Fatalf("%d senders are counted", len(s.each))
		}
	}
	if taken > 11*parseRate {
		t.Errorf("%d packets were looked into in ten seconds", taken)
	}
	// When they have gone, a phone has a place of its own again.
	later := midnight.Add(time.Minute)
	for range sourceRate {
		if !s.admit(later, sender(70_000)) {
			t.Fatal("a phone is not heard after the flood")
		}
	}
	if s.admit(later, sender(70_000)) {
		t.Error("one sender has more than its share")
	}
}
