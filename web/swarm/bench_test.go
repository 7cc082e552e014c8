package swarm

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"
)

// crowd is many pages that play a two-hour film and say what pages say when all
// goes well. It is no model of a browser, only of the load that one makes.
type crowd struct {
	d      *Director
	random *rand.Rand
	now    time.Duration
	ids    []PeerID
	at     []time.Duration // since which the page plays, to get its playhead
	next   []int           // segment that the page wants next
}

const (
	crowdSize    = 1000
	crowdPerSec  = 2000 // messages of all pages
	crowdFilm    = 1800 // segments
	crowdHistory = 43   // segments that a phone's cache holds
)

func newCrowd(groupSize int) *crowd {
	c := &crowd{
		d:      New(Options{Policy: Policy{Mode: "on"}, Random: rand.NewPCG(1, 1)}),
		random: rand.New(rand.NewPCG(2, 2)), now: time.Hour,
	}
	for i := range crowdSize {
		id := PeerID(fmt.Sprintf("p%d", i))
		first := c.random.IntN(20)
		c.ids = append(c.ids, id)
		c.at = append(c.at, c.now-time.Duration(first)*4*time.Second)
		c.next = append(c.next, first+1)
		c.d.Join(c.now, id, Member{Name: "Guest 123", P2P: true, Viewer: fmt.Sprintf("cookie-of-128-bits-%013d", i)})
		m := Open{
			Title: fmt.Sprintf("title%d", i/groupSize), Rendition: "720p", Segments: crowdFilm, Seconds: 4,
			Have: []Span{{0, first}}, At: float64(first) * 4,
		}
		if _, err := c.d.Open(c.now, id, m); err != nil {
			panic(err)
		}
		c.now += time.Millisecond
	}
	return c
}

// say is one message of a random page: in turn a want and the have that ends it,
// now and then a candidate. The time taken is the director's with all ticks that
// are due, which web does under the same lock.
func (c *crowd) say() time.Duration {
	c.now += time.Second / crowdPerSec
	i := c.random.IntN(len(c.ids))
	id := c.ids[i]
	p := c.d.pages[id]
	playhead := c.now - c.at[i]
	began := time.Now()
	if c.d.Next() <= c.now {
		c.d.Tick(c.now)
	}
	var err error
	switch open := len(p.Wants) > 0 && p.Wants[0].State != waits; {
	case c.random.IntN(20) == 0 && len(p.pairs) > 0:
		x := p.pairs[0]
		candidate := "candidate:1 1 udp 2122260223 192.168.1.20 50000 typ host"
		_, err = c.d.Signal(c.now, id, "candidate", Signal{To: x.other(p).ID, Session: x.Session, Candidate: &candidate})
	case open:
		n := p.Wants[0].N
		m := Have{Add: []Span{{n, n}}, At: playhead.Seconds(), P2PBytes: p.P2PBytes + 1}
		if n >= crowdHistory {
			m.Drop = []Span{{n - crowdHistory, n - crowdHistory}}
		}
		_, err = c.d.Have(c.now, id, m)
	case len(p.Wants) == 0 && time.Duration(c.next[i])*4*time.Second < playhead+30*time.Second && c.next[i] < crowdFilm:
		n := c.next[i]
		c.next[i]++
		in := max(0, (time.Duration(n)*4*time.Second - playhead).Milliseconds())
		_, err = c.d.Want(c.now, id, Want{ID: uint32(n), N: n, In: int(in)}, Segment{digest, 1_500_000})
	default:
		_, err = c.d.Have(c.now, id, Have{At: playhead.Seconds()})
	}
	took := time.Since(began)
	if err != nil {
		panic(err)
	}
	return took
}

// BenchmarkDirector: 1,000 pages and 2,000 messages a second of the pages' time;
// the goal is a 99th percentile of 20 ms on one core of a Pi, and 50 KB for each viewer.
func BenchmarkDirector(b *testing.B) {
	for _, size := range []int{30, crowdSize} {
		b.Run(fmt.Sprintf("groupsOf%d", size), func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			c := newCrowd(size)
			for range 60 * crowdPerSec {
				c.say()
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			took := make([]time.Duration, 0, b.N)
			b.ResetTimer()
			for range b.N {
				took = append(took, c.say())
			}
			b.StopTimer()
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1e3, "p99-µs")
			b.ReportMetric(float64(took[len(took)-1].Nanoseconds())/1e3, "max-µs")
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/crowdSize, "bytes/viewer")
			if n := c.d.Stats().Counts; n.PeerGrants < 10*crowdSize || n.Penalties > 0 {
				b.Errorf("the crowd did not exchange segments as a crowd does: %+v", n)
			}
			runtime.KeepAlive(c)
		})
	}
}

// TestBoundedMemory: what hostile pages can make the director keep. The longest
// inventories, all wants, all in groups of two, which is the dearest way.
func TestBoundedMemory(t *testing.T) {
	const viewers = 200
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	d := New(Options{Policy: Policy{Mode: "on"}, Random: rand.NewPCG(1, 1)})
	for i := range viewers {
		id := PeerID(fmt.Sprintf("p%d", i))
		d.Join(0, id, Member{P2P: true, Viewer: fmt.Sprintf("cookie-of-128-bits-%013d", i)})
		open := Open{Title: fmt.Sprint(i / 2), Rendition: "r", Have: []Span{{0, 99_999}}}
		if _, err := d.Open(0, id, open); err != nil {
			t.Fatal(err)
		}
		for n := range 40 {
			not := []PeerID{"aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd", "eeeeeeee", "ffffffff", "gggggggg", "hhhhhhhh"}
			if _, err := d.Want(0, id, Want{N: 7 * n, In: 60_000, Not: not}, Segment{digest, 1}); err != nil {
				t.Fatal(err)
			}
			have := Have{Add: []Span{{99_000 + n, 99_000 + n}}, Drop: []Span{{99_500 + n, 99_500 + n}}}
			if _, err := d.Have(0, id, have); err != nil {
				t.Fatal(err)
			}
		}
	}
	for s := range 8 {
		d.Tick(time.Duration(s) * time.Second)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if each := (after.HeapAlloc - before.HeapAlloc) / viewers; each > 50_000 {
		t.Errorf("%d bytes for each hostile viewer", each)
	} else {
		t.Logf("%d bytes for each hostile viewer", each)
	}
	runtime.KeepAlive(d)
}
