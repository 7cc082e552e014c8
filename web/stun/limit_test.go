package stun

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"
)

func allowed(l *limiter, addr string, now time.Time, tries int) int {
	n := 0
	for range tries {
		if l.allow(netip.MustParseAddr(addr), now) {
			n++
		}
	}
	return n
}

func TestASourceHasABurstAndThenARate(t *testing.T) {
	now := time.Unix(0, 0)
	l := newLimiter(now)
	if got := allowed(l, "192.0.2.1", now, 500); got != atOnce {
		t.Errorf("%d answers at once, want %v", got, atOnce)
	}
	if got := allowed(l, "192.0.2.2", now, 1); got != 1 {
		t.Error("another source pays for the first one's flood")
	}
	if got := allowed(l, "192.0.2.1", now.Add(time.Second), 500); got != perSource {
		t.Errorf("%d answers a second later, want %v", got, perSource)
	}
	if got := allowed(l, "192.0.2.1", now.Add(time.Hour), 500); got != atOnce {
		t.Errorf("%d answers an hour later, want %v", got, atOnce)
	}
}

func TestAllAddressesOfAnIPv6NetworkAreOneSource(t *testing.T) {
	now := time.Unix(0, 0)
	l := newLimiter(now)
	got := 0
	for i := range 300 {
		a := netip.MustParseAddr("fd00::").As16()
		binary.BigEndian.PutUint32(a[12:], uint32(i))
		if l.allow(netip.AddrFrom16(a), now) {
			got++
		}
	}
	if got != atOnce {
		t.Errorf("%d answers, want %v", got, atOnce)
	}
}

func TestForgedSourcesFillNeitherMemoryNorTheLink(t *testing.T) {
	now := time.Unix(0, 0)
	l := newLimiter(now)
	answers := 0
	for i := range 100_000 {
		if l.allow(netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, uint32(i)|10<<24))), now) {
			answers++
		}
	}
	if answers > allSources || len(l.sources) > maxSources {
		t.Errorf("%d answers, %d sources remembered", answers, len(l.sources))
	}
	if l.allow(netip.MustParseAddr("192.0.2.1"), now.Add(time.Second)) {
		t.Error("a new source has room in a full table while its sources may still be at it")
	}
	if !l.allow(netip.MustParseAddr("192.0.2.1"), now.Add(fullAfter+time.Second)) {
		t.Error("a new source has no room after the flood")
	}
}
