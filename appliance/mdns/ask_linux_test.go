package mdns

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/miekg/dns"

	"streambox.local/web/room/netnstest"
)

func needPackets(tb testing.TB) {
	tb.Helper()
	if testing.Short() {
		tb.Skip("not run here: -short leaves out what starts other programs")
	}
	netnstest.Need(tb, "ip")
}

// room is a box's namespace and a phone's, joined by a cable.
func room(tb testing.TB) (here, there *netnstest.Namespace) {
	tb.Helper()
	here, there = netnstest.New(tb), netnstest.New(tb)
	netnstest.Cable(here, "eth0", "10.78.0.1/24", there, "wlan0", "10.78.0.2/24")
	for n, link := range map[*netnstest.Namespace]string{here: "eth0", there: "wlan0"} {
		last := map[string]string{"eth0": "1", "wlan0": "2"}[link]
		n.Run("ip addr add fd78::"+last+"/64 dev "+link+" nodad", "ip addr add 2001:db8:78::"+last+"/64 dev "+link+" nodad",
			"ip route add default dev "+link)
	}
	return here, there
}

// ask is a one-shot query of a program that knows nothing of multicast DNS: any
// port, the answer to it alone.
func ask(n *netnstest.Namespace, name string, kind uint16, wait time.Duration) (*dns.Msg, error) {
	var answer *dns.Msg
	var err error
	n.Do(func() { answer, err = askHere(netip.IPv4Unspecified(), name, kind, wait) })
	return answer, err
}

func askHere(self netip.Addr, name string, kind uint16, wait time.Duration) (*dns.Msg, error) {
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(self, 0)))
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	question := new(dns.Msg)
	question.SetQuestion(name, kind)
	packed, err := question.Pack()
	if err != nil {
		return nil, err
	}
	group := net.UDPAddrFromAddrPort(netip.AddrPortFrom(groupOf(v4), mdnsPort))
	if err = errors.Join(conn.SetReadDeadline(time.Now().Add(wait)), writeTo(conn, packed, group)); err != nil {
		return nil, err
	}
	buffer := make([]byte, maxPacket)
	count, err := conn.Read(buffer)
	if err != nil {
		return nil, err
	}
	answer := new(dns.Msg)
	if err = answer.Unpack(buffer[:count]); err != nil {
		return nil, err
	}
	if answer.Id != question.Id || len(answer.Question) != 1 || answer.Question[0] != question.Question[0] {
		return nil, fmt.Errorf("an answer to something else: %v", answer)
	}
	return answer, nil
}

func writeTo(conn *net.UDPConn, b []byte, to *net.UDPAddr) error {
	_, err := conn.WriteTo(b, to)
	return err
}

// stands is nil when a one-shot query finds the name at exactly these addresses.
func stands(n *netnstest.Namespace, name string, kind uint16, want ...string) error {
	answer, err := ask(n, name, kind, time.Second)
	if err != nil {
		return err
	}
	var got []string
	for _, rr := range answer.Answer {
		if a := addressOf(rr); a.IsValid() && rr.Header().Ttl == legacyTTL && rr.Header().Class == dns.ClassINET {
			got = append(got, a.String())
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		return fmt.Errorf("%s stands for %v, want %v: %v", name, got, want, answer)
	}
	return nil
}
