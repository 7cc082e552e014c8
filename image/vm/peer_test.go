package vm

import (
	"bytes"
	"net"
	"net/netip"
	"testing"
)

func TestUDPFrames(t *testing.T) {
	sent := datagramUDP{
		srcMAC: peerMAC(), dstMAC: net.HardwareAddr{1, 0, 0x5e, 0, 0, 0xfb},
		src: netip.MustParseAddrPort("10.77.0.2:5353"), dst: netip.MustParseAddrPort("224.0.0.251:5353"), payload: []byte("question"),
	}
	frame := sent.frame()
	got, is := parseUDP(append(frame, 0, 0, 0)) // short frames are padded on the wire
	if !is || got.src != sent.src || got.dst != sent.dst || !bytes.Equal(got.payload, sent.payload) || !bytes.Equal(got.srcMAC, sent.srcMAC) {
		t.Fatalf("read back: %+v, %v", got, is)
	}
	for _, test := range []struct {
		name   string
		change func(f []byte) []byte
	}{
		{"cut short", func(f []byte) []byte { return f[:len(f)-1] }},
		{"only a header", func(f []byte) []byte { return f[:20] }},
		{"IPv6", func(f []byte) []byte { f[12], f[13] = 0x86, 0xdd; return f }},
		{"TCP", func(f []byte) []byte { f[23] = 6; return f }},
		{"a wrong checksum", func(f []byte) []byte { f[24] ^= 1; return f }},
		{"a length of UDP beyond the packet", func(f []byte) []byte { f[38] = 0xff; return f }},
	} {
		if _, is := parseUDP(test.change(bytes.Clone(frame))); is {
			t.Errorf("%s was accepted", test.name)
		}
	}
}

// The figure is RFC 1071's own example.
func TestChecksum(t *testing.T) {
	if got := checksum([]byte{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}); got != ^uint16(0xddf2) {
		t.Errorf("%#x", got)
	}
}

func TestPeerAnswersARPAndHearsItsPorts(t *testing.T) {
	ours, guest := net.Pipe()
	p := NewPeer(ours)
	run(t, p.Run)
	port := p.Open(5353)
	defer port.Close()

	guestMAC := net.HardwareAddr{0x52, 0x54, 0, 0x12, 0x34, 0x57}
	ask := func(wanted netip.Addr) []byte {
		f := arpRequest{fromMAC: guestMAC, from: GuestAddress, wanted: wanted}.reply(guestMAC)
		f[21] = 1 // a request
		copy(f[28:32], GuestAddress.AsSlice())
		copy(f[38:42], wanted.AsSlice())
		return f
	}
	if _, err := guest.Write(ask(netip.MustParseAddr("10.77.0.9"))); err != nil { // somebody else: no answer
		t.Fatal(err)
	}
	go func() { _, _ = guest.Write(ask(PeerAddress)) }()
	buffer := make([]byte, 2000)
	n, err := guest.Read(buffer)
	if err != nil || n != 42 || buffer[21] != 2 || !bytes.Equal(buffer[22:28], peerMAC()) || !bytes.Equal(buffer[28:32], PeerAddress.AsSlice()) || !bytes.Equal(buffer[:6], guestMAC) {
		t.Fatalf("ARP answer: % x, %v", buffer[:n], err)
	}

	from := netip.AddrPortFrom(GuestAddress, 5353)
	for _, to := range []string{"10.77.0.9:5353", "10.77.0.2:53", "224.0.0.251:5353"} {
		d := datagramUDP{srcMAC: guestMAC, dstMAC: peerMAC(), src: from, dst: netip.MustParseAddrPort(to), payload: []byte("to " + to)}
		if _, err = guest.Write(d.frame()); err != nil {
			t.Fatal(err)
		}
	}
	if got, receiveErr := port.Receive(t.Context()); receiveErr != nil || string(got.Payload) != "to 224.0.0.251:5353" || got.From != from {
		t.Errorf("received %+v, %v", got, receiveErr)
	}

	go func() { _ = port.Send(netip.MustParseAddrPort("224.0.0.251:5353"), []byte("who")) }()
	n, err = guest.Read(buffer)
	d, is := parseUDP(buffer[:n])
	if err != nil || !is || d.src != netip.AddrPortFrom(PeerAddress, 5353) || string(d.payload) != "who" || !bytes.Equal(d.dstMAC, net.HardwareAddr{1, 0, 0x5e, 0, 0, 0xfb}) {
		t.Errorf("sent %+v, %v", d, err)
	}
	if err = port.Send(netip.MustParseAddrPort("10.77.0.1:80"), nil); err == nil {
		t.Error("a unicast address was accepted")
	}
}
