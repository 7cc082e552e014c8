package room

import (
	"math"
	"testing"
	"time"
)

const film = 3e6 // bit/s

// The promise of the package: nine fit, the tenth waits, and takes the place
// of the first who leaves.
func TestTheTenthOfNineWaitsAndIsLetIn(t *testing.T) {
	l := newLink(t, "wired", 9.6*film)
	for range 9 {
		l.join(film)
		l.run(2 * time.Second)
	}
	l.want("watching", l.admitted(), 9)
	tenth := l.join(film)
	l.want("the tenth has a place", tenth.admitted, false)
	l.want("what it is told", l.room.Verdict(tenth.viewer), Verdict{Watching: 9, Places: 9})
	l.run(5 * time.Minute)
	l.want("watching", l.admitted(), 9)
	l.want("the tenth has a place", tenth.admitted, false)
	l.leave(l.players[3])
	l.run(leaveGrace + roomMustLast + 3*time.Second)
	l.want("the tenth has a place", tenth.admitted, true)
	l.run(10 * time.Minute)
	l.want("watching", l.admitted(), 9)
	l.noStalls()
}

func TestWhenAllComeAtOnceTheLastIsPutBackBeforeItPlays(t *testing.T) {
	l := newLink(t, "wired", 9.6*film)
	for range 10 {
		l.join(film)
	}
	l.want("watching while nothing is known", l.admitted(), 10)
	l.run(trialTime)
	l.want("watching", l.admitted(), 9)
	l.want("the last one has a place", l.players[9].admitted, false)
	l.run(10 * time.Minute)
	l.want("watching", l.admitted(), 9)
	l.want("changes", l.changes, 1)
	l.noStalls()
}

func TestAFastBoxRefusesNobody(t *testing.T) {
	for _, role := range []string{"wired", "client"} {
		l := newLink(t, role, 900e6)
		for range 80 {
			l.want("admitted", l.join(film).admitted, true)
			l.run(300 * time.Millisecond)
		}
		l.run(2 * time.Minute)
		for _, p := range l.players {
			if p.refused {
				t.Fatalf("%s: a phone was refused: %+v", role, l.room.State())
			}
		}
	}
}

func TestAnAccessPointHasEightPlacesUntilItIsMeasured(t *testing.T) {
	l := newLink(t, RoleAccessPoint, 60*film)
	l.want("places of an empty room", l.room.State().Places, 8)
	// Seen by nobody (no TCP_INFO, or all came before a segment was asked for).
	for range 8 {
		l.want("admitted", l.room.Open(Viewer{Cookie: string(rune('a' + l.room.State().Taken))}, 1, film).Admitted, true)
	}
	l.want("the ninth has a place", l.join(film).admitted, false)

	measured := newLink(t, RoleAccessPoint, 60*film)
	for range 20 {
		measured.join(film)
		measured.run(3 * time.Second)
	}
	measured.run(time.Minute)
	measured.want("watching a fast access point", measured.admitted(), 20)

	slow := newLink(t, RoleAccessPoint, 4.5*film)
	for range 6 {
		slow.join(film)
		slow.run(3 * time.Second)
	}
	slow.run(time.Minute)
	slow.want("watching a slow access point", slow.admitted(), 4)
	slow.noStalls()
}

// A microwave oven is switched off; the phones come nearer.
func TestCapacityGrowsAgain(t *testing.T) {
	l := newLink(t, "client", 0)
	l.rate = func(s float64) float64 {
		if s < 60 {
			return 4.5 * film
		}
		return 20 * film
	}
	for range 8 {
		l.join(film)
		l.run(2 * time.Second)
	}
	l.want("watching at first", l.admitted(), 4)
	l.run(2 * time.Minute)
	l.want("watching later", l.admitted(), 8)
	l.noStalls()
}

func TestCapacityShrinksAndNobodyWhoPlaysIsSentAway(t *testing.T) {
	l := newLink(t, "client", 0)
	l.rate = func(s float64) float64 {
		if s < 60 {
			return 12 * film
		}
		return 6 * film
	}
	for range 9 {
		l.join(film)
		l.run(2 * time.Second)
	}
	l.run(time.Minute)
	l.want("watching", l.admitted(), 9)
	l.run(time.Minute)
	l.want("a newcomer has a place", l.join(film).admitted, false)
	l.want("still watching", l.admitted(), 9)
	for n := range 5 {
		l.want("the newcomer has a place", l.players[9].admitted, false)
		l.leave(l.players[n])
		l.run(30 * time.Second)
	}
	l.want("the newcomer has a place when four are left", l.players[9].admitted, true)
}

