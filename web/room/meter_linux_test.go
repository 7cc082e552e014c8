package room

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"streambox.local/web/room/netnstest"
)

// watched collects what a Meter tells.
type watched struct {
	mu      sync.Mutex
	samples []Sample
}

func (w *watched) observe(links map[string]Sample) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range links {
		w.samples = append(w.samples, s)
	}
}

func (w *watched) all() []Sample {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]Sample(nil), w.samples...)
}

// needTCPInfo leaves out what an emulated kernel cannot tell: under qemu-user,
// where tests run with -short, all of TCP_INFO is zero.
func needTCPInfo(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("not run here: -short leaves out what asks the kernel for TCP_INFO")
	}
}

func runMeter(t *testing.T) (*Meter, *watched) {
	t.Helper()
	needTCPInfo(t)
	w := &watched{}
	m := NewMeter(NewHouse(Config{Now: time.Now}))
	m.observe, m.quiet = w.observe, 2*sampleEvery
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return m, w
}

// until waits for a sample of some kind, bounded.
func (w *watched) until(t *testing.T, what string, ok func(all []Sample) bool) []Sample {
	t.Helper()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		if all := w.all(); ok(all) {
			return all
		}
		select {
		case <-deadline.C:
			t.Fatalf("not in 20 s: %s; samples: %+v", what, w.all())
		case <-again.C:
		}
	}
}

// pair is a connection between two namespaces, or on loopback where both are nil.
func pair(t *testing.T, box, phones *netnstest.Namespace, at string) (server, client net.Conn) {
	t.Helper()
	in := func(n *netnstest.Namespace, f func()) {
		if n == nil {
			f()
			return
		}
		n.Do(f)
	}
	var l net.Listener
	var err error
	in(box, func() { l, err = net.Listen("tcp", at+":0") })
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	in(phones, func() { client, err = net.Dial("tcp", l.Addr().String()) })
	if err != nil {
		t.Fatal(err)
	}
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = server.Close(), client.Close() })
	return server, client
}

func drain(c net.Conn) {
	b := make([]byte, 64<<10)
	for {
		if _, err := c.Read(b); err != nil {
			return
		}
	}
}

func fill(c net.Conn) {
	b := make([]byte, 256<<10)
	for {
		if _, err := c.Write(b); err != nil {
			return
		}
	}
}

func TestTheMeterCountsWhatPhonesAcknowledge(t *testing.T) {
	m, w := runMeter(t)
	server, client := pair(t, nil, nil, "127.0.0.1")
	if _, err := server.Write(make([]byte, 100<<10)); err != nil { // the page: not a segment's bytes
		t.Fatal(err)
	}
	if _, err := client.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	go drain(client)
	c := m.Conn(server)
	w.until(t, "the page is acknowledged", func([]Sample) bool {
		k, err := m.read(c.raw)
		return err == nil && k.acked >= 100<<10
	})
	c.Fetch(phone(1), 0)
	const size = 5 << 20
	if _, err := server.Write(make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	sum := func(all []Sample) (bytes int64) {
		for _, s := range all {
			bytes += s.Bytes
			if s.Busy > s.Span || s.Backlogged > 1 {
				t.Errorf("impossible: %+v", s)
			}
		}
		return bytes
	}
	all := w.until(t, "5 MiB are counted", func(all []Sample) bool { return sum(all) >= size })
	if got := sum(all); got > size {
		t.Errorf("%d bytes counted, %d were sent", got, size)
	}
	// A connection that moves nothing is let go, and taken up again.
	w.until(t, "the connection is let go", func([]Sample) bool { return len(m.conns(nil)) == 0 })
	c.Fetch(phone(1), 0)
	if len(m.conns(nil)) != 1 {
		t.Error("the connection was not taken up again")
	}
	_ = server.Close()
	w.until(t, "a closed connection is let go", func([]Sample) bool { return len(m.conns(nil)) == 0 })
	c.Fetch(phone(1), 0) // says nothing
	var none *Conn
	none.Fetch(phone(1), 0)
	if pipe, _ := net.Pipe(); m.Conn(pipe) != nil {
		t.Error("a pipe has no kernel")
	}
}

// A phone that does not read (a paused player without its own buffer) is not
// held back by the network.
func TestAReaderThatDoesNotReadIsNoFullLink(t *testing.T) {
	m, w := runMeter(t)
	server, _ := pair(t, nil, nil, "127.0.0.1")
	m.Conn(server).Fetch(phone(1), 0)
	go fill(server)
	all := w.until(t, "ten samples", func(all []Sample) bool { return len(all) >= 10 })
	for _, s := range all[2:] {
		if s.Backlogged > 0 {
			t.Errorf("held back: %+v", s)
		}
	}
}

// Stands for a link that is full: what the kernel counts is what the link
// carries, less the headers of Ethernet, IP and TCP (66 of 1514 bytes).
func TestTheMeterFindsTheRateOfAFullLink(t *testing.T) {
	needTCPInfo(t)
	netnstest.Need(t, "ip", "tc")
	box, phones := netnstest.New(t), netnstest.New(t)
	netnstest.Cable(box, "air", "10.77.0.1/24", phones, "wlan0", "10.77.0.2/24")
	box.Run("tc qdisc add dev air root tbf rate 40mbit burst 32kb latency 100ms")
	m, w := runMeter(t)
	for n := range 4 {
		server, client := pair(t, box, phones, "10.77.0.1")
		m.Conn(server).Fetch(Viewer{Cookie: phone(n).Cookie, Addr: netip.MustParseAddr("10.77.0.2")}, 0)
		go drain(client)
		go fill(server)
	}
	now := time.Unix(0, 0)
	var c capacity
	w.until(t, "the capacity is sure", func(all []Sample) bool {
		c, now = capacity{}, time.Unix(0, 0)
		for _, s := range all {
			now = now.Add(s.Span)
			c.observe(s, 4, false, now)
		}
		return c.total >= 4
	})
	const want = 40e6 * 1448 / 1514
	if got := c.bitsPerSecond(now); got < 0.96*want || got > 1.02*want {
		t.Errorf("capacity %.2f Mbit/s, want %.2f: %+v", got/1e6, want/1e6, w.all())
	}
}
