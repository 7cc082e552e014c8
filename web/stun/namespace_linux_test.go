package stun

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Stands for a box with a cable and a hotspot: two links, an address of each
// family on both.
func TestABoxWithTwoLinksAnswersFromTheAddressThatWasAsked(t *testing.T) {
	inNamespace(t, func() {
		for _, command := range []string{
			"link set lo up",
			"link add name cable type veth peer name switch", "link add name hotspot type veth peer name phone",
			"link set switch up", "link set phone up",
			"addr add 192.0.2.1/24 brd + dev cable", "addr add 198.51.100.1/24 brd + dev hotspot",
			"-6 addr add fd00:1::1/64 dev cable nodad", "-6 addr add fd00:2::1/64 dev hotspot nodad",
			"link set cable up", "link set hotspot up",
		} {
			ip(t, command)
		}
		// The kernel takes an IPv6 address as its own a moment after the link is up.
		localRoute(t, "fd00:1::1")
		localRoute(t, "fd00:2::1")
		r := running(t, Config{})
		if r.Port() != 3478 {
			t.Errorf("port %d of an empty namespace, want 3478", r.Port())
		}
		for _, tt := range []struct{ from, to string }{
			{"192.0.2.1", "198.51.100.1"},
			{"198.51.100.1", "192.0.2.1"},
			{"127.0.0.1", "127.0.0.9"},
			{"fd00:1::1", "fd00:2::1"},
			{"fd00:2::1", "fd00:1::1"},
		} {
			dial(t, tt.from, tt.to, r.Port()).mapped(request())
		}
		broadcastIsIgnored(t, r.Port())
	})
}

// localRoute waits until an address is this namespace's own, bounded.
func localRoute(t *testing.T, addr string) {
	t.Helper()
	deadline := time.NewTimer(10 * time.Second)
	defer deadline.Stop()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		out, err := exec.Command("ip", "-6", "route", "get", addr).CombinedOutput()
		if err == nil && strings.HasPrefix(string(out), "local") {
			return
		}
		select {
		case <-deadline.C:
			t.Errorf("%s is not an address of ours after 10 s: %v %s", addr, err, out)
			return
		case <-again.C:
		}
	}
}

func broadcastIsIgnored(t *testing.T, port uint16) {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(192, 0, 2, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	// One reader answers in order: the first answer must be that of the last request.
	broadcast, last := edited(request(), 10, 0xbb), request()
	for _, p := range []struct {
		to     net.IP
		packet []byte
	}{{net.IPv4(192, 0, 2, 255), broadcast}, {net.IPv4bcast, broadcast}, {net.IPv4(192, 0, 2, 1), last}} {
		if _, err = c.WriteToUDP(p.packet, &net.UDPAddr{IP: p.to, Port: int(port)}); err != nil {
			t.Fatal(err)
		}
	}
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	b := make([]byte, 100)
	n, _, err := c.ReadFromUDP(b)
	if err != nil {
		t.Fatal("the request after the broadcasts got no answer:", err)
	}
	if !bytes.Equal(b[4:20], last[4:20]) || n != 32 {
		t.Error("a broadcast was answered")
	}
}

// inNamespace runs f on a thread in a network namespace of its own. The thread
// ends with f, and the namespace with its last socket.
func inNamespace(t *testing.T, f func()) {
	t.Helper()
	if os.Getuid() != 0 {
		notRunHere(t, "root (sudo go test ./web/stun)")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		notRunHere(t, "ip (apt-get install iproute2)")
	}
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked
		defer close(done)
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			done <- err
			return
		}
		f()
	}()
	if err := <-done; err != nil {
		notRunHere(t, "a network namespace of its own: "+err.Error())
	}
}

func ip(t *testing.T, command string) {
	t.Helper()
	if out, err := exec.Command("ip", strings.Fields(command)...).CombinedOutput(); err != nil {
		t.Errorf("ip %s: %v: %s", command, err, out)
	}
}

func notRunHere(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("STREAMBOX_STRICT") == "1" {
		t.Fatal("missing: " + what)
	}
	t.Skip("not run here: missing " + what)
}
