package web

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"
)

// presenceFixture is a Presence with a clock that tests turn.
type presenceFixture struct {
	*Presence
	t    *testing.T
	time time.Time
	rose []string
}

func newPresenceFixture(t *testing.T) *presenceFixture {
	t.Helper()
	f := &presenceFixture{t: t, time: time.Unix(1000, 0)}
	f.Presence = NewPresence(func(id string) { f.rose = append(f.rose, id) })
	f.setClock(func() time.Time { return f.time })
	return f
}

func (f *presenceFixture) expect(what string, counts map[string]int) {
	f.t.Helper()
	sum := 0
	for _, id := range []string{"a", "b", "c"} {
		if got := f.Opened(id); got != counts[id] {
			f.t.Errorf("%s: %d have %s open, want %d", what, got, id, counts[id])
		}
		sum += counts[id]
	}
	equal(f.t, what+": viewers", f.Viewers(), sum)
}

func TestPresence(t *testing.T) {
	t.Parallel()
	phone, laptop := netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("10.0.0.3")
	f := newPresenceFixture(t)
	f.open("ada", phone, 1, "")
	f.expect("the library counts nowhere", nil)
	f.open("ada", phone, 1, "a")
	f.expect("opened", map[string]int{"a": 1})
	f.open("ada", phone, 1, "a")
	f.open("ada", phone, 2, "a")
	f.expect("the same in two tabs is one viewer", map[string]int{"a": 1})
	f.open("ada", phone, 2, "b")
	f.expect("the title opened last", map[string]int{"b": 1})
	f.open("bob", laptop, 3, "b")
	f.expect("two viewers", map[string]int{"b": 2})
	f.open("ada", phone, 2, "")
	f.expect("left one: the other tab still shows its title", map[string]int{"a": 1, "b": 1})
	f.gone("ada", 1)
	f.expect("a lost connection may come back", map[string]int{"a": 1, "b": 1})
	f.time = f.time.Add(reloadGrace - time.Millisecond)
	f.open("ada", phone, 4, "a")
	f.time = f.time.Add(time.Second)
	f.expect("it came back", map[string]int{"a": 1, "b": 1})
	f.gone("ada", 4)
	f.gone("ada", 2)
	f.time = f.time.Add(reloadGrace)
	f.expect("it did not come back", map[string]int{"b": 1})
	if !slices.Equal(f.rose, []string{"a", "b", "b", "a"}) {
		t.Errorf("told of %q", f.rose)
	}
	changed := f.takeChanged()
	slices.Sort(changed)
	if !slices.Equal(changed, []string{"a", "b"}) || len(f.takeChanged()) != 0 {
		t.Errorf("changed %q", changed)
	}
}

func TestPlayersWithoutAWebSocket(t *testing.T) {
	t.Parallel()
	phone, tv := netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("10.0.0.9")
	f := newPresenceFixture(t)
	equal(t, "tell the library", f.touch("", tv, "a", false), true)
	equal(t, "not each time", f.touch("", tv, "a", false), false)
	f.expect("a television set", map[string]int{"a": 1})
	f.time = f.time.Add(httpWatching - time.Second)
	f.touch("", tv, "a", false)
	f.time = f.time.Add(httpWatching - time.Second)
	f.expect("as long as it asks", map[string]int{"a": 1})
	equal(t, "tell the library again", f.touch("", tv, "b", false), true)
	f.expect("it changed the film", map[string]int{"b": 1})
	f.time = f.time.Add(httpWatching)
	f.expect("switched off", nil)

	f.open("ada", phone, 1, "a")
	f.touch("ada", phone, "a", false)
	f.touch("", phone, "a", false)
	f.expect("the player of a connected page is no second viewer", map[string]int{"a": 1})
	f.open("ada", phone, 1, "")
	f.touch("ada", phone, "a", false)
	f.expect("a last request after leaving is no viewer", nil)
	f.touch("bob", phone, "c", false)
	f.expect("another cookie from the same address is", map[string]int{"c": 1})
}

func TestPresenceIsBounded(t *testing.T) {
	t.Parallel()
	f := newPresenceFixture(t)
	for n := range 3 * maxViewers {
		f.touch(fmt.Sprint("viewer ", n), netip.MustParseAddr("10.0.0.2"), "a", false)
	}
	equal(t, "counted", f.Opened("a"), maxViewers)
	f.time = f.time.Add(time.Hour)
	equal(t, "gone", f.Opened("a"), 0)
	equal(t, "forgotten", len(f.viewers), 0)
}

func TestPresenceBesideItself(t *testing.T) {
	t.Parallel()
	var p *Presence
	p = NewPresence(func(id string) { p.Opened(id) }) // what intake does
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			viewer := fmt.Sprint("viewer ", n)
			for i := range 200 {
				p.open(viewer, netip.Addr{}, tabKey(n+1), []string{"a", "b", ""}[i%3])
				p.touch("", netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), "c", false)
				p.takeChanged()
			}
			p.open(viewer, netip.Addr{}, tabKey(n+1), "a")
		})
	}
	all.Wait()
	equal(t, "in the end", p.Opened("a"), 8)
}

func TestWhoCannotPlayATitle(t *testing.T) {
	t.Parallel()
	phone, laptop := netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("10.0.0.3")
	f := newPresenceFixture(t)
	f.open("ada", phone, 1, "a")
	f.open("bob", laptop, 2, "a")
	equal(t, "opened, and nobody has said a word", f.Cannot("a"), 0)
	f.show("ada", phone, 1, "a", true)
	f.show("ada", phone, 1, "a", true)
	equal(t, "one cannot", f.Cannot("a"), 1)
	if !slices.Equal(f.rose, []string{"a", "a", "a"}) { // two who opened it, and the news that one cannot, once
		t.Errorf("told of %q", f.rose)
	}
	f.show("ada", phone, 1, "a", false)
	equal(t, "what is ready by now it can", f.Cannot("a"), 0)
	f.show("ada", phone, 1, "a", true)
	f.open("ada", phone, 1, "b")
	equal(t, "it has gone elsewhere", f.Cannot("a"), 0)
	f.show("bob", laptop, 2, "", true)
	equal(t, "the library plays nothing", f.Cannot(""), 0)
}