// A phone at the far end of another access point takes all the time for its
// segments: its own trouble, not the room's.
func TestOneFarPhoneDoesNotCloseTheRoom(t *testing.T) {
	l := newLink(t, "wired", 300e6)
	l.join(film).path = film / 2
	for range 15 {
		l.run(5 * time.Second)
		l.want("admitted", l.join(film).admitted, true)
	}
	l.run(time.Minute)
	l.want("watching", l.admitted(), 16)
}

// Each phone is held back by a path of its own: more phones, more bytes.
func TestSlowPathsAreNoFullRoom(t *testing.T) {
	l := newLink(t, "wired", 900e6)
	for range 12 {
		p := l.join(film)
		p.path = 2 * film
		l.run(3 * time.Second)
		l.want("admitted", p.admitted, true)
	}
}

// Sockets show nothing when the stick is slow, or where there is no TCP_INFO;
// what pages tell does.
func TestLateSegmentsCloseTheRoom(t *testing.T) {
	for _, blind := range []bool{false, true} {
		l := newLink(t, "wired", 9.5*film)
		l.blind, l.stick = blind, true
		for range 12 {
			l.join(film)
		}
		l.run(10 * time.Minute)
		late := l.join(film)
		l.want("a newcomer to a room of late segments has a place", late.admitted, false)
		l.want("those who play have theirs", l.admitted(), 12)
		for n := range 8 {
			l.leave(l.players[n])
		}
		l.run(time.Minute)
		l.want("the newcomer has a place when four are left", late.admitted, true)
	}
}

func TestAirThatChangesDoesNotMakeTheRoomFlap(t *testing.T) {
	l := newLink(t, "client", 0)
	l.rate = func(s float64) float64 { return film * (10.1 + 1.5*math.Sin(s/7) + l.random.Float64() - 0.5) }
	for range 14 {
		l.join(film)
		l.run(time.Second)
	}
	l.run(2 * time.Minute)
	before := l.admitted()
	l.changes = 0
	for _, p := range l.players { // with thin buffers the first minute is rough
		p.stalls = 0
	}
	l.run(20 * time.Minute)
	if n := l.admitted(); n < 9 || n > 11 || l.changes > 1 {
		t.Errorf("%d watching (%d before), %d changes in twenty minutes: %+v", n, before, l.changes, l.room.State())
	}
	l.noStalls()
}

func TestWhatIsNotMeasuredForTenMinutesIsForgotten(t *testing.T) {
	l := newLink(t, "wired", 4.5*film)
	for range 4 {
		l.join(film)
		l.run(2 * time.Second)
	}
	l.want("the fifth has a place", l.join(film).admitted, false)
	for _, p := range l.players {
		l.leave(p)
	}
	l.run(forgetAfter + time.Minute)
	l.want("places", l.room.State().Places, 0)
	for range 6 {
		l.want("admitted", l.join(film).admitted, true)
	}
}

func TestWhatPeersSpareIsRoom(t *testing.T) {
	l := newLink(t, "wired", 4.5*film)
	for range 4 {
		l.join(film)
		l.run(2 * time.Second)
	}
	fifth := l.join(film)
	l.want("the fifth has a place", fifth.admitted, false)
	l.room.Spared(0.5)
	l.run(10 * time.Second)
	l.want("the fifth has a place when half is spared", fifth.admitted, true)
	l.room.Spared(1)
	l.run(time.Second)
	if p := l.room.State().Places; p < 10 || p > 60 {
		t.Errorf("%d places when all is spared", p)
	}
}

func TestTheOrderOfArrivalIsKept(t *testing.T) {
	l := newLink(t, "wired", 4.5*film)
	for range 4 {
		l.join(film)
		l.run(2 * time.Second)
	}
	big, small := l.join(2*film), l.join(film)
	l.leave(l.players[0])
	l.run(30 * time.Second)
	l.want("the one of two places goes before", big.admitted || small.admitted, false)
	l.leave(l.players[1])
	l.run(30 * time.Second)
	l.want("the first has a place", big.admitted, true)
	l.want("the second has a place", small.admitted, false)
	l.leave(big)
	l.run(30 * time.Second)
	l.want("the second has a place at last", small.admitted, true)
}
