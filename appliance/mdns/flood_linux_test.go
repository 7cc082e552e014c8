package mdns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"streambox.local/web/room/netnstest"
)

// One machine asks 10,000 times a second. A phone beside it finds the box all
// the same, and soon nothing is said to all any more.
func TestAFloodOfRealQuestions(t *testing.T) {
	needPackets(t)
	t.Parallel() // mostly it waits
	here, there := room(t)
	there.Run("ip addr add 10.78.0.3/24 dev wlan0")
	b := box(t, here)
	b.says("NAME streambox")
	phone := netip.MustParseAddr("10.78.0.3")
	asked := func(name string, kind uint16) func() error {
		return func() (err error) {
			there.Do(func() { _, err = askHere(phone, name, kind, time.Second) })
			return err
		}
	}
	eventually(t, "before the flood the service is found", asked("_http._tcp.local.", dns.TypePTR))

	ctx, stop := context.WithCancel(t.Context())
	answers := listen(ctx, t, there)
	var sent atomic.Int64
	var group sync.WaitGroup
	conn := socket(t, there, "10.78.0.2")
	group.Go(func() { flood(ctx, t, conn, &sent) })
	b.says("Somebody floods the network")
	eventually(t, "nothing is said to all any more", func() error {
		before := answers.Load()
		pause(t, 500*time.Millisecond)
		if n := answers.Load() - before; n > 0 {
			return fmt.Errorf("%d answers in half a second", n)
		}
		return nil
	})
	began, before, from := time.Now(), worked(t, b), sent.Load()
	for range 3 {
		eventually(t, "the name is found in the flood", asked("streambox.local.", dns.TypeA))
		eventually(t, "the service is found in the flood", asked("_http._tcp.local.", dns.TypePTR))
	}
	for sent.Load() < from+10_000 {
		pause(t, 10*time.Millisecond)
	}
	took := time.Since(began).Seconds()
	t.Logf("%.0f questions a second, %.1f %% of a core", float64(sent.Load()-from)/took, (worked(t, b)-before)/took)
	stop()
	group.Wait()
}

func pause(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-t.Context().Done():
	case <-time.After(d):
	}
}

// socket is the port of multicast DNS on a machine, as its resolver has it.
func socket(t *testing.T, n *netnstest.Namespace, self string) (conn net.PacketConn) {
	t.Helper()
	var err error
	n.Do(func() {
		conn, err = (&net.ListenConfig{Control: shareable}).ListenPacket(t.Context(), "udp4", self+":5353")
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// flood asks for web pages a hundred times each hundredth of a second.
func flood(ctx context.Context, t *testing.T, conn net.PacketConn, sent *atomic.Int64) {
	t.Helper()
	question, err := asks(dns.TypePTR, dns.ClassINET, "_http._tcp.local.").Pack()
	if err != nil {
		t.Error(err)
		return
	}
	group := net.UDPAddrFromAddrPort(netip.AddrPortFrom(groupOf(v4), mdnsPort))
	often := time.NewTicker(10 * time.Millisecond)
	defer often.Stop()
	for {
		for range 100 {
			if _, err := conn.WriteTo(question, group); err == nil {
				sent.Add(1)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-often.C:
		}
	}
}

// listen counts what the group hears of the service.
func listen(ctx context.Context, t *testing.T, n *netnstest.Namespace) *atomic.Int64 {
	t.Helper()
	var heard atomic.Int64
	var conn *net.UDPConn
	var err error
	n.Do(func() {
		var wlan *net.Interface
		if wlan, err = net.InterfaceByName("wlan0"); err == nil {
			conn, err = net.ListenMulticastUDP("udp4", wlan, net.UDPAddrFromAddrPort(netip.AddrPortFrom(groupOf(v4), mdnsPort)))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	context.AfterFunc(ctx, func() { _ = conn.Close() })
	go func() {
		buffer := make([]byte, maxPacket)
		for {
			n, err := conn.Read(buffer)
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil || n < headerBytes || buffer[2]&0x80 == 0 { // the flood itself is heard, too
				continue
			}
			if msg, err := parse(buffer[:n]); err == nil && len(msg.Answer) > 0 && msg.Answer[0].Header().Rrtype == dns.TypePTR {
				heard.Add(1)
			}
		}
	}()
	return &heard
}

// worked is the processor time of a program, in hundredths of a second.
func worked(t *testing.T, p *process) float64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	var user, system float64
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		t.Fatal(err)
	}
	return user + system
}
