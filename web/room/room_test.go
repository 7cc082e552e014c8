package room

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
)

// clocked is a room with a clock of the test's.
type clocked struct {
	*Room
	now time.Time
}

func newClocked(role string, log *slog.Logger) *clocked {
	c := &clocked{now: time.Unix(1e9, 0)}
	c.Room = New(Config{Now: func() time.Time { return c.now }, Role: role, Log: log})
	return c
}

func (c *clocked) pass(d time.Duration) []Change {
	var all []Change
	for end := c.now.Add(d); c.now.Before(end); {
		c.now = c.now.Add(time.Second)
		all = append(all, c.Tick()...)
	}
	return all
}

func phone(n int) Viewer {
	return Viewer{Cookie: fmt.Sprint("cookie ", n), Addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(n)})}
}

func (c *clocked) check(t *testing.T, what string, got Verdict, admitted bool, watching int) {
	t.Helper()
	if got.Admitted != admitted || got.Watching != watching {
		t.Errorf("%s: %+v, want admitted %v of %d", what, got, admitted, watching)
	}
}

// full is an access point with its eight places taken.
func full(t *testing.T) *clocked {
	t.Helper()
	c := newClocked(RoleAccessPoint, nil)
	for n := range accessPointPlaces {
		c.check(t, "one of the first", c.Open(phone(n), uint64(n), film), true, n+1)
	}
	return c
}

func TestAPlaceIsKeptWhilePagesShowTheTitleAndALittleLonger(t *testing.T) {
	c := full(t)
	c.check(t, "the ninth", c.Open(phone(9), 9, film), false, 8)
	c.Open(phone(0), 100, film) // a second tab
	c.Close(phone(0), 0)
	c.Close(phone(0), 0) // once more says nothing
	c.pass(time.Hour)
	c.check(t, "with one tab left", c.Verdict(phone(0)), true, 8)

	c.Close(phone(0), 100)
	c.pass(leaveGrace - time.Second)
	c.check(t, "a reload keeps the place", c.Open(phone(0), 101, film), true, 8)
	c.pass(time.Hour)
	c.check(t, "reloaded", c.Verdict(phone(0)), true, 8)

	c.Close(phone(0), 101)
	changes := c.pass(leaveGrace + roomMustLast + time.Second)
	want := []Change{{Cookie: phone(9).Cookie, Verdict: Verdict{Admitted: true, Watching: 8, Places: 8}}}
	if !reflect.DeepEqual(changes, want) {
		t.Errorf("changes %+v, want %+v", changes, want)
	}
	c.check(t, "back too late", c.Open(phone(0), 102, film), false, 8)
}

func TestPlayersWithoutPageKeepTheirPlaceByRequests(t *testing.T) {
	c := full(t)
	c.Close(phone(7), 7)
	c.pass(leaveGrace + time.Second)
	vlc := Viewer{Addr: netip.MustParseAddr("10.0.0.77")}
	for range 10 {
		c.check(t, "VLC", c.Admit(vlc, film), true, 8)
		c.pass(playerGrace - time.Second)
	}
	other := Viewer{Addr: netip.MustParseAddr("10.0.0.78")}
	c.check(t, "another VLC", c.Admit(other, film), false, 8)
	c.pass(2 * time.Second) // VLC has stopped
	c.check(t, "another VLC asks again, room has to last", c.Admit(other, film), false, 7)
	if changes := c.pass(roomMustLast + time.Second); len(changes) != 1 || changes[0].Cookie != "" {
		t.Errorf("changes %+v", changes)
	}
	c.check(t, "another VLC", c.Admit(other, film), true, 8)
}

// A phone's own player may ask without the page's cookie.
func TestAPlayerAtAPagesAddressIsThatPage(t *testing.T) {
	c := full(t)
	c.check(t, "no cookie, address of a page", c.Admit(Viewer{Addr: phone(3).Addr}, film), true, 8)
	c.check(t, "no cookie, other address", c.Admit(Viewer{Addr: netip.MustParseAddr("10.0.0.99")}, film), false, 8)
	c.check(t, "other cookie, same address (a router between)", c.Admit(Viewer{Cookie: "x", Addr: phone(3).Addr}, film), false, 8)
	c.check(t, "nobody knows it", c.Verdict(Viewer{Cookie: "y"}), false, 8)
}

