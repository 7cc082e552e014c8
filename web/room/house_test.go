package room

import (
	"fmt"
	"net/netip"
	"syscall"
	"testing"
	"time"
)

var (
	cable = Link{Name: "eth0", Role: "wired"}
	air   = Link{Name: "wlan0", Role: "client"}
)

func over(link Link, n int) Viewer {
	return Viewer{Cookie: fmt.Sprint(link.Name, n), Addr: netip.AddrFrom4([4]byte{10, byte(len(link.Name)), 0, byte(n)}), Link: link}
}

// Stands for a class on the cable and two slow phones on the box's other link.
func TestTwoSlowPhonesOnAnotherLinkDoNotMakeThisOneFull(t *testing.T) {
	now := time.Unix(1000, 0)
	h := NewHouse(Config{Now: func() time.Time { return now }, Role: "wired"})
	const film = 4e6 // bit/s
	admitted := func(link Link, n int) bool { return h.Open(over(link, n), uint64(n), film).Admitted }
	for n := range 6 {
		if !admitted(cable, n) {
			t.Fatalf("phone %d on the cable is refused", n)
		}
	}
	for n := range 2 {
		if !admitted(air, n) {
			t.Fatalf("phone %d on the air is refused", n)
		}
	}
	for i := range 100 { // 20 s in which the air carries 6 Mbit/s, and the cable what it is asked for
		now = now.Add(sampleEvery)
		span := sampleEvery.Seconds()
		h.observe(map[string]Sample{
			"eth0":  {Span: sampleEvery, Bytes: int64(6 * film / 8 * span), Busy: sampleEvery / 10},
			"wlan0": {Span: sampleEvery, Bytes: int64(6e6 / 8 * span), Busy: sampleEvery, Backlogged: 2},
		})
		if i%5 == 4 {
			h.Tick()
		}
	}
	if !admitted(cable, 6) {
		t.Error("a seventh phone on the cable is refused")
	}
	if admitted(air, 2) {
		t.Error("a third phone on air for one and a half is let in")
	}
	if s := h.State(); s.Role != "wired" || s.Taken != 9 || s.Waiting != 1 || s.Places != 0 {
		t.Errorf("state %+v", s)
	}
	// Who waits on the air is let in there, and the change says where.
	for n := range 2 {
		h.Close(over(air, n), uint64(n))
	}
	var in []Change
	for range 20 {
		now = now.Add(time.Second)
		in = append(in, h.Tick()...)
	}
	if len(in) != 1 || in[0].Cookie != "wlan02" || in[0].Link != "wlan0" || !in[0].Verdict.Admitted {
		t.Errorf("changes %+v", in)
	}
}

func TestTheHouseSumsUpTheLinksInUse(t *testing.T) {
	now := time.Unix(1000, 0)
	h := NewHouse(Config{Now: func() time.Time { return now }, Role: RoleAccessPoint})
	if s := h.State(); s.Places != accessPointPlaces || s.Role != RoleAccessPoint {
		t.Errorf("nobody has come: %+v", s)
	}
	hotspot := Link{Name: "wlan0", Role: RoleAccessPoint}
	h.Open(over(hotspot, 1), 1, 0)
	if s := h.State(); s.Places != accessPointPlaces || s.Taken != 1 {
		t.Errorf("one on the hotspot: %+v", s)
	}
	h.Open(over(cable, 1), 1, 0)
	if s := h.State(); s.Places != 0 || s.Taken != 2 {
		t.Errorf("one on the cable too, of which no end is known: %+v", s)
	}
	h.Spared(0.5, true)
	if here, there := h.of(hotspot).spared, h.of(cable).spared; here != 0 || there != 0.5 {
		t.Errorf("spared on the hotspot %v, on the cable %v", here, there)
	}
	h.Admit(over(Link{Name: "wlan0", Role: "client"}, 1), 0)
	if role := h.of(hotspot).role; role != "client" {
		t.Errorf("the link has become a client's, its room is %s", role)
	}
	h.Close(over(hotspot, 1), 1)
	h.Close(over(cable, 1), 1)
	now = now.Add(time.Minute) // Admit's grace, too
	h.Tick()
	if len(h.rooms) != 1 {
		t.Errorf("%d rooms, and nobody is there", len(h.rooms))
	}
}

type noSocket struct {
	syscall.RawConn
	backlogged bool
}

func TestTheMeterKeepsLinksApart(t *testing.T) {
	m := NewMeter(NewHouse(Config{Now: time.Now}))
	passed := time.Duration(0)
	m.read = func(raw syscall.RawConn) (counters, error) {
		c := counters{acked: uint64(passed / time.Millisecond), busy: passed, pending: true}
		if raw.(*noSocket).backlogged {
			c.unsent = 1000
		}
		return c, nil
	}
	for n, link := range []Link{cable, cable, air, air, air} {
		(&Conn{meter: m, raw: &noSocket{backlogged: link == air}}).Fetch(over(link, n), 0)
	}
	passed = sampleEvery
	got := m.sample(m.conns(nil), map[Viewer]struct{}{}, time.Now(), sampleEvery)
	want := map[string]Sample{
		"eth0":  {Span: sampleEvery, Bytes: 400, Busy: sampleEvery},
		"wlan0": {Span: sampleEvery, Bytes: 600, Busy: sampleEvery, Backlogged: 3},
	}
	if len(got) != 2 || got["eth0"] != want["eth0"] || got["wlan0"] != want["wlan0"] {
		t.Errorf("samples %+v", got)
	}
}
