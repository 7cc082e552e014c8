package stun

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"
)

// running starts a responder at a free port and ends it with the test.
func running(t *testing.T, cfg Config) *Responder {
	t.Helper()
	r := New(cfg)
	ctx, cancel := context.WithCancel(t.Context())
	conns, err := r.listen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- r.serve(ctx, conns) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the responder ended with %v", err)
		}
	})
	return r
}

// client is a socket that takes packets only from the address it asks, as a browser does.
type client struct {
	t *testing.T
	*net.UDPConn
}

func dial(t *testing.T, from, to string, port uint16) client {
	t.Helper()
	server := net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(to), port))
	c, err := net.DialUDP("udp", &net.UDPAddr{IP: net.ParseIP(from)}, server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return client{t, c}
}

func (c client) ask(packet []byte) []byte {
	c.t.Helper()
	if _, err := c.Write(packet); err != nil {
		c.t.Fatal(err)
	}
	return c.answer()
}

// answer is the next packet; a test that waits for 10 s has found a fault.
func (c client) answer() []byte {
	c.t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	b := make([]byte, 2000)
	n, err := c.Read(b)
	if err != nil {
		c.t.Fatalf("no answer: %v", err)
	}
	return b[:n]
}

func (c client) mapped(packet []byte) {
	c.t.Helper()
	local := c.LocalAddr().(*net.UDPAddr).AddrPort()
	if got, want := c.ask(packet), appendAnswer(nil, packet, local); !bytes.Equal(got, want) {
		c.t.Errorf("%v asked %v: answer %x, want %x", local, c.RemoteAddr(), got, want)
	}
}

func TestAnswersComeFromTheAddressThatWasAsked(t *testing.T) {
	r := running(t, Config{Ports: []uint16{0}})
	for _, tt := range []struct{ from, to string }{
		{"127.0.0.1", "127.0.0.1"}, {"127.0.0.1", "127.0.0.2"}, {"127.0.0.3", "127.0.0.2"},
	} {
		dial(t, tt.from, tt.to, r.Port()).mapped(request())
	}
	if six, err := net.ListenPacket("udp6", "[::1]:0"); err == nil {
		_ = six.Close()
		dial(t, "::1", "::1", r.Port()).mapped(request())
	}
}

// What is not answered is told by what comes next: packets on loopback keep
// their order, so that the first answer must be that of the request after it.
func TestOtherPacketsGetNoAnswer(t *testing.T) {
	r := running(t, Config{Ports: []uint16{0}})
	c := dial(t, "127.0.0.1", "127.0.0.1", r.Port())
	last := unhex(t, sampleRequest)
	for _, junk := range [][]byte{
		{},
		{0},
		[]byte("GET / HTTP/1.1\r\n\r\n"), edited(request(), 0, 1), edited(request(), 3, 200),
		request(attribute(0x0003, 0, 0, 0, 6)), make([]byte, 1400), bytes.Repeat([]byte{0xff}, 9000),
		append(request(), make([]byte, 4000)...), edited(last, len(last)-1, 0),
	} {
		if _, err := c.Write(junk); err != nil {
			t.Fatal(err)
		}
	}
	c.mapped(last)
}

func TestAFloodIsAnsweredUpToTheLimit(t *testing.T) {
	r := running(t, Config{Ports: []uint16{0}})
	flood := dial(t, "127.0.0.5", "127.0.0.1", r.Port())
	for range int(atOnce) {
		flood.ask(request())
	}
	// One by one, so that none is lost in a full buffer. Beyond the burst
	// answers come at the rate of the limit, if at all; another source is served.
	for range 50 {
		if _, err := flood.Write(request()); err != nil {
			t.Fatal(err)
		}
	}
	dial(t, "127.0.0.6", "127.0.0.1", r.Port()).mapped(request())
}

func TestATakenPortLeadsToTheNext(t *testing.T) {
	taken := running(t, Config{Ports: []uint16{0}})
	free := running(t, Config{Ports: []uint16{0}}).Port()
	// A port that was free a moment ago may be taken by another program; then the last one is.
	r := running(t, Config{Ports: []uint16{taken.Port(), free, 0}})
	if r.Port() == taken.Port() || r.Port() == free || r.Port() == 0 {
		t.Errorf("port %d, those taken are %d and %d", r.Port(), taken.Port(), free)
	}
	dial(t, "127.0.0.1", "127.0.0.1", r.Port()).mapped(request())
}

func TestRunWithoutAPortWaitsAndEndsWithItsContext(t *testing.T) {
	taken := running(t, Config{Ports: []uint16{0}})
	r := New(Config{Ports: []uint16{taken.Port()}})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if r.Port() != 0 || r.URL(netip.MustParseAddr("192.0.2.1")) != "" {
		t.Error("a port is told, and none was got")
	}
}

func TestTheURLIsOfAnAddressThatPhonesCanUse(t *testing.T) {
	r := New(Config{})
	r.port.Store(3479)
	for addr, want := range map[string]string{
		"192.168.1.5": "stun:192.168.1.5:3479", "::ffff:192.168.1.5": "stun:192.168.1.5:3479",
		"169.254.3.4": "stun:169.254.3.4:3479", "fd00::5": "stun:[fd00::5]:3479", "127.0.0.1": "stun:127.0.0.1:3479",
		"fe80::1": "", "fe80::1%eth0": "", "0.0.0.0": "", "224.0.0.251": "",
	} {
		if got := r.URL(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %q, want %q", addr, got, want)
		}
	}
	if got := r.URL(netip.Addr{}); got != "" {
		t.Errorf("no address: %q", got)
	}
}

// A box that was told to listen at one address is not found at the others.
func TestOneAddressOnly(t *testing.T) {
	r := running(t, Config{Ports: []uint16{0}, Listen: netip.MustParseAddr("127.0.0.1")})
	sound := request()
	if answer := dial(t, "127.0.0.1", "127.0.0.1", r.Port()).ask(sound); len(answer) == 0 {
		t.Error("no answer at its own address")
	}
	other := dial(t, "127.0.0.2", "127.0.0.2", r.Port())
	_, _ = other.Write(sound) // nobody is there: this write or the read says so
	_ = other.SetReadDeadline(time.Now().Add(10 * time.Second))
	if n, err := other.Read(make([]byte, 64)); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("at another address: %d bytes, %v; want that nobody listens", n, err)
	}
	if conns, err := r.listen(t.Context()); err != nil || len(conns) != 1 {
		t.Errorf("%d sockets, %v; want one", len(conns), err)
	}
}
