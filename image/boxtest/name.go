package boxtest

import (
	"net/netip"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// Resolve asks for a host name as a phone on the cable does (RFC 6762, section
// 5.1: from an ordinary port, or here from 5353), and returns the addresses of the first answer.
func Resolve(t *testing.T, g *Guest, name string) []netip.Addr {
	t.Helper()
	const mdnsPort = 5353
	port := g.Peer.Open(mdnsPort)
	defer port.Close()
	question := new(dns.Msg)
	question.SetQuestion(name+".", dns.TypeA)
	question.Id, question.RecursionDesired = 0, false
	packed, err := question.Pack()
	Must(t, err)
	ctx := Within(t, StepWait)
	again := time.NewTicker(time.Second) // a question may be lost; a phone repeats it too
	defer again.Stop()
	answers := make(chan []netip.Addr, 1)
	go func() {
		for {
			got, err := port.Receive(ctx)
			if err != nil {
				return
			}
			if found := addresses(got.Payload, name); len(found) > 0 {
				answers <- found
				return
			}
		}
	}()
	for {
		Must(t, port.Send(netip.AddrPortFrom(netip.MustParseAddr("224.0.0.251"), mdnsPort), packed))
		select {
		case found := <-answers:
			return found
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("nobody on the cable answers for %s", name)
		}
	}
}

// addresses are what a message answers for the name.
func addresses(message []byte, name string) []netip.Addr {
	var m dns.Msg
	if m.Unpack(message) != nil || !m.Response {
		return nil
	}
	var all []netip.Addr
	for _, record := range m.Answer {
		if a, is := record.(*dns.A); is && dns.CanonicalName(a.Hdr.Name) == name+"." {
			if ip, ok := netip.AddrFromSlice(a.A); ok {
				all = append(all, ip.Unmap())
			}
		}
	}
	return all
}
