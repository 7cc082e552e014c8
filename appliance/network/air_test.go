package network

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/genetlink/genltest"
	"github.com/mdlayher/netlink"
)

func encoded(t *testing.T, fill func(e *netlink.AttributeEncoder)) genetlink.Message {
	t.Helper()
	e := netlink.NewAttributeEncoder()
	fill(e)
	data, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return genetlink.Message{Header: genetlink.Header{Command: 1, Version: 1}, Data: data}
}

// heard is a network in the air, as NL80211_CMD_GET_SCAN tells of it.
func heard(t *testing.T, elements string, from uint16) genetlink.Message {
	t.Helper()
	return encoded(t, func(e *netlink.AttributeEncoder) {
		e.Uint32(attrIfIndex, 3)
		e.Nested(attrBSS, func(e *netlink.AttributeEncoder) error {
			e.Uint32(2, 2437) // FREQUENCY
			e.Bytes(from, []byte(elements))
			e.Uint32(10, 120) // SEEN_MS_AGO
			return nil
		})
	})
}

// fakeAir is a radio of which the kernel tells: mode, guests, what is in the air.
func fakeAir(t *testing.T, mode uint32, guests int, air ...genetlink.Message) *Air {
	t.Helper()
	family := genetlink.Family{ID: 0x23, Version: 1, Name: nl80211Family}
	answer := func(q genetlink.Message, _ netlink.Message) ([]genetlink.Message, error) {
		switch q.Header.Command {
		case cmdGetInterface:
			return []genetlink.Message{wirelessInterface(t, "wlan0", mode), wirelessInterface(t, "wlan1", 2)}, nil
		case cmdGetWiphy:
			return []genetlink.Message{
				encoded(t, func(e *netlink.AttributeEncoder) { e.Uint32(attrWiphy, 0); e.String(2, "phy0") }),
				encoded(t, func(e *netlink.AttributeEncoder) {
					e.Uint32(attrWiphy, 0)
					e.Nested(attrWiphyBands, func(e *netlink.AttributeEncoder) error {
						e.Nested(0, func(*netlink.AttributeEncoder) error { return nil })
						e.Nested(bandFiveGHz, func(*netlink.AttributeEncoder) error { return nil })
						return nil
					})
				}),
			}, nil
		case cmdGetStation:
			return slices.Repeat([]genetlink.Message{encoded(t, func(e *netlink.AttributeEncoder) { e.Uint32(attrIfIndex, 3) })}, guests), nil
		case cmdGetScan:
			return air, nil
		}
		return nil, genltest.Error(95)
	}
	return &Air{
		sys: fstest.MapFS{
			"eth0/device/x": {}, "wlan0/device/x": {}, "wlan0/phy80211/index": {Data: []byte("0\n")}, "wlan0/operstate": {Data: []byte("up\n")},
			"ap0/phy80211/index": {Data: []byte("0\n")},
		},
		one: func(string) (net.Interface, []netip.Addr, error) {
			return net.Interface{Index: 3, HardwareAddr: net.HardwareAddr{0xdc, 0xa6, 0x32, 1, 2, 3}}, addresses("10.42.0.1"), nil
		},
		dial: func() (*genetlink.Conn, error) { return genltest.Dial(genltest.ServeFamily(family, answer)), nil },
	}
}

func TestTheAirIsLookedAt(t *testing.T) {
	host := fakeAir(t, 3, 2)
	r, err := host.Look()
	if err != nil || r.Interface != "wlan0" || r.Mode != AP || r.Guests != 2 || !r.FiveGHz || !r.Joined || r.Hardware != "dc:a6:32:01:02:03" || len(r.Addresses) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	client := fakeAir(t, 2, 0,
		heard(t, "\x00\x06School\x01\x04\x82\x84\x8b\x96", bssElements),
		heard(t, "\x01\x01\x82\x00\x04B\xc3\xbcr", bssBeaconElements),
		heard(t, "\x00\x06School", bssElements),
		heard(t, "\x00\x03\x00\x00\x00", bssElements), // hidden
		heard(t, "\x00\x20cut", bssElements),
		heard(t, "\x00", bssElements),
	)
	r, err = client.Look()
	if err != nil || r.Mode != Station || !slices.Equal(r.InAir, []string{"School", "Bür"}) {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestAMachineWithoutARadio(t *testing.T) {
	a := &Air{sys: fstest.MapFS{"eth0/device/x": {}}}
	if r, err := a.Look(); err != nil || r.Interface != "" {
		t.Errorf("%+v, %v", r, err)
	}
	deaf := fakeAir(t, 3, 0)
	deaf.dial = func() (*genetlink.Conn, error) { return nil, errors.New("refused") }
	if r, err := deaf.Look(); err == nil || r.Interface != "wlan0" || r.Mode != UnknownMode {
		t.Errorf("%+v, %v", r, err)
	}
}

// Whatever machine this is: it is read, or says why not.
func TestThisMachinesRadio(t *testing.T) {
	r, err := NewAir().Look()
	t.Logf("%+v, %v", r, err)
	if r.Interface == "" && err != nil {
		t.Errorf("no radio, and still an error: %v", err)
	}
}
