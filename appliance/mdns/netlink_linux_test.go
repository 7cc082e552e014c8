package mdns

import (
	"context"
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// attributes in the kernel's form.
func attributes(t *testing.T, fill func(*netlink.AttributeEncoder)) []byte {
	t.Helper()
	e := netlink.NewAttributeEncoder()
	fill(e)
	b, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func linkMessage(t *testing.T, index, flags uint32, name string) netlink.Message {
	t.Helper()
	b := make([]byte, linkHeader)
	binary.NativeEndian.PutUint32(b[4:], index)
	binary.NativeEndian.PutUint32(b[8:], flags)
	return netlink.Message{Data: append(b, attributes(t, func(e *netlink.AttributeEncoder) {
		e.String(unix.IFLA_IFNAME, name)
		e.Uint32(unix.IFLA_MTU, 1500)
	})...)}
}

func addressMessage(t *testing.T, index uint32, prefix string, flags uint32, remote string) netlink.Message {
	t.Helper()
	p := netip.MustParsePrefix(prefix)
	b := make([]byte, addressHeader)
	b[0], b[1], b[2] = unix.AF_INET, byte(p.Bits()), byte(flags)
	if p.Addr().Is6() {
		b[0] = unix.AF_INET6
	}
	binary.NativeEndian.PutUint32(b[4:], index)
	return netlink.Message{Data: append(b, attributes(t, func(e *netlink.AttributeEncoder) {
		switch {
		case remote != "":
			e.Bytes(unix.IFA_ADDRESS, netip.MustParseAddr(remote).AsSlice())
			e.Bytes(unix.IFA_LOCAL, p.Addr().AsSlice())
		case p.Addr().Is4():
			e.Bytes(unix.IFA_ADDRESS, p.Addr().AsSlice())
			e.Bytes(unix.IFA_LOCAL, p.Addr().AsSlice())
		default:
			e.Bytes(unix.IFA_ADDRESS, p.Addr().AsSlice())
		}
		e.Uint32(unix.IFA_FLAGS, flags)
	})...)}
}

func TestTheKernelsLinksAndAddresses(t *testing.T) {
	const up = unix.IFF_UP | unix.IFF_RUNNING | unix.IFF_MULTICAST
	got, err := readDump([]netlink.Message{
		linkMessage(t, 1, up|unix.IFF_LOOPBACK, "lo"),
		linkMessage(t, 2, up, "eth0"),
		linkMessage(t, 3, unix.IFF_UP|unix.IFF_MULTICAST, "wlan0"), // no carrier
		linkMessage(t, 4, up|unix.IFF_POINTOPOINT, "ppp0"),
	}, []netlink.Message{
		addressMessage(t, 1, "127.0.0.1/8", unix.IFA_F_PERMANENT, ""),
		addressMessage(t, 2, "192.168.0.1/24", unix.IFA_F_SECONDARY, ""), // of IPv4: a second one of its network, and as good
		addressMessage(t, 2, "fd00::1/64", unix.IFA_F_MANAGETEMPADDR, ""),
		addressMessage(t, 2, "fd00::2/64", unix.IFA_F_TEMPORARY, ""),
		addressMessage(t, 2, "fd00::3/64", unix.IFA_F_TENTATIVE, ""),
		addressMessage(t, 2, "fd00::4/64", unix.IFA_F_DEPRECATED, ""),
		addressMessage(t, 2, "10.0.0.1/32", 0, "10.0.0.2"), // the other end is not ours
		addressMessage(t, 9, "10.9.0.1/24", 0, ""),         // gone meanwhile
	})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, i := range got {
		if i.running {
			names = append(names, i.name)
		}
	}
	if !slices.Equal(names, []string{"eth0"}) {
		t.Errorf("running: %q", names)
	}
	want := []address{
		{netip.MustParsePrefix("192.168.0.1/24"), false},
		{netip.MustParsePrefix("fd00::1/64"), false},
		{netip.MustParsePrefix("fd00::2/64"), true},
		{netip.MustParsePrefix("fd00::3/64"), true},
		{netip.MustParsePrefix("fd00::4/64"), true},
		{netip.MustParsePrefix("10.0.0.1/32"), false},
	}
	if !slices.Equal(got[1].addresses, want) {
		t.Errorf("eth0 has %v", got[1].addresses)
	}
	for _, cut := range [][]byte{nil, make([]byte, 7), append(make([]byte, linkHeader), 200, 0, 5, 0, 3)} {
		if _, err := readDump([]netlink.Message{{Data: cut}}, nil); err == nil {
			t.Errorf("a link of %d bytes was read", len(cut))
		}
		if _, err := readDump(nil, []netlink.Message{{Data: cut}}); err == nil && len(cut) < linkHeader {
			t.Errorf("an address of %d bytes was read", len(cut))
		}
	}
}

// Whatever machine the tests run on, both ways of asking agree on what is running.
func TestThisMachineAsBothWaysSeeIt(t *testing.T) {
	if testing.Short() {
		t.Skip("not run here: -short leaves out what asks the kernel by rtnetlink, which qemu-user translates in part")
	}
	_, list, stop, err := subscribe(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	byNetlink, err := list()
	if err != nil {
		t.Fatal(err)
	}
	byGo, err := interfaces()
	if err != nil {
		t.Fatal(err)
	}
	running := func(all []iface) (names []string) {
		for _, i := range all {
			if i.running {
				names = append(names, i.name)
			}
		}
		slices.Sort(names)
		return names
	}
	if a, b := running(byNetlink), running(byGo); !slices.Equal(a, b) {
		t.Errorf("%q and %q", a, b)
	}
}
