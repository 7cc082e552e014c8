package room

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

// greedy is the n-th cookie of one phone.
func greedy(n int) Viewer {
	return Viewer{Cookie: fmt.Sprint("greedy ", n), Addr: netip.MustParseAddr("10.0.0.99")}
}

func TestOneAddressTakesHalfOfAnAccessPointsPlaces(t *testing.T) {
	c := newClocked(RoleAccessPoint, nil)
	for n := range 4 {
		c.check(t, "within its half", c.Open(greedy(n), uint64(100+n), film), true, n+1)
	}
	for n := 4; n < 8; n++ {
		c.check(t, "beyond its half", c.Open(greedy(n), uint64(100+n), film), false, 4)
	}
	for n := range 4 {
		c.check(t, "others find the other half, whoever waits before them", c.Open(phone(n), uint64(n), film), true, 5+n)
	}
	c.check(t, "then the air is full", c.Open(phone(4), 4, film), false, 8)
	c.Close(phone(0), 0)
	changes := c.pass(leaveGrace + roomMustLast + 2*time.Second)
	if len(changes) != 1 || changes[0].Cookie != phone(4).Cookie {
		t.Errorf("let in: %+v, want the phone that waits behind the greedy one", changes)
	}
	c.Close(greedy(0), 100)
	changes = c.pass(leaveGrace + roomMustLast + 2*time.Second)
	if len(changes) != 1 || changes[0].Cookie != greedy(4).Cookie {
		t.Errorf("let in: %+v, want the greedy phone's next cookie in the place of its first", changes)
	}
}

func TestWhereARouterMayHideARoomAddressesDoNotCount(t *testing.T) {
	for _, c := range []struct {
		role string
		addr string
	}{{"wired", "10.0.0.99"}, {"client", "10.0.0.99"}, {RoleAccessPoint, "127.0.0.1"}} {
		room := newClocked(c.role, nil)
		for n := range 8 {
			v := Viewer{Cookie: fmt.Sprint(n), Addr: netip.MustParseAddr(c.addr)}
			room.check(t, c.role+" "+c.addr, room.Open(v, uint64(n), film), true, n+1)
		}
	}
}