func TestWhoWaitsAndGoesLosesItsTurn(t *testing.T) {
	c := full(t)
	c.Open(phone(20), 20, film)
	c.Open(phone(21), 21, film)
	c.Admit(phone(22), film) // without page: asks every few seconds
	c.Close(phone(20), 20)
	c.Close(phone(0), 0)
	c.Close(phone(1), 1)
	c.pass(20 * time.Second)
	c.check(t, "went", c.Verdict(phone(20)), false, 8)
	c.check(t, "stayed", c.Verdict(phone(21)), true, 8)
	c.check(t, "without page", c.Verdict(phone(22)), true, 8)
	c.pass(playerGrace)
	c.check(t, "did not ask again", c.Verdict(phone(22)), false, 7)
	if s := c.State(); s.Waiting != 0 || s.Taken != 7 || s.Places != 8 {
		t.Errorf("%+v", s)
	}
}

func TestNewcomersDoNotOvertake(t *testing.T) {
	c := full(t)
	c.Open(phone(20), 20, film)
	c.Close(phone(0), 0)
	c.pass(leaveGrace) // there is room now, and it must last
	c.check(t, "came later", c.Open(phone(21), 21, film), false, 7)
	c.pass(roomMustLast + time.Second)
	c.check(t, "came first", c.Verdict(phone(20)), true, 8)
	c.check(t, "came later", c.Verdict(phone(21)), false, 8)
}

func TestAnotherRoleBeginsAnew(t *testing.T) {
	var log bytes.Buffer
	c := newClocked(RoleAccessPoint, slog.New(slog.NewTextHandler(&log, nil)))
	for n := range 12 {
		c.Open(phone(n), uint64(n), film)
	}
	c.check(t, "the last", c.Verdict(phone(11)), false, 8)
	c.SetRole("wired")
	if changes := c.pass(time.Second); len(changes) != 4 {
		t.Errorf("a cable has no limit that is known: %+v", changes)
	}
	c.check(t, "the last", c.Verdict(phone(11)), true, 12)
	if s := c.State(); s.Places != 0 || s.Role != "wired" {
		t.Errorf("%+v", s)
	}
	c.SetRole(RoleAccessPoint)
	c.pass(time.Minute)
	c.check(t, "who plays keeps its place", c.Verdict(phone(11)), true, 12)
	for line, want := range map[string]int{"The air is full": 1, "There is room for all": 1} {
		if got := strings.Count(log.String(), line); got != want {
			t.Errorf("%q %d times, want %d:\n%s", line, got, want, &log)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	c := newClocked(RoleAccessPoint, nil)
	for n := range 100_000 {
		c.Admit(Viewer{Cookie: fmt.Sprint(n), Addr: netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})}, film)
	}
	if len(c.viewers) > maxViewers || len(c.byAddr) > maxViewers || len(c.waiting) > maxViewers {
		t.Errorf("%d viewers, %d addresses, %d waiting", len(c.viewers), len(c.byAddr), len(c.waiting))
	}
	c.pass(playerGrace + time.Second)
	if len(c.viewers)+len(c.byAddr)+len(c.waiting) > 0 {
		t.Errorf("%d viewers, %d addresses, %d waiting are left", len(c.viewers), len(c.byAddr), len(c.waiting))
	}
}

func TestAFewLateSegmentsAreNotTheRoomsMatter(t *testing.T) {
	c := newClocked("wired", nil)
	for n := range 12 {
		c.Open(phone(n), uint64(n), film)
	}
	late := func(viewers ...int) State {
		for range 20 {
			for _, n := range viewers {
				c.Late(phone(n))
			}
			c.pass(time.Second)
		}
		return c.State()
	}
	c.pass(time.Second)
	for n := range 12 { // the first seconds of a film
		c.Late(phone(n))
	}
	c.pass(startTime)
	if s := late(0, 1); s.Places != 0 {
		t.Errorf("two of twelve closed the room: %+v", s)
	}
	if s := late(0, 1, 2); s.Places != 12 {
		t.Errorf("three of twelve: %+v, want 12 places", s)
	}
}

func BenchmarkAdmit(b *testing.B) {
	c := newClocked(RoleAccessPoint, nil)
	for n := range 100 {
		c.Open(phone(n), uint64(n), film)
	}
	v := phone(3)
	b.ReportAllocs()
	for b.Loop() {
		c.Admit(v, film)
	}
}
